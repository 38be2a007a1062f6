//! Postmark: <https://postmarkapp.com/developer/api/email-api>.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::HeaderName;
use http::{Request, StatusCode};
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, ApiSecret, base_url};
use password_reset_mail::{Bounce, Mail, MailConfigError};
use serde_json::{Value, json};

use crate::outcome::{ACCESS, Meaning, QUOTA, SENDER, body, delivery};
use crate::request::{json, post};
use crate::service::{Service, setting};

const TOKEN: HeaderName = HeaderName::from_static("x-postmark-server-token");

/// Postmark. Its webhooks hand the mail's reference back as metadata. It has no idempotency key: a mail whose answer was lost
/// may come twice, with the same `Message-ID`.
#[derive(Clone, Debug)]
pub struct Postmark {
    base_url: String,
    token: ApiSecret,
    stream: String,
}

impl Postmark {
    /// Sends with a server's API token, through the message stream `outbound`.
    ///
    /// # Errors
    /// When the token is empty, short or from an example.
    pub fn new(server_token: &str) -> Result<Self, MailConfigError> {
        let token = ApiSecret::new(server_token).map_err(setting("server token"))?;
        Ok(Self { base_url: "https://api.postmarkapp.com".to_owned(), token, stream: "outbound".to_owned() })
    }

    /// Sends through another message stream, by its id. It must be transactional.
    #[must_use]
    pub fn with_message_stream(mut self, id: impl Into<String>) -> Self {
        self.stream = id.into();
        self
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

impl Service for Postmark {
    fn request(&self, mail: &Mail, _now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        let header = |name: &str, value: &str| json!({"Name": name, "Value": value});
        let mut headers: Vec<Value> = mail.headers().iter().map(|(name, value)| header(name, value)).collect();
        headers.push(header("Message-ID", &mail.message_id()));
        // Without it, Postmark replaces the id.
        headers.push(header("X-PM-KeepID", "true"));
        let mut body = json!({
            "From": mail.from().to_string(),
            "To": mail.to().as_str(),
            "Subject": mail.subject(),
            "TextBody": mail.text(),
            "HtmlBody": mail.html(),
            "MessageStream": self.stream,
            "TrackOpens": false,
            "TrackLinks": "None",
            "Metadata": {(Bounce::FIELD): mail.reference()},
            "Headers": headers,
        });
        if let (Some(reply_to), Some(body)) = (mail.reply_to(), body.as_object_mut()) {
            body.insert("ReplyTo".to_owned(), reply_to.to_string().into());
        }
        json(post(&format!("{}/email", self.base_url), &TOKEN, self.token.expose())?, &body)
    }

    /// Reads the number of an error (<https://postmarkapp.com/developer/api/overview#error-codes>).
    fn delivery(&self, answer: &Answer) -> Delivery {
        let body = body(answer);
        let code = body.get("ErrorCode").and_then(Value::as_i64).filter(|code| *code != 0);
        let meaning = code.and_then(|code| match code {
            10 => Some(Meaning::Ours(ACCESS)),
            // One code for any part of the request.
            300 if names_recipient(&body) => Some(Meaning::NoMailbox),
            400 | 401 => Some(Meaning::Ours(SENDER)),
            405 | 412 | 413 => Some(Meaning::Ours(QUOTA)),
            406 => Some(Meaning::Suppressed),
            100 | 429 => Some(Meaning::Busy),
            _ if answer.status.is_success() => Some(Meaning::Ours(crate::outcome::REQUEST)),
            _ => None,
        });
        // A fault of Postmark's own is one, whatever it says of the mail.
        let meaning = meaning.filter(|_| answer.status < StatusCode::INTERNAL_SERVER_ERROR);
        delivery(answer, code.map(|code| code.to_string()).as_deref(), meaning)
    }
}

/// Whether it is the recipient's address that Postmark cannot read, and not the sender's.
fn names_recipient(body: &Value) -> bool {
    let text = body.get("Message").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    text.contains("'to'") && !["'from'", "'replyto'", "'cc'", "'bcc'"].iter().any(|other| text.contains(other))
}
