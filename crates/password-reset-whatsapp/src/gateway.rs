//! Gateways that are described by configuration.

mod authentication;
mod presets;

use std::fmt;

use chrono::{DateTime, Utc};
use password_reset::Assurance;
use serde_json::Value;

pub use self::authentication::Authentication;
use crate::provider::{Event, Own, Post, Provider, TextMessage, Who, seconds};

/// A gateway posts one message at a time; a body larger than this holds none.
const MAX_BYTES: usize = 256 * 1024;

/// A gateway that posts each message as a JSON object: how it proves itself, and where in the object things stand.
///
/// Places are written as `payload.from`: names with dots between them. What is there must be as described; a message in
/// which anything is missing or of another kind counts for nothing.
///
/// ```
/// use password_reset_whatsapp::{Algorithm, Authentication, Encoding, Gateway, TimeFormat};
///
/// # fn main() -> Result<(), password_reset_whatsapp::WhatsAppConfigError> {
/// # let secret = "only-the-tests-sign-with-this-01";
/// let signed = Authentication::hmac("X-Signature", Algorithm::Sha256, Encoding::Hex, secret)?;
/// let gateway = Gateway::new(signed, "data.from", "data.text")
///     .sent_at("data.time", TimeFormat::Seconds)
///     .own_number_at("data.to")
///     .only_if("event", "message")
///     .only_if("data.from_me", false)
///     .unless("data.group")
///     .forwarded_if("data.forwarded");
/// # Ok(())
/// # }
/// ```
///
/// # Security
/// Say everything by which the gateway marks a message that is not a direct text from a user: groups, messages of our
/// own, captions of media, buttons. What is not said here is taken for one.
#[derive(Clone)]
pub struct Gateway {
    authentication: Authentication,
    sender: Place,
    sender_id: Option<Place>,
    text: Place,
    sent_at: Option<(Place, TimeFormat)>,
    own_number: Option<Place>,
    conditions: Vec<Condition>,
    forwarded: Option<Place>,
}

/// How a gateway writes a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeFormat {
    /// Seconds since 1970, as a number or a text.
    Seconds,
    /// Milliseconds since 1970, as a number or a text.
    Milliseconds,
    /// `2026-09-01T03:00:00Z` (RFC 3339).
    Rfc3339,
}

/// A value that a message must have at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// Exactly this text.
    Text(String),
    /// Exactly `true` or `false`.
    Flag(bool),
}

impl From<&str> for Expected {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Expected {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

#[derive(Clone, Debug)]
enum Condition {
    Is(Place, Expected),
    Nothing(Place),
    Direct(Place),
}

impl Gateway {
    /// A gateway whose messages have the sender's number at one place, and their text at another.
    ///
    /// The number may be written as `62812…`, `+62812…`, `whatsapp:+62812…`, `62812…@c.us` or
    /// `62812…@s.whatsapp.net`. A sender `…@lid` has no number, only the platform's name; groups, channels and
    /// broadcasts (`…@g.us` and any other) are no senders.
    #[must_use]
    pub fn new(authentication: Authentication, sender: &str, text: &str) -> Self {
        Self {
            authentication,
            sender: Place::new(sender),
            sender_id: None,
            text: Place::new(text),
            sent_at: None,
            own_number: None,
            conditions: Vec::new(),
            forwarded: None,
        }
    }

    /// Says where the time is at which the message was sent. Without it a message counts as sent when it arrives.
    #[must_use]
    pub fn sent_at(mut self, place: &str, format: TimeFormat) -> Self {
        self.sent_at = Some((Place::new(place), format));
        self
    }

    /// Says where the number is that received the message; it must be the service's own.
    #[must_use]
    pub fn own_number_at(mut self, place: &str) -> Self {
        self.own_number = Some(Place::new(place));
        self
    }

    /// Says where the platform's name for the sender is, beside the number: `…@lid`, or a business-scoped user id.
    #[must_use]
    pub fn sender_id_at(mut self, place: &str) -> Self {
        self.sender_id = Some(Place::new(place));
        self
    }

    /// Takes only messages that have exactly this value at the place.
    #[must_use]
    pub fn only_if(mut self, place: &str, value: impl Into<Expected>) -> Self {
        self.conditions.push(Condition::Is(Place::new(place), value.into()));
        self
    }

    /// Takes only messages that have nothing at the place: no such name, `null`, `false`, `""`, `0`, `[]` or `{}`.
    #[must_use]
    pub fn unless(mut self, place: &str) -> Self {
        self.conditions.push(Condition::Nothing(Place::new(place)));
        self
    }

