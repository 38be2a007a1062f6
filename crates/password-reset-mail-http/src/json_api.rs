//! Any service that takes a mail as JSON, by configuration.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use http::header::{ACCEPT, HeaderName};
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, base_url, sensitive};
use password_reset_mail::{Mail, MailConfigError, Mailbox};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::outcome::{Meaning, body, delivery};
use crate::request::json;
use crate::service::{Service, setting};

/// What a placeholder stands for; `None` where the mail has none of it.
type Filling = fn(&Mail) -> Option<String>;

const PLACEHOLDERS: [(&str, Filling); 11] = [
    ("to", |mail| Some(mail.to().to_string())),
    ("from", |mail| Some(mail.from().to_string())),
    ("from_address", |mail| Some(mail.from().address.to_string())),
    ("from_name", |mail| mail.from().name.clone()),
    ("reply_to", |mail| mail.reply_to().map(Mailbox::to_string)),
    ("reply_to_address", |mail| mail.reply_to().map(|reply_to| reply_to.address.to_string())),
    ("subject", |mail| Some(mail.subject().to_owned())),
    ("text", |mail| Some(mail.text().to_owned())),
    ("html", |mail| Some(mail.html().to_owned())),
    ("reference", |mail| Some(mail.reference().to_owned())),
    ("message_id", |mail| Some(mail.message_id())),
];

/// A service that takes a mail as one POST of JSON, described by its address, headers and body.
///
/// ```
/// use password_reset_mail_http::JsonApi;
///
/// let body = r#"{
///     "sender": {"email": "{{from_address}}", "name": "{{from_name}}"},
///     "to": [{"email": "{{to}}"}],
///     "subject": "{{subject}}",
///     "textContent": "{{text}}",
///     "htmlContent": "{{html}}",
///     "tags": ["{{reference}}"]
/// }"#;
/// let service = JsonApi::new("https://api.mail.example/v3/email", body)?
///     .with_header("api-key", "only-the-tests-send-with-this-01")?
///     .with_header("Idempotency-Key", "{{reference}}")?
///     .with_invalid_recipient("/code", "invalid_recipient")?;
/// # let _ = service;
/// # Ok::<(), password_reset_mail_http::MailConfigError>(())
/// ```
///
/// | placeholder | what |
/// | --- | --- |
/// | `{{to}}` | the recipient's address |
/// | `{{from}}`, `{{from_address}}`, `{{from_name}}` | the sender, as `"Toko Contoh" <no-reply@toko.example>`, and its parts |
/// | `{{reply_to}}`, `{{reply_to_address}}` | where answers go |
/// | `{{subject}}`, `{{text}}`, `{{html}}` | the mail |
/// | `{{reference}}` | the mail's own, the same for a second copy: idempotency key, tag, metadata |
/// | `{{message_id}}` | the `Message-ID`, in angle brackets |
///
/// A field that is only a placeholder for what the mail does not have, such as `{{reply_to}}`, is left out. A status of 2xx means
/// that the mail is accepted; 408, 425, 429 and 5xx that the service is busy; any other that the operator has to correct something.
#[derive(Clone)]
pub struct JsonApi {
    url: String,
    headers: Vec<(HeaderName, Zeroizing<String>)>,
    body: Value,
    invalid_recipient: Option<(String, String)>,
}

impl JsonApi {
    /// Posts this JSON to this address.
    ///
    /// # Errors
    /// Unless the address is `https` (`http` for loopback alone), and the body is a JSON object with known placeholders, among
    /// them `{{to}}`, `{{subject}}`, and `{{text}}` or `{{html}}`.
    pub fn new(url: &str, body: &str) -> Result<Self, MailConfigError> {
        let error = |why| Err(MailConfigError::new("JSON body", why));
        let url = base_url(url).map_err(setting("URL"))?;
        let Ok(parsed @ Value::Object(_)) = serde_json::from_str(body) else { return error("must be a JSON object") };
        let texts = texts(&parsed);
        if !texts.iter().all(|text| known(text)) {
            return error("has an unknown placeholder: see JsonApi for those that there are");
        }
        let has = |name: &str| texts.iter().any(|text| text.contains(&format!("{{{{{name}}}}}")));
        if !(has("to") && has("subject") && (has("text") || has("html"))) {
            return error("needs {{to}}, {{subject}}, and {{text}} or {{html}}");
        }
        Ok(Self { url, headers: Vec::new(), body: parsed, invalid_recipient: None })
    }

