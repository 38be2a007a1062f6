//! The port for providers of inbound messages.

use std::fmt;
use std::fmt::Debug;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use password_reset::identity::BadIdentifier;
use password_reset::inbound::{Assurance, DeliveryReport, Sender};
use password_reset::{Identifier, ResetId};

/// What a provider may say of a message besides its sender and its text.
///
/// Where a provider cannot say one of them, messages that should be refused look like those that prove a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// Whether the sender forwarded another user's message.
    Forwarded,
    /// Whether it was written in a group.
    Group,
    /// Whether the service's own number sent it.
    OwnMessage,
    /// When it was sent.
    Time,
    /// Who sent it, where WhatsApp hides the number.
    HiddenSender,
}

impl Fact {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Forwarded, Self::Group, Self::OwnMessage, Self::Time, Self::HiddenSender];

    /// The fact in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::Group => "group",
            Self::OwnMessage => "own message",
            Self::Time => "time",
            Self::HiddenSender => "hidden sender",
        }
    }

    /// What follows where a provider cannot say it.
    #[must_use]
    pub const fn risk(self) -> &'static str {
        match self {
            Self::Forwarded => {
                "this provider does not say whether a message was forwarded: an owner who forwards a text that an attacker \
                 sent them proves the attacker's reset"
            }
            Self::Group => {
                "this provider does not say whether a message was written in a group: a code that the owner posts in a group \
                 proves the reset"
            }
            Self::OwnMessage => {
                "this provider does not mark messages of the service's own number: only the number in them keeps them apart"
            }
            Self::Time => {
                "this provider does not say when a message was sent: one that arrives late counts as sent when it arrives"
            }
            Self::HiddenSender => {
                "this provider does not say who sent a message where WhatsApp hides the number: such an owner cannot prove a \
                 reset by a message"
            }
        }
    }
}

/// A provider that calls a [`Webhook`](crate::Webhook): authenticates its requests and reads its messages.
///
/// [`Meta`](crate::Meta), [`Twilio`](crate::Twilio) and [`Gateway`](crate::Gateway) are provided.
///
/// # Contract
/// * [`may_have_sent`](Self::may_have_sent) sees headers and query before a body is read, so it refuses what needs no body
///   to be refused: a request without a signature, or without the right secret.
/// * The webhook calls [`authenticates`](Self::authenticates) next, with the raw bytes. It fails closed, and the webhook
///   parses nothing unless it returns `true`.
/// * [`events`](Self::events) accepts any body without a panic, in time and memory that grow only with the size of the
///   body. What it does not recognise is [`Event::Ignored`].
/// * An [`Event::Text`] is a direct text message that a user sent to the service's number, and nothing else: no group
///   message, status, reaction, edit, caption, button or echo.
pub trait Provider: Debug + Send + Sync + 'static {
    /// How reliably the provider identifies the sender of a message.
    fn assurance(&self) -> Assurance;

    /// What the provider cannot say of a message. [`Webhook::new`](crate::Webhook::new) refuses a provider that cannot say what
    /// the mode of the service needs, and logs the risk of everything else that is missing.
    fn cannot_say(&self) -> Vec<Fact>;

    /// The answer to the GET with which some providers verify the webhook's address; `None` refuses it.
    fn handshake(&self, query: &str) -> Option<String>;

    /// The largest body that the provider sends; [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES) at most.
    fn max_body(&self) -> usize;

    /// Whether headers and query allow that the provider sent a request; its body is not read yet, and empty here.
    fn may_have_sent(&self, head: &WebhookRequest<'_>) -> bool;

    /// Whether the provider sent this request.
    fn authenticates(&self, request: &WebhookRequest<'_>) -> bool;

    /// The events in an authenticated request.
    fn events(&self, request: &WebhookRequest<'_>, context: &ReceiveContext<'_>) -> Vec<Event>;
}

/// A POST to the webhook.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct WebhookRequest<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The query of the URL, without the question mark.
    pub query: Option<&'a str>,
    /// The raw body.
    pub body: &'a [u8],
}