    /// Takes only messages whose chat, written as senders are, is one with a person.
    #[must_use]
    pub fn direct_at(mut self, place: &str) -> Self {
        self.conditions.push(Condition::Direct(Place::new(place)));
        self
    }

    /// Says where a message that was forwarded has something; what [`unless`](Self::unless) takes for nothing is not.
    #[must_use]
    pub fn forwarded_if(mut self, place: &str) -> Self {
        self.forwarded = Some(Place::new(place));
        self
    }

    fn event(&self, post: &Value, own: &Own<'_>) -> Event {
        let met = self.conditions.iter().all(|condition| match condition {
            Condition::Is(place, Expected::Text(text)) => place.of(post).and_then(Value::as_str) == Some(text),
            Condition::Is(place, Expected::Flag(flag)) => place.of(post).and_then(Value::as_bool) == Some(*flag),
            Condition::Nothing(place) => place.of(post).is_none_or(is_nothing),
            Condition::Direct(place) => place.text(post).and_then(|chat| who(&chat)).is_some(),
        });
        if !met {
            return Event::Ignored("not a direct text message");
        }
        if let Some(place) = &self.own_number {
            let to = place.text(post).and_then(|to| who(&to)).and_then(|to| to.phone);
            if !to.is_some_and(|to| own.is(&to)) {
                return Event::Ignored("to another number");
            }
        }
        let Some(mut from) = self.sender.text(post).and_then(|from| who(&from)) else {
            return Event::Ignored("not from a person");
        };
        if from.phone.as_deref().is_some_and(|phone| own.is(phone)) {
            return Event::Ignored("an echo of our own");
        }
        if let Some(id) = self.sender_id.as_ref().and_then(|place| place.text(post)).filter(|id| !id.is_empty()) {
            from.id = Some(id);
        }
        let Some(text) = self.text.of(post).and_then(Value::as_str) else {
            return Event::Ignored("without a text");
        };
        let sent_at = match &self.sent_at {
            Some((place, format)) => place.text(post).and_then(|time| format.read(&time)),
            None => Some(own.arrived_at),
        };
        let Some(sent_at) = sent_at else { return Event::Ignored("without a time") };
        let mut read = TextMessage::new(from, sent_at, text);
        read.forwarded =
            self.forwarded.as_ref().and_then(|place| place.of(post)).is_some_and(|value| !is_nothing(value));
        Event::Text(read)
    }
}

impl Provider for Gateway {
    fn assurance(&self) -> Assurance {
        self.authentication.assurance()
    }

    fn handshake(&self, _query: &str) -> Option<String> {
        None
    }

    fn authenticates(&self, post: &Post<'_>) -> bool {
        post.body.len() <= MAX_BYTES && self.authentication.holds(post)
    }

    fn events(&self, post: &Post<'_>, own: &Own<'_>) -> Vec<Event> {
        // Nested more than 128 deep is no JSON to `serde_json`.
        vec![match serde_json::from_slice(post.body) {
            Ok(post) => self.event(&post, own),
            Err(_says_what_it_read) => Event::Ignored("not JSON"),
        }]
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("authentication", &self.authentication)
            .field("sender", &self.sender)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

impl TimeFormat {
    fn read(self, text: &str) -> Option<DateTime<Utc>> {
        match self {
            Self::Seconds => seconds(text),
            Self::Milliseconds => DateTime::from_timestamp_millis(text.parse().ok()?),
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
        }
    }
}

/// Names, one in the other.
#[derive(Clone)]
pub(crate) struct Place(Vec<String>);

impl Place {
    pub(crate) fn new(written: &str) -> Self {
        Self(written.split('.').map(str::to_owned).collect())
    }

    pub(crate) fn of<'v>(&self, post: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(post, |value, name| value.as_object()?.get(name))
    }

    /// A text, or a whole number as a text.
    fn text(&self, post: &Value) -> Option<String> {
        match self.of(post)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) if number.is_u64() => Some(number.to_string()),
            _ => None,
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(array) => array.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

/// Reads a person; a group, a channel or a broadcast is none.
fn who(written: &str) -> Option<Who> {
    let written = written.strip_prefix("whatsapp:").unwrap_or(written);
    let (user, server) = match written.split_once('@') {
        Some((user, server)) => (user, Some(server)),
        None => (written, None),
    };
    // A device of the person: `62812…:3@s.whatsapp.net`.
    let user = user.split_once(':').map_or(user, |(user, _device)| user);
    let digits = user.strip_prefix('+').unwrap_or(user);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match server {
        None | Some("c.us" | "s.whatsapp.net") => Some(Who::new(Some(user), None)),
        Some("lid") => Some(Who::new(None, Some(&format!("{user}@lid")))),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests;
