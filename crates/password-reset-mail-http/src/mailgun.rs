//! Mailgun: <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages>.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, ApiSecret, base_url, basic};
use password_reset_mail::{Bounce, Mail, MailConfigError, host_name};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::outcome::{Meaning, SENDER, body, delivery};
use crate::request::{not_a_request, post};
use crate::service::{Service, setting};

/// Mailgun. Its webhooks hand the mail's reference back as a variable. It has no idempotency key: a mail whose answer was lost
/// may come twice, with the same `Message-ID`.
#[derive(Clone, Debug)]
pub struct Mailgun {
    base_url: String,
    domain: String,
    key: ApiSecret,
}

impl Mailgun {
    /// Sends from a domain of the account, with its sending key.
    ///
    /// # Errors
    /// When the domain is none, or the key is empty, short or from an example.
    pub fn new(domain: &str, sending_key: &str) -> Result<Self, MailConfigError> {
        let domain = host_name(domain).ok_or(MailConfigError::new("domain", "not a domain name"))?;
        let key = ApiSecret::new(sending_key).map_err(setting("sending key"))?;
        Ok(Self { base_url: "https://api.mailgun.net".to_owned(), domain, key })
    }

    /// Sets the address of the API: `https://api.eu.mailgun.net` for domains of the EU, or a test server.
    ///
    /// # Errors
    /// Unless it is `https` (`http` for loopback alone).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, MailConfigError> {
        self.base_url = base_url(url).map_err(setting("base URL"))?;
        Ok(self)
    }
}

impl Service for Mailgun {
    fn request(&self, mail: &Mail, _now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        let mut form = Serializer::new(String::new());
        form.append_pair("from", &mail.from().to_string())
            .append_pair("to", mail.to().as_str())
            .append_pair("subject", mail.subject())
            .append_pair("text", mail.text())
            .append_pair("html", mail.html())
            .append_pair("h:Message-Id", &mail.message_id())
            .append_pair(&format!("v:{}", Bounce::FIELD), mail.reference())
            // Tracking would send every link, with its secret, through Mailgun's servers, and break it.
            .append_pair("o:tracking", "no")
            .append_pair("o:tracking-clicks", "no")
            .append_pair("o:tracking-opens", "no");
        for (name, value) in mail.headers() {
            form.append_pair(&format!("h:{name}"), value);
        }
        if let Some(reply_to) = mail.reply_to() {
            form.append_pair("h:Reply-To", &reply_to.to_string());
        }
        let authorization = basic("api", self.key.expose());
        post(&format!("{}/v3/{}/messages", self.base_url, self.domain), &AUTHORIZATION, &authorization)?
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form.finish()))
            .map_err(not_a_request)
    }

    /// Its errors have a text, and no code.
    fn delivery(&self, answer: &Answer) -> Delivery {
        let body = body(answer);
        let text = body.get("message").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let text = text.trim_start_matches(['\'', '"']);
        let meaning = match answer.status {
            StatusCode::BAD_REQUEST if text.starts_with("to") && text.contains("parameter is not a valid address") => {
                Some(Meaning::NoMailbox)
            }
            StatusCode::BAD_REQUEST if text.starts_with("from") => Some(Meaning::Ours(SENDER)),
            _ => None,
        };
        delivery(answer, None, meaning)
    }
}
