//! Amazon SES, version 2 of its API: <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, ApiSecret, base_url, sensitive};
use password_reset_mail::{Bounce, Mail, MailConfigError, Mailbox};
use serde_json::{Value, json};

use crate::outcome::{ACCESS, Meaning, QUOTA, SENDER, body, delivery};
use crate::request::not_a_request;
use crate::service::{Service, setting};
use crate::sigv4::{Scope, date};

const PATH: &str = "/v2/email/outbound-emails";
const JSON: &str = "application/json";

/// Amazon SES. Events of a configuration set hand the mail's reference back as a tag. It has no idempotency key: a mail whose
/// answer was lost may come twice.
#[derive(Clone, Debug)]
pub struct AmazonSes {
    base_url: String,
    region: String,
    key_id: String,
    secret: ApiSecret,
    session_token: Option<ApiSecret>,
    configuration_set: Option<String>,
}

impl AmazonSes {
    /// Sends from a region, such as `ap-southeast-1`, with an access key that may `ses:SendEmail`.
    ///
    /// # Errors
    /// When the region or key id has characters that none has, or the secret is empty, short or from an example.
    pub fn new(region: &str, access_key_id: &str, secret_access_key: &str) -> Result<Self, MailConfigError> {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_word(region) {
            return Err(MailConfigError::new("region", "must be a region like ap-southeast-1"));
        }
        if !is_word(access_key_id) {
            return Err(MailConfigError::new("access key id", "must be letters and digits only, like AKIA…"));
        }
        let secret = ApiSecret::new(secret_access_key).map_err(setting("secret access key"))?;
        Ok(Self {
            base_url: format!("https://email.{region}.amazonaws.com"),
            region: region.to_owned(),
            key_id: access_key_id.to_owned(),
            secret,
            session_token: None,
            configuration_set: None,
        })
    }

    /// Adds the token of temporary credentials. They expire: build another notifier in time.
    ///
    /// # Errors
    /// When it is empty or short.
    pub fn with_session_token(mut self, token: &str) -> Result<Self, MailConfigError> {
        self.session_token = Some(ApiSecret::new(token).map_err(setting("session token"))?);
        Ok(self)
    }

    /// Sends with a configuration set, whose events name the mail. Switch click and open tracking off in it.
    #[must_use]
    pub fn with_configuration_set(mut self, name: impl Into<String>) -> Self {
        self.configuration_set = Some(name.into());
        self
    }

    /// Sets the address of the API, for a test server or an endpoint of your own network.
    ///
    /// # Errors
    /// Unless it is `https` (`http` for loopback alone).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, MailConfigError> {
        self.base_url = base_url(url).map_err(setting("base URL"))?;
        Ok(self)
    }

    fn body(&self, mail: &Mail) -> Value {
        let text = |text: &str| json!({"Data": text, "Charset": "UTF-8"});
        let headers: Vec<Value> =
            mail.headers().iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let mut body = json!({
            "FromEmailAddress": encoded(mail.from()),
            "Destination": {"ToAddresses": [mail.to().as_str()]},
            "Content": {"Simple": {
                "Subject": text(mail.subject()),
                "Body": {"Text": text(mail.text()), "Html": text(mail.html())},
                "Headers": headers,
            }},
            "EmailTags": [{"Name": Bounce::FIELD, "Value": mail.reference()}],
        });
        if let Some(body) = body.as_object_mut() {
            if let Some(reply_to) = mail.reply_to() {
                body.insert("ReplyToAddresses".to_owned(), json!([encoded(reply_to)]));
            }
            if let Some(set) = &self.configuration_set {
                body.insert("ConfigurationSetName".to_owned(), set.as_str().into());
            }
        }
        body
    }
}

