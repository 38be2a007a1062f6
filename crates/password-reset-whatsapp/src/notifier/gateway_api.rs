//! Requests to a gateway, described by configuration.

mod answer;
mod body;
mod presets;
mod signing;

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName};
use password_reset::{Message, PortError};
use password_reset_http_api::{Answer, base_url, sensitive};
use serde_json::Value;
use zeroize::Zeroizing;

use self::answer::Reading;
pub use self::answer::Refusal;
use self::body::{Body, Filling};
use self::signing::Signing;
use super::outcome::Outcome;
use super::template::Version;
use super::{Content, not_a_request};
use crate::error::WhatsAppConfigError;
use crate::sent::{MessageOf, SentMessages};

/// A gateway that sends by one POST of JSON or a form: its address, its headers, its bodies, and how its answers are read.
///
/// [`waha`](Self::waha), [`gowa`](Self::gowa), [`fonnte`](Self::fonnte), [`wablas`](Self::wablas) and [`qontak`](Self::qontak) are
/// described; any other is like this:
///
/// ```
/// use password_reset_whatsapp::{GatewayApi, Refusal};
///
/// let api = GatewayApi::new("https://gateway.example/v1")?
///     .with_header("Authorization", "Bearer only-the-tests-send-with-this-01")?
///     .with_text("/messages", r#"{"to": "{{digits}}", "text": "{{text}}"}"#)?
///     .with_refusal("/error/code", "not_on_whatsapp", Refusal::NoSuchContact)?
///     .with_message_id("/id")?;
/// # let _ = api;
/// # Ok::<(), password_reset_whatsapp::WhatsAppConfigError>(())
/// ```
///
/// | placeholder | what |
/// | --- | --- |
/// | `{{to}}`, `{{digits}}` | the recipient's number, with and without its plus |
/// | `{{text}}` | the text; only in the body of texts |
/// | `{{template}}`, `{{language}}` | the template by its id, and its language; these and the next only in the body of templates |
/// | `{{number}}`, `{{value}}` | number and value of a field: an array of one element with `{{value}}` has this element for each field |
/// | `{{code}}` | the code, for a button; an element of an array with it is left out where the message is no code |
/// | `{{reference}}` | the message, for gateways that hand it back in their [`Reports`](crate::Reports) |
///
/// A status of 2xx means that the message is accepted, unless [`with_accepted`](Self::with_accepted) says more; 408, 425, 429 and 5xx
/// that the gateway is busy; any other that the operator has to correct something.
///
/// # Security
/// A gateway reads every message. A number that is automated may be closed by WhatsApp, and WhatsApp restricts how many new people it
/// may write to: prefer replies ([`Inbound::type_back`](password_reset::Inbound::type_back)) to codes, and have another method beside
/// it.
#[derive(Clone)]
pub struct GatewayApi {
    base_url: String,
    headers: Vec<(HeaderName, Zeroizing<String>)>,
    text: Option<Call>,
    template: Option<Call>,
    reading: Reading,
    official: bool,
    sent: Option<SentMessages>,
    signing: Option<Signing>,
}

#[derive(Clone, Debug)]
struct Call {
    path: String,
    body: Body,
}

impl GatewayApi {
    /// A gateway at this address, of which nothing is described yet.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] unless it is `https` (`http` for loopback alone).
    pub fn new(url: &str) -> Result<Self, WhatsAppConfigError> {
        let base_url = base_url(url).map_err(|error| WhatsAppConfigError::new("gateway URL", error.why))?;
        Ok(Self {
            base_url,
            headers: Vec::new(),
            text: None,
            template: None,
            reading: Reading::default(),
            official: false,
            sent: None,
            signing: None,
        })
    }

