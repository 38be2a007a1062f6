//! SendGrid: <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, StatusCode};
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, ApiSecret, base_url};
use password_reset_mail::{Bounce, Mail, MailConfigError, Mailbox};
use serde_json::{Map, Value, json};

use crate::outcome::{Meaning, QUOTA, SENDER, body, delivery};
use crate::request::{bearer, json};
use crate::service::{Service, setting};

/// SendGrid. Its events hand the mail's reference back as a custom argument. It has no idempotency key: a mail whose answer was
/// lost may come twice.
#[derive(Clone, Debug)]
pub struct SendGrid {
    base_url: String,
    key: ApiSecret,
}

impl SendGrid {
    /// Sends with an API key, `SG.…`, that has the permission *Mail Send*.
    ///
    /// # Errors
    /// When the key is empty, short or from an example.
    pub fn new(api_key: &str) -> Result<Self, MailConfigError> {
        let key = ApiSecret::new(api_key).map_err(setting("API key"))?;
        Ok(Self { base_url: "https://api.sendgrid.com".to_owned(), key })
    }

    /// Sets the address of the API: `https://api.eu.sendgrid.com` for the EU, or a test server.
    ///
    /// # Errors
    /// Unless it is `https` (`http` for loopback alone).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, MailConfigError> {
        self.base_url = base_url(url).map_err(setting("base URL"))?;
        Ok(self)
    }
}

impl Service for SendGrid {
    fn request(&self, mail: &Mail, _now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        let headers: Map<String, Value> =
            mail.headers().iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let mut body = json!({
            "personalizations": [{"to": [{"email": mail.to().as_str()}]}],
            "from": mailbox(mail.from()),
            "subject": mail.subject(),
            // In this order: text first.
            "content": [
                {"type": "text/plain", "value": mail.text()},
                {"type": "text/html", "value": mail.html()},
            ],
            "headers": headers,
            "custom_args": {(Bounce::FIELD): mail.reference()},
            // Tracking would send every link, with its secret, through SendGrid's servers, and break it.
            "tracking_settings": {
                "click_tracking": {"enable": false, "enable_text": false},
                "open_tracking": {"enable": false},
                "subscription_tracking": {"enable": false},
            },
        });
        if let (Some(reply_to), Some(body)) = (mail.reply_to(), body.as_object_mut()) {
            body.insert("reply_to".to_owned(), mailbox(reply_to));
        }
        json(bearer(&format!("{}/v3/mail/send", self.base_url), self.key.expose())?, &body)
    }

    /// Its errors have a field and a text, and no code.
    fn delivery(&self, answer: &Answer) -> Delivery {
        let body = body(answer);
        let of_field = |wanted: &str| {
            let errors = body.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            errors.iter().any(|error| error.get("field").and_then(Value::as_str) == Some(wanted))
        };
        let says = |words: &str| String::from_utf8_lossy(&answer.body).to_ascii_lowercase().contains(words);
        let meaning = match answer.status {
            StatusCode::BAD_REQUEST if of_field("personalizations.0.to.0.email") => Some(Meaning::NoMailbox),
            StatusCode::BAD_REQUEST if of_field("from.email") || of_field("from") => Some(Meaning::Ours(SENDER)),
            StatusCode::FORBIDDEN if of_field("from") => Some(Meaning::Ours(SENDER)),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if says("credits exceeded") => Some(Meaning::Ours(QUOTA)),
            _ => None,
        };
        delivery(answer, None, meaning)
    }
}

fn mailbox(mailbox: &Mailbox) -> Value {
    match &mailbox.name {
        Some(name) => json!({"email": mailbox.address.as_str(), "name": name}),
        None => json!({"email": mailbox.address.as_str()}),
    }
}