    /// Adds a header, with the placeholders of the body. Its value is a secret, and never shown.
    ///
    /// # Errors
    /// When the name or value cannot be a header's, as `{{text}}` and `{{html}}` with their lines cannot.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, MailConfigError> {
        let error = |why| Err(MailConfigError::new("header", why));
        let Ok(name) = name.parse() else { return error("not a name of a header") };
        if value.is_empty() || !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) || !known(value) {
            return error("the value must be ASCII without control characters, with known placeholders");
        }
        if value.contains("{{text}}") || value.contains("{{html}}") {
            return error("{{text}} and {{html}} have lines, which no header can have");
        }
        self.headers.push((name, Zeroizing::new(value.to_owned())));
        Ok(self)
    }

    /// Says which answer means that the recipient's address is invalid: one of 4xx whose JSON has this text or number at this
    /// pointer (RFC 6901), such as `/errors/0/code`. Name a code that says nothing else: the account's next mail goes to another
    /// contact.
    ///
    /// # Errors
    /// When the pointer does not begin with a slash.
    pub fn with_invalid_recipient(mut self, pointer: &str, code: &str) -> Result<Self, MailConfigError> {
        if !pointer.starts_with('/') || code.is_empty() {
            let why = "write a JSON pointer like /code, and the code";
            return Err(MailConfigError::new("invalid recipient", why));
        }
        self.invalid_recipient = Some((pointer.to_owned(), code.to_owned()));
        Ok(self)
    }
}

impl Service for JsonApi {
    fn request(&self, mail: &Mail, _now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        let mut request = Request::post(&self.url).header(ACCEPT, "application/json");
        for (name, value) in &self.headers {
            request = request.header(name, sensitive(&Zeroizing::new(filled(value, mail)))?);
        }
        json(request, &fill(&self.body, mail).unwrap_or_default())
    }

    fn delivery(&self, answer: &Answer) -> Delivery {
        let body = body(answer);
        let says = |(pointer, code): &(String, String)| match body.pointer(pointer) {
            Some(Value::String(text)) => text == code,
            Some(Value::Number(number)) => number.to_string().as_str() == code,
            _ => false,
        };
        let invalid = self.invalid_recipient.as_ref().filter(|known| answer.status.is_client_error() && says(known));
        delivery(answer, invalid.map(|(_, code)| code.as_str()), invalid.map(|_| Meaning::NoMailbox))
    }
}

/// Shows neither headers nor body.
impl fmt::Debug for JsonApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonApi").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Whether all placeholders of a text are there.
fn known(text: &str) -> bool {
    text.split("{{")
        .skip(1)
        .all(|rest| rest.split_once("}}").is_some_and(|(name, _)| PLACEHOLDERS.iter().any(|(known, _)| *known == name)))
}

/// The texts that are filled: those of all values, and not the names of fields.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Fills a value; `None` for a text that is only a placeholder for what the mail does not have.
fn fill(value: &Value, mail: &Mail) -> Option<Value> {
    Some(match value {
        Value::String(text) => {
            let name = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
            match PLACEHOLDERS.iter().find(|(known, _)| Some(*known) == name) {
                Some((_, filling)) => filling(mail)?.into(),
                None => filled(text, mail).into(),
            }
        }
        Value::Array(values) => values.iter().filter_map(|value| fill(value, mail)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| Some((name.clone(), fill(value, mail)?)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other.clone(),
    })
}

/// Fills a text once: what a mail says is not read for placeholders.
fn filled(text: &str, mail: &Mail) -> String {
    let mut parts = text.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        if let Some((_, filling)) = PLACEHOLDERS.iter().find(|(known, _)| *known == name) {
            out.push_str(&filling(mail).unwrap_or_default());
        }
        out.push_str(rest);
    }
    out
}
