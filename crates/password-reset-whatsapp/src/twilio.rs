//! Twilio: what arrives.

use std::borrow::Cow;
use std::fmt;

use http::header::CONTENT_TYPE;
use password_reset::{Assurance, DeliveryReport};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use crate::error::WhatsAppConfigError;
use crate::meta::DID_NOT_REQUEST;
use crate::provider::{Event, Own, Post, Provider, TextMessage, Who, carried_back, failure};
use crate::secret::same;
use crate::signature::{Algorithm, Encoding, Keys};

/// A post of Twilio's has some thirty fields; one with more than this is none.
const MAX_FIELDS: usize = 1_000;
/// Channel did not find the recipient; invalid recipient; invalid number.
pub(crate) const NO_SUCH_CONTACT: [i64; 3] = [63_003, 63_024, 21_211];
/// The field of a status callback's URL in which the reset travels.
pub(crate) const RESET: &str = "reset";

/// Webhooks of Twilio's WhatsApp channel.
///
/// Posts are signed with HMAC-SHA1 in `X-Twilio-Signature`, over the URL *as Twilio knows it* and all fields. Therefore
/// the URL is a setting: what a proxy or a `Host` header says is not asked.
///
/// # Security
/// Twilio does not say when a message was sent, so it counts as sent when it arrives: a message that is delivered late
/// counts for a reset that is still open.
#[derive(Clone)]
pub struct Twilio {
    keys: Keys,
    account_sid: String,
    /// The URL with and without its port, where that is the usual one: Twilio signs one of them.
    urls: Vec<String>,
}

impl Twilio {
    /// Takes posts that are signed with the account's auth token, for the webhook at `url`: exactly as it is typed into
    /// Twilio's console, without a query.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a token that is empty, short or from an example, an account that is none, and a URL
    /// that is not `https` (`http` for loopback alone) or not in its usual form.
    pub fn new(auth_token: &str, account_sid: &str, url: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self {
            keys: Keys::new("auth token", Algorithm::Sha1, auth_token)?,
            account_sid: sid(account_sid)?,
            urls: signed_urls(url)?,
        })
    }

    /// Also takes posts that are signed with the token before this one, while it is being replaced.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_previous_token(mut self, auth_token: &str) -> Result<Self, WhatsAppConfigError> {
        self.keys = self.keys.and("previous auth token", auth_token)?;
        Ok(self)
    }

    fn of_status(&self, fields: &Fields<'_>, status: &str, query: Option<&str>) -> Event {
        let query = query.unwrap_or_default();
        let reset = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == RESET);
        let Some(reset) = reset.and_then(|(_, carried)| carried_back(&carried)) else {
            return Event::Ignored("the status of another message");
        };
        match status {
            "delivered" | "read" => Event::Delivery(reset, DeliveryReport::Delivered),
            "failed" | "undelivered" => Event::Delivery(reset, failure(fields.one("ErrorCode"), &NO_SUCH_CONTACT)),
            _ => Event::Ignored("a status between"),
        }
    }

    fn of_message(&self, fields: &Fields<'_>, own: &Own<'_>) -> Event {
        let to = fields.one("To").and_then(|to| to.strip_prefix("whatsapp:"));
        // A service that hears no texts has no number to compare, and still learns who did not ask.
        if own.number.is_some() && !to.is_some_and(|to| own.is(to)) {
            return Event::Ignored("to another number");
        }
        let Some(from) = fields.one("From").and_then(|from| from.strip_prefix("whatsapp:")) else {
            return Event::Ignored("not from WhatsApp");
        };
        let external = fields.one("ExternalUserId").and_then(|id| id.strip_prefix("whatsapp:"));
        let from = match from.starts_with('+') {
            true => Who::new(Some(from), external),
            false => Who::new(None, Some(from)),
        };
        if let Some(payload) = fields.one("ButtonPayload") {
            return match payload == DID_NOT_REQUEST {
                true => Event::LockRequested(from, own.arrived_at),
                false => Event::Ignored("a button"),
            };
        }
        let a_text = fields.one("MessageType").is_none_or(|kind| kind == "text")
            && fields.one("NumMedia").is_none_or(|media| media == "0")
            && fields.one("SmsStatus").is_none_or(|status| status == "received")
            && !fields.has("ButtonText");
        let Some(text) = fields.one("Body").filter(|_| a_text) else { return Event::Ignored("not a text message") };
        let mut read = TextMessage::new(from, own.arrived_at, text);
        read.forwarded = ["Forwarded", "FrequentlyForwarded"].into_iter().any(|flag| fields.one(flag) == Some("true"));
        Event::Text(read)
    }
}

impl Provider for Twilio {
    fn assurance(&self) -> Assurance {
        Assurance::Signed
    }

