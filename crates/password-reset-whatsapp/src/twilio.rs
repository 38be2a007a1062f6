//! Webhooks of Twilio.

use password_reset::inbound::{Assurance, DeliveryReport};
use password_reset_http_api::checked_url;
use std::borrow::Cow;
use url::form_urlencoded;

use crate::error::WhatsAppConfigError;
use crate::meta::DID_NOT_REQUEST;
use crate::provider::{Event, Fact, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest, failure};
use crate::sent::MessageOf;
use crate::signature::{Algorithm, Encoding, Keys};

/// Twilio's requests have some thirty fields; one with more than this is refused.
const MAX_FIELDS: usize = 1_000;
/// Twilio's requests have a few kilobytes: a message has at most 1,600 letters.
const MAX_BODY: usize = 256 * 1024;
/// Recipient not found in the channel, invalid recipient, invalid number.
pub(crate) const NO_SUCH_CONTACT: [i64; 3] = [63_003, 63_024, 21_211];
/// The parameter of the status callback's URL that says which message it is of.
pub(crate) const MESSAGE: &str = "message";

/// Webhooks of Twilio's WhatsApp channel.
///
/// Twilio signs the URL *as configured at Twilio* and all fields with HMAC-SHA1 in `X-Twilio-Signature`. Therefore the URL
/// is a setting here too; headers such as `Host` have no influence on it.
///
/// # Security
/// Twilio does not state when a message was sent, so it counts as sent when it arrives: a message that Twilio delivers
/// late can prove a reset that the requester opened after it was sent.
#[derive(Clone, Debug)]
pub struct Twilio {
    keys: Keys,
    account_sid: String,
    /// The URL with and without the scheme's default port: Twilio signs one of them.
    urls: Vec<String>,
}

impl Twilio {
    /// Accepts requests signed with the account's auth token, for the webhook at `url`: exactly as entered in Twilio's
    /// console, without a query.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a token that is empty, short or from an example, an invalid account SID, and a URL that
    /// is not `https` (`http` for loopback alone) or not normalised.
    pub fn new(auth_token: &str, account_sid: &str, url: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self {
            keys: Keys::new("auth token", Algorithm::Sha1, auth_token)?,
            account_sid: sid(account_sid)?,
            urls: signed_urls(url)?,
        })
    }

    /// Also accepts requests signed with the previous token, during a rotation.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_previous_token(mut self, auth_token: &str) -> Result<Self, WhatsAppConfigError> {
        self.keys = self.keys.and("previous auth token", auth_token)?;
        Ok(self)
    }

    fn status_event(&self, fields: &Fields<'_>, status: &str, query: Option<&str>) -> Event {
        let query = query.unwrap_or_default();
        let of = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == MESSAGE);
        let Some(of) = of.and_then(|(_, reference)| MessageOf::of_reference(&reference)) else {
            return Event::Ignored("a status of a message that is not from this service");
        };
        match status {
            "delivered" | "read" => Event::DeliveryOf(of.reset, of.message, DeliveryReport::Delivered),
            "failed" | "undelivered" => {
                Event::DeliveryOf(of.reset, of.message, failure(fields.one("ErrorCode"), &NO_SUCH_CONTACT))
            }
            _ => Event::Ignored("an intermediate status"),
        }
    }

    fn message_event(&self, fields: &Fields<'_>, context: &ReceiveContext<'_>) -> Event {
        let to = fields.one("To").and_then(|to| to.strip_prefix("whatsapp:"));
        // A service without inbound messages has no number to compare with, but receives users' reports.
        if context.service_number.is_some() && !to.is_some_and(|to| context.is_service_number(to)) {
            return Event::Ignored("to another number");
        }
        let Some(from) = fields.one("From").and_then(|from| from.strip_prefix("whatsapp:")) else {
            return Event::Ignored("not from WhatsApp");
        };
        let external = fields.one("ExternalUserId").and_then(|id| id.strip_prefix("whatsapp:"));
        let from = match from.starts_with('+') {
            true => SenderInfo::new(Some(from), external),
            false => SenderInfo::new(None, Some(from)),
        };
        if let Some(payload) = fields.one("ButtonPayload") {
            return match payload == DID_NOT_REQUEST {
                true => Event::Reported(from, context.arrived_at),
                false => Event::Ignored("another button"),
            };
        }
        let a_text = fields.one("MessageType").is_none_or(|kind| kind == "text")
            && fields.one("NumMedia").is_none_or(|media| media == "0")
            && fields.one("SmsStatus").is_none_or(|status| status == "received")
            && !fields.has("ButtonText");
        let Some(text) = fields.one("Body").filter(|_| a_text) else { return Event::Ignored("not a text message") };
        let mut read = TextMessage::new(from, context.arrived_at, text);
        read.forwarded = ["Forwarded", "FrequentlyForwarded"].into_iter().any(|flag| fields.one(flag) == Some("true"));
        Event::Text(read)
    }
}