impl Service for AmazonSes {
    fn request(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        let body = Bytes::from(self.body(mail).to_string());
        let (_, address) = self.base_url.split_once("://").unwrap_or_default();
        let (host, folder) = address.find('/').map_or((address, ""), |at| address.split_at(at));
        let (date, path) = (date(now), format!("{folder}{PATH}"));
        let mut headers = vec![("content-type", JSON), ("host", host), ("x-amz-date", &date)];
        if let Some(token) = &self.session_token {
            headers.push(("x-amz-security-token", token.expose()));
        }
        let scope = Scope { key_id: &self.key_id, secret: self.secret.expose(), region: &self.region, service: "ses" };
        let signed = scope
            .sign("POST", &path, &headers, &body, now)
            .ok_or(PortError::permanent("the secret access key cannot sign"))?;
        let mut request = Request::post(format!("{}{PATH}", self.base_url))
            .header(CONTENT_TYPE, JSON)
            .header(HOST, host)
            .header("x-amz-date", &date)
            .header(AUTHORIZATION, sensitive(&signed)?);
        if let Some(token) = &self.session_token {
            request = request.header("x-amz-security-token", sensitive(token.expose())?);
        }
        request.body(body).map_err(not_a_request)
    }

    /// Reads the name of an error, from its header or its body.
    fn delivery(&self, answer: &Answer) -> Delivery {
        if answer.status.is_success() {
            return delivery(answer, None, None);
        }
        let body = body(answer);
        let of_header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let name = of_header.or_else(|| ["__type", "code"].iter().find_map(|field| body.get(field)?.as_str()));
        // `com.amazonaws…#Name:https://…`
        let name = name.map(|name| name.rsplit_once('#').map_or(name, |(_, name)| name));
        let name = name.map(|name| name.split(':').next().unwrap_or(name));
        let text = body.get("message").or_else(|| body.get("Message")).and_then(Value::as_str).unwrap_or_default();
        let meaning = match name {
            Some("TooManyRequestsException" | "ThrottlingException" | "Throttling") if text.contains("quota") => {
                Some(Meaning::Ours(QUOTA))
            }
            Some("TooManyRequestsException" | "ThrottlingException" | "Throttling") => Some(Meaning::Busy),
            Some("LimitExceededException" | "AccountSuspendedException" | "SendingPausedException") => {
                Some(Meaning::Ours(QUOTA))
            }
            Some("MailFromDomainNotVerifiedException") => Some(Meaning::Ours(SENDER)),
            // In the sandbox it is the recipient that is not verified: the operator's to change, too.
            Some("MessageRejected") if text.contains("not verified") => Some(Meaning::Ours(SENDER)),
            Some(
                "AccessDeniedException"
                | "InvalidSignatureException"
                | "SignatureDoesNotMatch"
                | "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "MissingAuthenticationTokenException"
                | "ExpiredTokenException"
                | "IncompleteSignatureException",
            ) => Some(Meaning::Ours(ACCESS)),
            _ => None,
        };
        delivery(answer, name, meaning)
    }
}

/// SES takes a name as a header has it: ASCII, or encoded words (RFC 2047) of at most 75 characters.
fn encoded(mailbox: &Mailbox) -> String {
    const MAX_BYTES: usize = 45;
    let Some(name) = mailbox.name.as_deref().filter(|name| !name.is_ascii()) else { return mailbox.to_string() };
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for letter in name.chars() {
        if word.len().saturating_add(letter.len_utf8()) > MAX_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter);
    }
    words.push(word);
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    format!("{} <{}>", words.join(" "), mailbox.address)
}

#[cfg(test)]
mod tests {
    use password_reset_mail::MailWriter;
    use password_reset_testkit::messages::reset;

    use super::encoded;

    fn name_of(from: &str) -> String {
        encoded(MailWriter::new(from).unwrap().write(&reset(1)).unwrap().from())
    }

    #[test]
    fn names_that_are_not_ascii_become_encoded_words() {
        assert_eq!(name_of("Toko <a@toko.example>"), "\"Toko\" <a@toko.example>");
        assert_eq!(name_of("Tökö <a@toko.example>"), "=?utf-8?B?VMO2a8O2?= <a@toko.example>");
        let long = name_of(&format!("{} <a@toko.example>", "ö".repeat(60)));
        let words: Vec<&str> = long.strip_suffix(" <a@toko.example>").unwrap().split(' ').collect();
        assert_eq!(words.len(), 3);
        assert!(words.iter().all(|word| word.len() <= 75 && word.starts_with("=?utf-8?B?")), "{long}");
    }
}
