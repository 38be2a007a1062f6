//! Resend: <https://resend.com/docs/api-reference/emails/send-email>.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, ApiSecret, base_url};
use password_reset_mail::{Bounce, Mail, MailConfigError};
use serde_json::{Map, Value, json};

use crate::outcome::{ACCESS, Meaning, QUOTA, SENDER, body, delivery};
use crate::request::{bearer, json};
use crate::service::{Service, setting};

/// Resend. The mail's reference is the idempotency key, good for 24 hours, and a tag that its webhooks hand back.
#[derive(Clone, Debug)]
pub struct Resend {
    base_url: String,
    key: ApiSecret,
}

impl Resend {
    /// Sends with an API key, `re_…`; the permission to send is enough.
    ///
    /// # Errors
    /// When the key is empty, short or from an example.
    pub fn new(api_key: &str) -> Result<Self, MailConfigError> {
        let key = ApiSecret::new(api_key).map_err(setting("API key"))?;
        Ok(Self { base_url: "https://api.resend.com".to_owned(), key })
    }

    /// Sets the address of the API, for a test server.
    ///
    /// # Errors
    /// Unless it is `https` (`http` for loopback alone).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, MailConfigError> {
        self.base_url = base_url(url).map_err(setting("base URL"))?;
        Ok(self)
    }
}

impl Service for Resend {
    fn request(&self, mail: &Mail, _now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        let headers: Map<String, Value> =
            mail.headers().iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let mut body = json!({
            "from": mail.from().to_string(),
            "to": [mail.to().as_str()],
            "subject": mail.subject(),
            "text": mail.text(),
            "html": mail.html(),
            "tags": [{"name": Bounce::FIELD, "value": mail.reference()}],
            "headers": headers,
        });
        if let (Some(reply_to), Some(body)) = (mail.reply_to(), body.as_object_mut()) {
            body.insert("reply_to".to_owned(), reply_to.to_string().into());
        }
        let request = bearer(&format!("{}/emails", self.base_url), self.key.expose())?;
        json(request.header("Idempotency-Key", mail.reference()), &body)
    }

    /// Reads the name of an error (<https://resend.com/docs/api-reference/errors>).
    fn delivery(&self, answer: &Answer) -> Delivery {
        let body = body(answer);
        let name = body.get("name").and_then(Value::as_str).filter(|_| !answer.status.is_success());
        let meaning = name.and_then(|name| match (name, answer.status.as_u16()) {
            // An earlier mail had this key, and so this reference, and was taken. Its texts differ from those of today.
            ("invalid_idempotent_request", _) => Some(Meaning::Accepted),
            ("concurrent_idempotent_requests", _) => Some(Meaning::Busy),
            ("daily_quota_exceeded" | "monthly_quota_exceeded", _) => Some(Meaning::Ours(QUOTA)),
            ("missing_api_key" | "restricted_api_key" | "invalid_api_key" | "suspended_api_key", _) => {
                Some(Meaning::Ours(ACCESS))
            }
            // The domain of the sender is not verified.
            ("validation_error", 403) | ("invalid_from_address", _) => Some(Meaning::Ours(SENDER)),
            ("validation_error", 400 | 422) if names_recipient(&body) => Some(Meaning::NoMailbox),
            _ => None,
        });
        delivery(answer, name, meaning)
    }
}

/// Whether it is the field of the recipient that Resend cannot read.
fn names_recipient(body: &Value) -> bool {
    body.get("message").and_then(Value::as_str).is_some_and(|text| text.starts_with("Invalid `to` field"))
}
