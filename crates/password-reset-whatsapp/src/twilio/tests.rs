use chrono::DateTime;
use http::{HeaderMap, HeaderValue};
use password_reset::ResetId;
use password_reset::inbound::Assurance;

use super::Twilio;
use crate::provider::{Event, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest};
use crate::sent::MessageOf;

const TOKEN: &str = "only-the-tests-sign-with-this-01";
const ACCOUNT: &str = "AC0000000000000000000000000000000a";
const URL: &str = "https://toko.example/webhooks/twilio";
const BODY: &str = "MessageSid=SM0000000000000000000000000000000a&AccountSid=AC0000000000000000000000000000000a\
    &From=whatsapp%3A%2B6281200000001&To=whatsapp%3A%2B6281100000000&Body=kodeK7MX2Q&WaId=6281200000001\
    &ProfileName=Budi&NumMedia=0&MessageType=text&SmsStatus=received";

fn twilio() -> Twilio {
    Twilio::new(TOKEN, ACCOUNT, URL).unwrap()
}

fn mac(data: &str) -> String {
    use base64::Engine;
    use hmac::{Hmac, KeyInit, Mac};
    let mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap().chain_update(data).finalize();
    base64::engine::general_purpose::STANDARD.encode(mac.into_bytes())
}

/// Signs as Twilio documents it: the URL, then every field by name.
fn sign(url: &str, body: &str) -> String {
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    fields.sort();
    fields.dedup();
    let fields: String = fields.into_iter().map(|(name, value)| name + &value).collect();
    mac(&format!("{url}{fields}"))
}

fn accepted(twilio: &Twilio, signature: Option<&str>, query: Option<&str>, body: &str) -> bool {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature {
        headers.insert("X-Twilio-Signature", HeaderValue::from_str(signature).unwrap());
    }
    twilio.authenticates(&WebhookRequest::new(&headers, query, body.as_bytes()))
}

