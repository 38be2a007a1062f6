//! What a provider of inbound messages is.

use std::fmt;
use std::fmt::Debug;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use password_reset::{Assurance, BadIdentifier, CallingCode, DeliveryReport, Identifier, ResetId, Sender};

/// The provider that posts to a [`Webhook`](crate::Webhook): how it proves itself, and how it writes messages.
///
/// [`Meta`](crate::Meta), [`Twilio`](crate::Twilio) and [`Gateway`](crate::Gateway) are provided.
///
/// # Contract
/// * [`authenticates`](Self::authenticates) is asked first, about the raw bytes, and fails closed; nothing is parsed
///   before it has said yes (R117).
/// * [`events`](Self::events) takes anything without a panic, in time and memory that grow with the body alone (R136).
///   Whatever it does not know well is [`Event::Ignored`].
/// * An [`Event::Text`] is a direct text message that a user sent to the service's own number, and nothing else: no
///   group, status, reaction, edit, caption, button, echo (R123, R134).
pub trait Provider: Debug + Send + Sync + 'static {
    /// How well it is known who sent a message.
    fn assurance(&self) -> Assurance;

    /// The text to answer a GET with, by which some providers check that the address is ours; `None` to refuse.
    fn handshake(&self, query: &str) -> Option<String>;

    /// Whether the provider sent this.
    fn authenticates(&self, post: &Post<'_>) -> bool;

    /// What an authenticated post says.
    fn events(&self, post: &Post<'_>, own: &Own<'_>) -> Vec<Event>;
}

/// A post as it arrived.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Post<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// The query of its URL, without the question mark.
    pub query: Option<&'a str>,
    /// Its body, byte for byte.
    pub body: &'a [u8],
}

impl<'a> Post<'a> {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(headers: &'a HeaderMap, query: Option<&'a str>, body: &'a [u8]) -> Self {
        Self { headers, query, body }
    }

    /// A header that is there once; one that comes twice could be read in two ways.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        values.next().is_none().then_some(value.as_bytes())
    }
}

/// Shows nothing: headers and query hold secrets, and the body is somebody's message.
impl Debug for Post<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// The receiving side, as the service is set up.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Own<'a> {
    /// The service's own number in E.164 form, if it hears messages at all.
    pub number: Option<&'a str>,
    /// When the post arrived, for providers that do not say when a message was sent.
    pub arrived_at: DateTime<Utc>,
}

impl<'a> Own<'a> {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(number: Option<&'a str>, arrived_at: DateTime<Utc>) -> Self {
        Self { number, arrived_at }
    }

    /// Whether a number is the service's own, with or without a plus, spaces, dashes and brackets.
    #[must_use]
    pub fn is(&self, number: &str) -> bool {
        let Some(own) = self.number else { return false };
        // Asked of every message, about its sender and its receiver: almost always one of these two says it.
        if number.trim_start_matches('+') == own.trim_start_matches('+') {
            return true;
        }
        let last_digit = |text: &str| text.bytes().rfind(u8::is_ascii_digit);
        if last_digit(number) != last_digit(own)
            || !number.chars().all(|letter| letter.is_ascii_digit() || "+ -()\u{a0}".contains(letter))
        {
            return false;
        }
        // Both sides as the core reads them, so that both forms of one telephone are one.
        let canonical = |text: String| Identifier::phone(&text, CallingCode::INDONESIA).ok();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        canonical(own.to_owned()).is_some_and(|own| canonical(format!("+{digits}")) == Some(own))
    }
}

/// One thing that a post says.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A direct text message from a user to the service's own number.
    Text(TextMessage),
    /// At this time the user did not ask for a reset, or has given the number up.
    LockRequested(Who, DateTime<Utc>),
    /// What became of a message that we sent.
    Delivery(ResetId, DeliveryReport),
    /// Nothing for us; why.
    Ignored(&'static str),
}

/// A direct text message.
#[derive(Clone)]
#[non_exhaustive]
pub struct TextMessage {
    /// Who sent it.
    pub from: Who,
    /// When, by the provider's clock.
    pub sent_at: DateTime<Utc>,
    /// What it says, untouched.
    pub text: String,
    /// Whether somebody else wrote it first.
    pub forwarded: bool,
    /// The platform's hash of the sender's keys, where it is told.
    pub identity: Option<String>,
}

impl TextMessage {
    /// A message that was not forwarded.
    #[must_use]
    pub fn new(from: Who, sent_at: DateTime<Utc>, text: impl Into<String>) -> Self {
        Self { from, sent_at, text: text.into(), forwarded: false, identity: None }
    }
}

impl Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage").field("from", &self.from).field("sent_at", &self.sent_at).finish_non_exhaustive()
    }
}