    fn handshake(&self, _query: &str) -> Option<String> {
        None
    }

    fn authenticates(&self, post: &Post<'_>) -> bool {
        let Some(mac) = post.header("x-twilio-signature") else { return false };
        let query = post.query.map(|query| format!("?{query}")).unwrap_or_default();
        let fields = match is_json(post) {
            // Fields are in the signature; another body is bound to the URL by its hash.
            true if !has_hash_of(query.trim_start_matches('?'), post.body) => return false,
            true => Fields::default(),
            false => match Fields::of_form(post.body) {
                Some(fields) => fields,
                None => return false,
            },
        };
        let fields = fields.sorted.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        self.urls.iter().any(|url| {
            let parts: Vec<&[u8]> = [url.as_bytes(), query.as_bytes()].into_iter().chain(fields.clone()).collect();
            self.keys.verify(&parts, mac, Encoding::Base64)
        })
    }

    fn events(&self, post: &Post<'_>, own: &Own<'_>) -> Vec<Event> {
        let fields = if is_json(post) { Fields::of_json(post.body) } else { Fields::of_form(post.body) };
        let Some(fields) = fields else { return vec![Event::Ignored("neither a form nor JSON")] };
        if fields.one("AccountSid") != Some(self.account_sid.as_str()) {
            return vec![Event::Ignored("of another account")];
        }
        vec![match fields.one("MessageStatus") {
            Some(status) => self.of_status(&fields, status, post.query),
            None => self.of_message(&fields, own),
        }]
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// The fields of a post, by name and then by value, none twice: as they are signed.
#[derive(Default)]
struct Fields<'a> {
    sorted: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    fn of_form(body: &'a [u8]) -> Option<Self> {
        let sorted: Vec<_> = form_urlencoded::parse(body).take(MAX_FIELDS.saturating_add(1)).collect();
        Self::sorted(sorted)
    }

    fn of_json(body: &'a [u8]) -> Option<Self> {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
        let texts = object.into_iter().filter_map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name.into(), text.into())),
            serde_json::Value::Number(number) => Some((name.into(), number.to_string().into())),
            _ => None,
        });
        Self::sorted(texts.collect())
    }

    fn sorted(mut fields: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Option<Self> {
        fields.sort_unstable();
        fields.dedup();
        (fields.len() <= MAX_FIELDS).then_some(Self { sorted: fields })
    }

    /// The one value of a field; one with two values could be read in two ways.
    fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.sorted.iter().filter(|(known, _)| known == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value.as_ref())
    }

    fn has(&self, name: &str) -> bool {
        self.sorted.iter().any(|(known, _)| known == name)
    }
}

fn is_json(post: &Post<'_>) -> bool {
    post.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with(b"application/json"))
}

fn has_hash_of(query: &str, body: &[u8]) -> bool {
    let mut hashes = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "bodySHA256");
    let hash = base16ct::lower::encode_string(&Sha256::digest(body));
    matches!((hashes.next(), hashes.next()), (Some((_, said)), None) if same(said.as_bytes(), hash.as_bytes()))
}

/// Twilio's ids: two letters and 32 digits in hex.
pub(crate) fn sid(account_sid: &str) -> Result<String, WhatsAppConfigError> {
    match account_sid.strip_prefix("AC") {
        Some(rest) if rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(account_sid.to_owned())
        }
        _ => Err(WhatsAppConfigError::new("account SID", "it is AC and 32 characters, as the console shows it")),
    }
}

fn signed_urls(url: &str) -> Result<Vec<String>, WhatsAppConfigError> {
    let error = |why| WhatsAppConfigError::new("webhook URL", why);
    let parsed = Url::parse(url).map_err(|_may_hold_a_secret| error("it is not a URL"))?;
    if !crate::http_client::is_protected(&parsed) {
        return Err(error("begin it with https://"));
    }
    if parsed.query().is_some()
        || parsed.fragment().is_some()
        || !parsed.username().is_empty()
        || parsed.password().is_some()
    {
        return Err(error("leave user, query and fragment out: the query of every post is signed as it comes"));
    }
    let host = parsed.host_str().ok_or(error("it names no host"))?;
    let usual = match parsed.scheme() {
        "https" => 443,
        _ => 80,
    };
    let with = |port: String| format!("{}://{host}{port}{}", parsed.scheme(), parsed.path());
    let urls = match parsed.port() {
        Some(port) => vec![with(format!(":{port}"))],
        None => vec![with(String::new()), with(format!(":{usual}"))],
    };
    // What is signed is compared byte for byte.
    if urls.iter().any(|known| known == url) {
        Ok(urls)
    } else {
        Err(error("write it in its usual form: lower-case host, percent-encoded path"))
    }
}

#[cfg(test)]
mod tests;