fn event(query: Option<&str>, body: &str) -> Event {
    let context = ReceiveContext::new(Some("+6281100000000"), DateTime::from_timestamp(1_790_000_000, 0).unwrap());
    let mut events = twilio().events(&WebhookRequest::new(&HeaderMap::new(), query, body.as_bytes()), &context);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn read(body: &str) -> TextMessage {
    match event(None, body) {
        Event::Text(text) => text,
        other => panic!("not a text: {other:?}"),
    }
}

#[test]
fn the_signature_is_over_the_configured_url_and_all_fields() {
    let twilio = twilio();
    assert_eq!(twilio.assurance(), Assurance::Signed);
    assert!(accepted(&twilio, Some(&sign(URL, BODY)), None, BODY));
    // The order of the fields, and the default port, do not matter.
    let mut fields: Vec<&str> = BODY.split('&').collect();
    fields.reverse();
    assert!(accepted(&twilio, Some(&sign(URL, BODY)), None, &fields.join("&")));
    assert!(accepted(&twilio, Some(&sign(&URL.replace("example/", "example:443/"), BODY)), None, BODY));
    let with_port = Twilio::new(TOKEN, ACCOUNT, "https://toko.example:443/webhooks/twilio").unwrap();
    assert!(accepted(&with_port, Some(&sign(URL, BODY)), None, BODY));
    // A repeated field is signed once with each value.
    let repeated = "Digits=9&AccountSid=x&Digits=5&Digits=5";
    assert!(accepted(&twilio, Some(&mac(&format!("{URL}AccountSidxDigits5Digits9"))), None, repeated));
    // The query of the request is part of the URL.
    assert!(accepted(&twilio, Some(&sign(&format!("{URL}?reset=1"), BODY)), Some("reset=1"), BODY));

    let right = sign(URL, BODY);
    for wrong in [
        None,
        Some(""),
        Some("="),
        Some(&right[..10]),
        Some(&right[..right.len() - 1]),
        Some(&format!("{right}AAAA")),
        Some(&mac(URL)),
        Some(&sign(&URL.replace("https", "http"), BODY)),
        Some(&sign(&URL.replace("toko", "evil"), BODY)),
        Some(&sign(&URL.replace("example/", "example:8443/"), BODY)),
        Some(&sign(URL, &BODY.replace("0001", "0002"))),
    ] {
        assert!(!accepted(&twilio, wrong, None, BODY), "{wrong:?}");
    }
    assert!(!accepted(&twilio, Some(&right), None, &BODY.replace("K7MX2Q", "K7MX2R")));
    assert!(!accepted(&twilio, Some(&right), None, &format!("{BODY}&From=whatsapp%3A%2B1")));
    assert!(!accepted(&twilio, Some(&right), Some("x=1"), BODY));
    assert!(!accepted(&twilio, Some(&right), None, &"a&".repeat(2_000)));
}

/// The vectors in the tests of Twilio's own libraries.
#[test]
fn published_signatures_hold() {
    // The vectors' token is too short for `Twilio::new`.
    let twilio = Twilio {
        keys: crate::signature::of_test(crate::signature::Algorithm::Sha1, "12345"),
        account_sid: ACCOUNT.to_owned(),
        urls: vec!["https://mycompany.com/myapp.php".to_owned()],
    };
    let query = "foo=1&bar=2";
    let fields = "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
    let repeated = "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
    for (body, signature) in [(fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), (repeated, "IK+Dwps556ElfBT0I3Rgjkr1wJU=")] {
        assert!(accepted(&twilio, Some(signature), Some(query), body), "{body}");
        assert!(!accepted(&twilio, Some("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="), Some(query), body));
        assert!(!accepted(&twilio, Some(signature), Some(query), &body.replace("12", "13")));
        assert!(!accepted(&twilio, Some(signature), Some("foo=2&bar=2"), body));
    }
    // Other products of Twilio post JSON, whose hash is signed as a part of the URL. WhatsApp's requests are forms alone.
    let query = format!("{query}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620");
    let body = r#"{"property": "value", "boolean": true}"#;
    assert!(!accepted(&twilio, Some("a9nBmqA0ju/hNViExpshrM61xv4="), Some(&query), body));
}

#[test]
fn a_direct_text_message_is_read() {
    let message = read(BODY);
    assert_eq!(message.from, SenderInfo::new(Some("+6281200000001"), None));
    assert_eq!(
        (message.text.as_str(), message.forwarded, message.sent_at.timestamp()),
        ("kodeK7MX2Q", false, 1_790_000_000)
    );
    let both = format!("{BODY}&ExternalUserId=whatsapp%3AID.13491208650000000001");
    assert_eq!(read(&both).from, SenderInfo::new(Some("+6281200000001"), Some("ID.13491208650000000001")));
    let withheld = BODY.replace("whatsapp%3A%2B6281200000001", "whatsapp%3AID.13491208650000000001");
    assert_eq!(read(&withheld).from, SenderInfo::new(None, Some("ID.13491208650000000001")));
    for flag in ["Forwarded", "FrequentlyForwarded"] {
        assert!(read(&format!("{BODY}&{flag}=true")).forwarded);
    }
}

#[test]
fn other_messages_are_ignored() {
    for (body, why) in [
        (String::new(), "of another account"),
        (BODY.replace("AC00", "AC01"), "of another account"),
        (format!("{BODY}&AccountSid=other"), "of another account"),
        (BODY.replace("6281100000000", "6281100000009"), "to another number"),
        (BODY.replace("To=whatsapp%3A", "To="), "to another number"),
        (BODY.replace("From=whatsapp%3A", "From="), "not from WhatsApp"),
        (format!("{BODY}&From=whatsapp%3A%2B6281200000002"), "not from WhatsApp"),
        (BODY.replace("NumMedia=0", "NumMedia=1"), "not a text message"),
        (BODY.replace("MessageType=text", "MessageType=image"), "not a text message"),
        (BODY.replace("SmsStatus=received", "SmsStatus=sent"), "not a text message"),
        (BODY.replace("Body=", "Text="), "not a text message"),
        (format!("{BODY}&Body=kodeK7MX2R"), "not a text message"),
        (format!("{BODY}&ButtonText=kodeK7MX2Q"), "not a text message"),
        (format!("{BODY}&ButtonPayload=kodeK7MX2Q"), "another button"),
        ("%ff%00&=&&&==".to_owned(), "of another account"),
    ] {
        match event(None, &body) {
            Event::Ignored(actual) => assert_eq!(actual, why, "{body}"),
            other => panic!("{body} {other:?}"),
        }
    }
    let button = format!("{BODY}&ButtonPayload=DID_NOT_REQUEST_CODE");
    let reported_at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    assert!(matches!(event(None, &button), Event::Reported(_, at) if at == reported_at));
    // A service without inbound messages has no number to compare with.
    let events = twilio().events(
        &WebhookRequest::new(&HeaderMap::new(), None, button.as_bytes()),
        &ReceiveContext::new(None, reported_at),
    );
    assert!(matches!(events[..], [Event::Reported(..)]), "{events:?}");
}

proptest::proptest! {
    #[test]
    fn any_body_is_read_without_a_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), at in 0_usize..400, byte: u8) {
        let mut form = BODY.as_bytes().to_vec();
        if let Some(place) = form.get_mut(at) {
            *place = byte;
        }
        let context = ReceiveContext::new(Some("+6281100000000"), DateTime::UNIX_EPOCH);
        let mut headers = HeaderMap::new();
        headers.insert("X-Twilio-Signature", HeaderValue::from_static("RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        for body in [&bytes, &form] {
            let request = WebhookRequest::new(&headers, std::str::from_utf8(body).ok(), body);
            proptest::prop_assert!(!twilio().authenticates(&request));
            proptest::prop_assert_eq!(twilio().events(&request, &context).len(), 1);
        }
    }
}