impl<'a> WebhookRequest<'a> {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(headers: &'a HeaderMap, query: Option<&'a str>, body: &'a [u8]) -> Self {
        Self { headers, query, body }
    }

    /// A header that occurs exactly once. A repeated header is `None`, because it is ambiguous.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        values.next().is_none().then_some(value.as_bytes())
    }
}

/// Shows only the size: headers and query contain secrets, and the body contains a user's message.
impl Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What the service knows when it receives a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReceiveContext<'a> {
    /// The service's number in E.164 form, if the service takes inbound messages.
    pub service_number: Option<&'a str>,
    /// When the request arrived; the time of a message whose provider does not state one.
    pub arrived_at: DateTime<Utc>,
}

impl<'a> ReceiveContext<'a> {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(service_number: Option<&'a str>, arrived_at: DateTime<Utc>) -> Self {
        Self { service_number, arrived_at }
    }

    /// Whether a number is the service's, with or without a plus, spaces, dashes and brackets.
    #[must_use]
    pub fn is_service_number(&self, number: &str) -> bool {
        let Some(service) = self.service_number else { return false };
        // Called twice for every message; one of these two comparisons decides nearly all of them.
        if number.trim_start_matches('+') == service.trim_start_matches('+') {
            return true;
        }
        let last_digit = |text: &str| text.bytes().rfind(u8::is_ascii_digit);
        if last_digit(number) != last_digit(service)
            || !number.chars().all(|letter| letter.is_ascii_digit() || "+ -()\u{a0}".contains(letter))
        {
            return false;
        }
        // The core folds the two forms that WhatsApp has for some countries' numbers.
        let canonical = |text: String| Identifier::phone(&text, None).ok();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        canonical(service.to_owned()).is_some_and(|service| canonical(format!("+{digits}")) == Some(service))
    }
}

/// One event in a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A direct text message from a user to the service's number.
    Text(TextMessage),
    /// The user reports that they did not ask for a reset, or has given up the number, at this time.
    Reported(SenderInfo, DateTime<Utc>),
    /// The delivery status of a message that the service sent.
    Delivery(ResetId, DeliveryReport),
    /// The same of one message, by the first half of its [`id`](password_reset::Message::id): the report then counts for the contact
    /// that this message went to.
    DeliveryOf(ResetId, [u8; 16], DeliveryReport),
    /// Not an event for the service; the text says why.
    Ignored(&'static str),
}

/// A direct text message.
#[derive(Clone)]
#[non_exhaustive]
pub struct TextMessage {
    /// The sender.
    pub from: SenderInfo,
    /// When it was sent, by the provider's clock.
    pub sent_at: DateTime<Utc>,
    /// The text, unchanged.
    pub text: String,
    /// Whether the sender forwarded another user's message.
    pub forwarded: bool,
    /// The platform's hash of the sender's keys, if the provider states it.
    pub identity: Option<String>,
}

impl TextMessage {
    /// A message that was not forwarded.
    #[must_use]
    pub fn new(from: SenderInfo, sent_at: DateTime<Utc>, text: impl Into<String>) -> Self {
        Self { from, sent_at, text: text.into(), forwarded: false, identity: None }
    }
}

impl Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage").field("from", &self.from).field("sent_at", &self.sent_at).finish_non_exhaustive()
    }
}

/// A sender as the provider identifies them: by phone number, by the platform's user id, or both.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SenderInfo {
    /// The number: digits with the country code, with or without a plus.
    pub phone: Option<String>,
    /// The platform's user id, if the provider states it. Meta calls it the business-scoped user id.
    pub id: Option<String>,
}

impl SenderInfo {
    /// A sender with a number, a user id, or both. Empty texts count as absent.
    #[must_use]
    pub fn new(phone: Option<&str>, id: Option<&str>) -> Self {
        let present = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Self { phone: present(phone), id: present(id) }
    }