/// A user, as a provider names them: by number, by the platform's own name for them, or both.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Who {
    /// The number: digits with the country, with or without a plus.
    pub phone: Option<String>,
    /// The platform's name, where it is told. Meta calls it business-scoped user id.
    pub id: Option<String>,
}

impl Who {
    /// A user with a number, a name, or both.
    #[must_use]
    pub fn new(phone: Option<&str>, id: Option<&str>) -> Self {
        let there = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Self { phone: there(phone), id: there(id) }
    }

    /// As the core takes it. A number that is none is no sender, whatever name stands beside it.
    pub(crate) fn sender(&self) -> Result<Sender, BadIdentifier> {
        match (&self.phone, &self.id) {
            (Some(phone), Some(id)) => Sender::phone_and_id(phone, id).or_else(|_odd_id| Sender::phone(phone)),
            (Some(phone), None) => Sender::phone(phone),
            (None, Some(id)) => Sender::id(id),
            (None, None) => Err(BadIdentifier::Empty),
        }
    }
}

impl Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Who").field("phone", &self.phone.is_some()).field("id", &self.id.is_some()).finish()
    }
}

/// Under what a reset's name travels with a message, and comes back with what became of it.
const CARRIED: &str = "reset:";

/// Writes a reset's name for a provider to carry.
pub(crate) fn carried(reset: ResetId) -> String {
    format!("{CARRIED}{}", base16ct::lower::encode_string(reset.as_bytes()))
}

/// Reads it back.
pub(crate) fn carried_back(text: &str) -> Option<ResetId> {
    let mut bytes = [0; 16];
    let decoded = base16ct::lower::decode(text.strip_prefix(CARRIED)?, &mut bytes).ok()?;
    (decoded.len() == 16).then(|| ResetId::from_bytes(bytes))
}

/// Why a message did not arrive, by the provider's code alone: what stands beside it may hold the number.
pub(crate) fn failure(code: Option<&str>, no_such_contact: &[i64]) -> DeliveryReport {
    let code = code.filter(|code| code.len() <= 10 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let why = code.unwrap_or("failed").to_owned();
    match why.parse() {
        Ok(code) if no_such_contact.contains(&code) => DeliveryReport::NoSuchContact { why },
        _ => DeliveryReport::Failed { why },
    }
}

/// Whole seconds since 1970, as a text.
pub(crate) fn seconds(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use http::{HeaderMap, HeaderValue};
    use password_reset::ResetId;

    use super::{Own, Post, Who, carried, carried_back, seconds};

    #[test]
    fn a_reset_comes_back_as_it_was_carried() {
        let reset = ResetId::from_bytes(*b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff");
        assert_eq!(carried(reset), "reset:000102030405060708090a0b0c0d0eff");
        assert_eq!(carried_back(&carried(reset)), Some(reset));
        for text in
            ["", "reset:", "reset:00", "000102030405060708090a0b0c0d0eff", "reset:000102030405060708090a0b0c0d0eff00"]
        {
            assert_eq!(carried_back(text), None, "{text}");
        }
    }

    #[test]
    fn our_number_is_known_however_it_is_written() {
        let own = Own::new(Some("+525511112222"), DateTime::UNIX_EPOCH);
        for written in ["525511112222", "+525511112222", "+52 1 55 1111-2222", "52 (55) 1111 2222"] {
            assert!(own.is(written), "{written}");
        }
        for other in [
            "",
            "+",
            "5511112222",
            "525511112223",
            "52551111222",
            "525511112222@c.us",
            "own: 525511112222",
            "52551111222২",
        ] {
            assert!(!own.is(other), "{other}");
        }
        assert!(!Own::new(None, DateTime::UNIX_EPOCH).is("525511112222"));
    }

    #[test]
    fn a_header_that_comes_twice_is_none() {
        let mut headers = HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("1"));
        headers.append("x-two", HeaderValue::from_static("1"));
        headers.append("x-two", HeaderValue::from_static("2"));
        let post = Post::new(&headers, None, b"");
        assert_eq!((post.header("x-one"), post.header("x-two"), post.header("x-none")), (Some(&b"1"[..]), None, None));
    }

    #[test]
    fn nobody_is_no_sender() {
        assert!(Who::new(None, None).sender().is_err() && Who::new(Some(""), Some("")).sender().is_err());
        assert!(Who::new(Some("0812"), Some("ID.1")).sender().is_err(), "a bad number is not passed over");
        assert!(Who::new(Some("6281200000001"), Some("no id")).sender().is_ok());
        assert!(Who::new(None, Some("ID.1")).sender().is_ok());
        let shown = format!("{:?}", Who::new(Some("6281200000001"), Some("ID.77")));
        assert!(!shown.contains("812") && !shown.contains("77"), "{shown}");
        assert_eq!(
            (seconds("1790000000").is_some(), seconds("soon"), seconds("99999999999999999")),
            (true, None, None)
        );
    }
}