#[test]
fn delivery_statuses_are_reported() {
    let query = format!("message={}", MessageOf { reset: ResetId::from_bytes([7; 16]), message: [8; 16] }.reference());
    let status =
        |status: &str| format!("AccountSid={ACCOUNT}&MessageSid=SM1&MessageStatus={status}&To=whatsapp%3A%2B62812");
    for (kind, shown) in
        [("delivered", "Delivered"), ("read", "Delivered"), ("failed", "failed"), ("undelivered", "failed")]
    {
        let event = format!("{:?}", event(Some(&query), &status(kind)));
        assert!(event.starts_with("Delivery") && event.contains(shown), "{event}");
    }
    let failed = event(Some(&query), &format!("{}&ErrorCode=63024", status("failed")));
    assert!(format!("{failed:?}").contains("NoSuchContact { why: \"63024\" }"), "{failed:?}");
    let failed = event(Some(&query), &format!("{}&ErrorCode=63016", status("failed")));
    assert!(format!("{failed:?}").contains("Failed { why: \"63016\" }"), "{failed:?}");
    assert!(matches!(event(Some(&query), &status("queued")), Event::Ignored(_)));
    assert!(matches!(event(Some("message=1"), &status("delivered")), Event::Ignored(_)));
    assert!(matches!(event(None, &status("delivered")), Event::Ignored(_)));
}

#[test]
fn invalid_settings_are_refused() {
    for token in ["", "12345", "your_auth_token_your_auth_token"] {
        assert!(Twilio::new(token, ACCOUNT, URL).is_err() && twilio().with_previous_token(token).is_err());
    }
    for account in ["", "AC1", TOKEN, "SM0000000000000000000000000000000a"] {
        assert!(Twilio::new(TOKEN, account, URL).is_err());
    }
    for url in [
        "",
        "toko.example",
        "http://toko.example/x",
        "ftp://toko.example/",
        "https://toko.example/x?y=1",
        "https://toko.example/x#y",
        "https://ani:hunter2hunter2@toko.example/x",
        "https://TOKO.example/x",
        "https://toko.example",
        "https://toko.example/a b",
        "https://toko.example/../x",
    ] {
        let error = Twilio::new(TOKEN, ACCOUNT, url).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(Twilio::new(TOKEN, ACCOUNT, "http://127.0.0.1:8080/x").is_ok());
    assert!(!format!("{:?}", twilio()).contains("only-the-tests"));
}