    /// Converts to the core's type. A malformed number is an error even if there is a user id.
    pub(crate) fn sender(&self) -> Result<Sender, BadIdentifier> {
        match (&self.phone, &self.id) {
            (Some(phone), Some(id)) => Sender::phone_and_id(phone, id).or_else(|_odd_id| Sender::phone(phone)),
            (Some(phone), None) => Sender::phone(phone),
            (None, Some(id)) => Sender::id(id),
            (None, None) => Err(BadIdentifier::Empty),
        }
    }
}

impl Debug for SenderInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderInfo").field("phone", &self.phone.is_some()).field("id", &self.id.is_some()).finish()
    }
}

/// Reports a failed delivery with the provider's code alone, because its text may contain the number.
pub(crate) fn failure(code: Option<&str>, no_such_contact: &[i64]) -> DeliveryReport {
    let code = code.filter(|code| code.len() <= 10 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let why = code.unwrap_or("failed").to_owned();
    match why.parse() {
        Ok(code) if no_such_contact.contains(&code) => DeliveryReport::NoSuchContact { why },
        _ => DeliveryReport::Failed { why },
    }
}

/// Reads whole seconds since 1970.
pub(crate) fn seconds(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use http::{HeaderMap, HeaderValue};
    use password_reset::inbound::DeliveryReport;

    use super::{ReceiveContext, SenderInfo, WebhookRequest, failure, seconds};

    #[test]
    fn of_a_failure_only_a_short_number_is_kept() {
        let why = |code| match failure(code, &[131_026]) {
            DeliveryReport::Failed { why } => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(Some("131047")), "131047");
        for other in [None, Some("+628120000"), Some("not found"), Some("62812000000012")] {
            assert_eq!(why(other), "failed", "{other:?}");
        }
        assert!(matches!(failure(Some("131026"), &[131_026]), DeliveryReport::NoSuchContact { .. }));
    }

    #[test]
    fn the_service_number_is_recognised_in_any_notation() {
        let context = ReceiveContext::new(Some("+525511112222"), DateTime::UNIX_EPOCH);
        for written in ["525511112222", "+525511112222", "+52 1 55 1111-2222", "52 (55) 1111 2222"] {
            assert!(context.is_service_number(written), "{written}");
        }
        for other in [
            "",
            "+",
            "5511112222",
            "525511112223",
            "52551111222",
            "525511112222@c.us",
            "number: 525511112222",
            "52551111222২",
        ] {
            assert!(!context.is_service_number(other), "{other}");
        }
        assert!(!ReceiveContext::new(None, DateTime::UNIX_EPOCH).is_service_number("525511112222"));
    }

    #[test]
    fn a_repeated_header_is_none() {
        let mut headers = HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("1"));
        headers.append("x-two", HeaderValue::from_static("1"));
        headers.append("x-two", HeaderValue::from_static("2"));
        let request = WebhookRequest::new(&headers, None, b"");
        assert_eq!(
            (request.header("x-one"), request.header("x-two"), request.header("x-none")),
            (Some(&b"1"[..]), None, None)
        );
    }

    #[test]
    fn a_sender_needs_a_valid_number_or_a_user_id() {
        assert!(SenderInfo::new(None, None).sender().is_err() && SenderInfo::new(Some(""), Some("")).sender().is_err());
        assert!(
            SenderInfo::new(Some("0812"), Some("ID.1")).sender().is_err(),
            "a bad number is not replaced by the user id"
        );
        assert!(SenderInfo::new(Some("6281200000001"), Some("no id")).sender().is_ok());
        assert!(SenderInfo::new(None, Some("ID.1")).sender().is_ok());
        let shown = format!("{:?}", SenderInfo::new(Some("6281200000001"), Some("ID.77")));
        assert!(!shown.contains("812") && !shown.contains("77"), "{shown}");
        assert_eq!(
            (seconds("1790000000").is_some(), seconds("soon"), seconds("99999999999999999")),
            (true, None, None)
        );
    }
}