impl Provider for Twilio {
    fn assurance(&self) -> Assurance {
        Assurance::Signed
    }

    fn cannot_say(&self) -> Vec<Fact> {
        vec![Fact::Time]
    }

    fn handshake(&self, _query: &str) -> Option<String> {
        None
    }

    fn max_body(&self) -> usize {
        MAX_BODY
    }

    fn may_have_sent(&self, head: &WebhookRequest<'_>) -> bool {
        // Base64 of the 20 bytes of an HMAC-SHA1.
        head.header("x-twilio-signature").is_some_and(|mac| mac.len() == 28)
    }

    fn authenticates(&self, request: &WebhookRequest<'_>) -> bool {
        let Some(mac) = request.header("x-twilio-signature") else { return false };
        let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
        let Some(fields) = Fields::of_form(request.body) else { return false };
        let fields = fields.sorted.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        self.urls.iter().any(|url| {
            let parts: Vec<&[u8]> = [url.as_bytes(), query.as_bytes()].into_iter().chain(fields.clone()).collect();
            self.keys.verify(&parts, mac, Encoding::Base64)
        })
    }

    fn events(&self, request: &WebhookRequest<'_>, context: &ReceiveContext<'_>) -> Vec<Event> {
        let Some(fields) = Fields::of_form(request.body) else { return vec![Event::Ignored("too many fields")] };
        if fields.one("AccountSid") != Some(self.account_sid.as_str()) {
            return vec![Event::Ignored("of another account")];
        }
        vec![match fields.one("MessageStatus") {
            Some(status) => self.status_event(&fields, status, request.query),
            None => self.message_event(&fields, context),
        }]
    }
}

/// The fields of a request, sorted by name and value and without repetitions, as Twilio signs them.
struct Fields<'a> {
    sorted: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    fn of_form(body: &'a [u8]) -> Option<Self> {
        let mut sorted: Vec<_> = form_urlencoded::parse(body).take(MAX_FIELDS.saturating_add(1)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        (sorted.len() <= MAX_FIELDS).then_some(Self { sorted })
    }

    /// The value of a field that has exactly one. A field with two values is ambiguous.
    fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.sorted.iter().filter(|(known, _)| known == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value.as_ref())
    }

    fn has(&self, name: &str) -> bool {
        self.sorted.iter().any(|(known, _)| known == name)
    }
}

/// Checks an account SID: `AC` and 32 hexadecimal digits.
pub(crate) fn sid(account_sid: &str) -> Result<String, WhatsAppConfigError> {
    match account_sid.strip_prefix("AC") {
        Some(rest) if rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(account_sid.to_owned())
        }
        _ => Err(WhatsAppConfigError::new("account SID", "must be AC and 32 characters, as shown in the console")),
    }
}

fn signed_urls(url: &str) -> Result<Vec<String>, WhatsAppConfigError> {
    let error = |why| WhatsAppConfigError::new("webhook URL", why);
    let parsed = checked_url(url).map_err(|refused| error(refused.why))?;
    let host = parsed.host_str().ok_or(error("has no host"))?;
    let default_port = match parsed.scheme() {
        "https" => 443,
        _ => 80,
    };
    let with = |port: String| format!("{}://{host}{port}{}", parsed.scheme(), parsed.path());
    let urls = match parsed.port() {
        Some(port) => vec![with(format!(":{port}"))],
        None => vec![with(String::new()), with(format!(":{default_port}"))],
    };
    // The signature covers the exact bytes, so a URL that Twilio would normalise never matches.
    if urls.iter().any(|known| known == url) {
        Ok(urls)
    } else {
        Err(error("must be normalised: lowercase host, percent-encoded path"))
    }
}

#[cfg(test)]
mod tests;
