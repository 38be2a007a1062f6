//! Posts to the webhook of each provider.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use password_reset_testkit::sample;
use password_reset_whatsapp::{Authentication, Event, Gateway, Meta, Provider, ReceiveContext, Twilio, WebhookRequest};

const SECRET: &str = "4f1c9a77d2be4c0d9e61f3a85b27c6e0";
const SERVICE: &str = "+6281100000000";

static PROVIDERS: LazyLock<Vec<Box<dyn Provider>>> = LazyLock::new(|| {
    let header = || Authentication::header("x-token", SECRET).unwrap();
    vec![
        Box::new(Meta::new(SECRET, SECRET, "106540352242922", "102290129340398").unwrap()),
        Box::new(Twilio::new(SECRET, "AC0123456789abcdef0123456789abcdef", "https://toko.example/webhook").unwrap()),
        Box::new(Gateway::waha(SECRET).unwrap()),
        Box::new(Gateway::gowa(SECRET).unwrap()),
        Box::new(Gateway::fonnte(SECRET).unwrap()),
        Box::new(Gateway::wablas(header())),
        Box::new(Gateway::qontak(header(), "7f3c1f9e-0000-4000-8000-000000000001")),
    ]
});

/// Header lines or a query, an empty line, and the body. Without the secret in it a post authenticates by a signature alone, which serves no
/// other body. Whatever it is, its events are read.
pub(crate) fn check(bytes: &[u8]) {
    let (head, body) = split(bytes);
    let mut headers = HeaderMap::new();
    let mut query = None;
    for line in String::from_utf8_lossy(head).lines() {
        let Some((name, value)) = line.split_once(": ") else {
            query = Some(line.to_owned());
            continue;
        };
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    let has_secret = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    let request = WebhookRequest::new(&headers, query.as_deref(), body);
    let context = ReceiveContext::new(Some(SERVICE), sample::noon());
    for provider in PROVIDERS.iter() {
        if !has_secret && provider.authenticates(&request) {
            let other = [body, b"x"].concat();
            let forged = WebhookRequest::new(&headers, query.as_deref(), &other);
            assert!(!provider.authenticates(&forged), "{provider:?} took the signature of another body");
        }
        drop(provider.handshake(query.as_deref().unwrap_or_default()));
        for event in provider.events(&request, &context) {
            if let Event::Text(message) = event {
                assert!(message.text.len() <= bytes.len().saturating_mul(3), "a text longer than its post");
            }
        }
    }
}

pub(crate) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.windows(2).position(|window| window == b"\n\n").unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end.saturating_add(2)..).unwrap_or_default())
}