    /// Adds a header. Its value is a secret, and never shown.
    ///
    /// # Errors
    /// When the name or value cannot be a header's.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, WhatsAppConfigError> {
        let error = |why| Err(WhatsAppConfigError::new("gateway header", why));
        let Ok(name) = name.parse() else { return error("not a valid header name") };
        if value.is_empty() || !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return error("the value must be ASCII without control characters");
        }
        self.headers.push((name, Zeroizing::new(value.to_owned())));
        Ok(self)
    }

    /// Describes how a text is sent: the path below the gateway's address, and the JSON body.
    ///
    /// # Errors
    /// Unless the path begins with a slash, and the body is a JSON object with known placeholders, among them `{{text}}`, and
    /// `{{to}}` or `{{digits}}`.
    pub fn with_text(self, path: &str, body: &str) -> Result<Self, WhatsAppConfigError> {
        let body = parsed("gateway text", body)?;
        self.with_text_of(path, body, false)
    }

    /// As [`with_text`](Self::with_text), for a gateway that takes a form: the fields of the object.
    ///
    /// # Errors
    /// As [`with_text`](Self::with_text).
    pub fn with_text_form(self, path: &str, body: &str) -> Result<Self, WhatsAppConfigError> {
        let body = parsed("gateway text", body)?;
        self.with_text_of(path, body, true)
    }

    /// Describes how an approved template is sent: the path below the gateway's address, and the JSON body.
    ///
    /// # Errors
    /// Unless the path begins with a slash, and the body is a JSON object with known placeholders, among them `{{template}}`,
    /// `{{value}}`, and `{{to}}` or `{{digits}}`.
    pub fn with_template(mut self, path: &str, body: &str) -> Result<Self, WhatsAppConfigError> {
        const FIELD: &str = "gateway template";
        let body = Body::of_templates(parsed(FIELD, body)?).map_err(|why| WhatsAppConfigError::new(FIELD, why))?;
        self.template = Some(Call::new(FIELD, path, body)?);
        Ok(self)
    }

    fn with_text_of(mut self, path: &str, body: Value, is_form: bool) -> Result<Self, WhatsAppConfigError> {
        const FIELD: &str = "gateway text";
        let body = Body::of_texts(body, is_form).map_err(|why| WhatsAppConfigError::new(FIELD, why))?;
        self.text = Some(Call::new(FIELD, path, body)?);
        Ok(self)
    }

    /// Says what the answer to an accepted message has besides a status of 2xx: this value, as JSON, at this pointer (RFC 6901). For
    /// gateways that answer 200 to everything.
    ///
    /// # Errors
    /// When the pointer does not begin with a slash, or the value is not JSON.
    pub fn with_accepted(mut self, pointer: &str, value: &str) -> Result<Self, WhatsAppConfigError> {
        let value = parsed("gateway answer", value)?;
        self.reading.accepted = Some((checked_pointer(pointer)?, value));
        Ok(self)
    }

    /// Says what a refusal means whose JSON has this text or number at this pointer.
    ///
    /// # Errors
    /// When the pointer does not begin with a slash, or the word is empty or over 48 characters.
    pub fn with_refusal(mut self, pointer: &str, word: &str, refusal: Refusal) -> Result<Self, WhatsAppConfigError> {
        if !(1..=48).contains(&word.len()) {
            return Err(WhatsAppConfigError::new("gateway answer", "name a code or a word of 1 to 48 characters"));
        }
        self.reading.refusals.push((checked_pointer(pointer)?, word.to_owned(), refusal));
        Ok(self)
    }

    /// The pointer of the message's id in the answer, for delivery reports. Call it again for another place.
    ///
    /// # Errors
    /// When the pointer does not begin with a slash.
    pub fn with_message_id(mut self, pointer: &str) -> Result<Self, WhatsAppConfigError> {
        self.reading.ids.push(checked_pointer(pointer)?);
        Ok(self)
    }

    /// Keeps the ids of the messages it sends, so that a [`Gateway`](crate::Gateway) with the same [`SentMessages`] can read their
    /// delivery reports ([`Gateway::reporting`](crate::Gateway::reporting)).
    ///
    /// # Errors
    /// When it is not described where the gateway's answer has the id.
    pub fn reporting(mut self, sent: &SentMessages) -> Result<Self, WhatsAppConfigError> {
        if self.reading.ids.is_empty() {
            return Err(WhatsAppConfigError::new(
                "delivery reports",
                "this gateway does not say the id of a message that its reports have: describe it with \
                 `GatewayApi::with_message_id`, or send without",
            ));
        }
        self.sent = Some(sent.clone());
        Ok(self)
    }

    /// The number is an official one, of the WhatsApp Business Platform: texts are replies alone, and all else goes in approved
    /// templates, which must be described.
    #[must_use]
    pub fn on_official_number(mut self) -> Self {
        self.official = true;
        self
    }

    /// What is missing.
    pub(super) fn check(&self) -> Result<(), WhatsAppConfigError> {
        let error = |why| Err(WhatsAppConfigError::new("gateway", why));
        match (&self.text, &self.template) {
            (None, None) => error("describe how it sends: with `GatewayApi::with_text`, `with_template`, or both"),
            (_, None) if self.official => error(
                "an official number sends codes and notices in approved templates alone, and how this gateway sends them is not \
                 described: use `GatewayApi::with_template`, or `MetaApi` with the number's own credentials",
            ),
            _ => Ok(()),
        }
    }

    /// Whether it sends texts that are no replies.
    pub(super) fn sends_plain_texts(&self) -> bool {
        self.text.is_some() && !self.official
    }

    pub(super) fn sends_texts(&self) -> bool {
        self.text.is_some()
    }

    pub(super) fn has_templates(&self) -> bool {
        self.template.is_some()
    }

    pub(super) fn request(
        &self,
        message: &Message,
        content: &Content<'_>,
        now: DateTime<Utc>,
    ) -> Result<Request<Bytes>, PortError> {
        let mut filling =
            Filling { to: message.to().value(), reference: MessageOf::new(message).reference(), ..Filling::default() };
        let call = match content {
            Content::Text(text) => {
                filling.text = Some(text);
                &self.text
            }
            Content::Code { version, code } => {
                filling.template = by_name(version);
                (filling.code, filling.fields) = (Some(*code), vec![*code]);
                &self.template
            }
            Content::Fields { version, fields } => {
                filling.template = by_name(version);
                filling.fields = fields.iter().map(String::as_str).collect();
                &self.template
            }
        };
        // The configuration has refused what needs the other.
        let call =
            call.as_ref().ok_or_else(|| PortError::permanent("this gateway cannot send this kind of message"))?;
        let mut request = Request::post(format!("{}{}", self.base_url, call.path))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, call.body.content_type());
        for (name, value) in &self.headers {
            request = request.header(name, sensitive(value)?);
        }
        if let Some(signing) = &self.signing {
            let path = request.uri_ref().map(http::Uri::path).unwrap_or_default();
            let (date, authorization) = signing.of_post(path, now);
            request = request.header(DATE, date).header(AUTHORIZATION, sensitive(&authorization)?);
        }
        request.body(Bytes::from(call.body.filled(&filling))).map_err(not_a_request)
    }

    pub(super) fn outcome(&self, answer: &Answer, message: &Message) -> Outcome {
        let (outcome, id) = self.reading.read(answer);
        if let (Some(sent), Some(id)) = (&self.sent, id) {
            sent.keep(&id, MessageOf::new(message));
        }
        outcome
    }
}

impl Call {
    fn new(field: &'static str, path: &str, body: Body) -> Result<Self, WhatsAppConfigError> {
        let is_path = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_path || path.contains(['?', '#']) {
            return Err(WhatsAppConfigError::new(
                field,
                "the path must begin with a slash, without query and fragment",
            ));
        }
        Ok(Self { path: path.to_owned(), body })
    }
}

/// Shows neither headers nor bodies.
impl fmt::Debug for GatewayApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayApi")
            .field("base_url", &self.base_url)
            .field("official", &self.official)
            .finish_non_exhaustive()
    }
}

fn parsed(field: &'static str, json: &str) -> Result<Value, WhatsAppConfigError> {
    serde_json::from_str(json).map_err(|_may_hold_a_secret| WhatsAppConfigError::new(field, "must be JSON"))
}

fn checked_pointer(pointer: &str) -> Result<String, WhatsAppConfigError> {
    if !pointer.starts_with('/') {
        return Err(WhatsAppConfigError::new("gateway answer", "write a JSON pointer like /error/code"));
    }
    Ok(pointer.to_owned())
}

fn by_name(version: &Version) -> Option<(&str, &str)> {
    match version {
        Version::Meta { name, language } => Some((name, language)),
        // `Template::check` refuses this at configuration.
        Version::Twilio { .. } => None,
    }
}
