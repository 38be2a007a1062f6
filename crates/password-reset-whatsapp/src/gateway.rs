//! Gateways described by configuration.

mod authentication;
mod condition;
mod path;
mod presets;
mod reports;
mod sender;

use std::fmt;

use chrono::{DateTime, Utc};
use password_reset::inbound::Assurance;
use serde_json::Value;

pub use self::authentication::{Authentication, WebhookPost};
use self::condition::Condition;
pub use self::condition::Expected;
use self::path::{JsonPath, has_mark, is_empty_value};
pub use self::reports::Reports;
use self::sender::{is_same_number, sender_info};
use crate::error::WhatsAppConfigError;
use crate::provider::{Event, Fact, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest, seconds};
use crate::sent::SentMessages;

/// A gateway sends one message per request, so a larger body is not one.
const MAX_BYTES: usize = 256 * 1024;

/// A gateway that posts each message as a JSON object: how it authenticates, and the paths of the fields.
///
/// A path is written as `payload.from`: the names, separated by dots. A message in which a described field is missing or
/// has another type is ignored.
///
/// ```
/// use password_reset_whatsapp::{Algorithm, Authentication, Encoding, Gateway, TimeFormat};
///
/// # fn main() -> Result<(), password_reset_whatsapp::WhatsAppConfigError> {
/// # let secret = "only-the-tests-sign-with-this-01";
/// let signed = Authentication::hmac("X-Signature", Algorithm::Sha256, Encoding::Hex, secret)?;
/// let gateway = Gateway::new(signed, "data.from", "data.text")
///     .sent_at("data.time", TimeFormat::Seconds)
///     .service_number_at("data.to")
///     .only_if("event", "message")
///     .own_if("data.from_me")
///     .group_if("data.group")
///     .forwarded_if("data.forwarded");
/// # Ok(())
/// # }
/// ```
///
/// # Security
/// Describe every mark by which the gateway tells other messages from a direct text of a user: groups, the service's own
/// messages, captions of media, buttons. A message without a described mark counts as a direct text. What is not described
/// with a method of its own, the gateway [cannot say](Provider::cannot_say).
#[derive(Clone)]
pub struct Gateway {
    authentication: Authentication,
    sender: JsonPath,
    other_senders: Vec<JsonPath>,
    sender_id: Option<JsonPath>,
    text: JsonPath,
    sent_at: Option<(JsonPath, TimeFormat)>,
    service_number: Option<JsonPath>,
    conditions: Vec<Condition>,
    forwarded: Vec<Mark>,
    says: Vec<Fact>,
    reports: Option<Reports>,
    sent: Option<SentMessages>,
}

/// Where forwarded messages have a value.
#[derive(Clone, Debug)]
enum Mark {
    At(JsonPath),
    /// In a field of one of these names, in lower case, at any depth below the path.
    Below(JsonPath, Vec<String>),
}

/// The format of a gateway's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeFormat {
    /// Seconds since 1970, as a number or a string.
    Seconds,
    /// Milliseconds since 1970, as a number or a string.
    Milliseconds,
    /// `2026-09-01T03:00:00Z` (RFC 3339).
    Rfc3339,
}

impl Gateway {
    /// A gateway whose messages have the sender's number at one path, and the text at another.
    ///
    /// The number may be written as `62812…`, `+62812…`, `whatsapp:+62812…`, `62812…@c.us` or
    /// `62812…@s.whatsapp.net`. A sender `…@lid` has no number, only the platform's user id. Messages from groups,
    /// channels and broadcasts (`…@g.us` and any other) are ignored.
    #[must_use]
    pub fn new(authentication: Authentication, sender: &str, text: &str) -> Self {
        Self {
            authentication,
            sender: JsonPath::new(sender),
            other_senders: Vec::new(),
            sender_id: None,
            text: JsonPath::new(text),
            sent_at: None,
            service_number: None,
            conditions: Vec::new(),
            forwarded: Vec::new(),
            says: Vec::new(),
            reports: None,
            sent: None,
        }
    }

    /// Replaces how the gateway authenticates: a preset's, where your gateway offers another.
    #[must_use]
    pub fn with_authentication(mut self, authentication: Authentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// A post of this JSON object that is authenticated as the gateway's are: see [`Authentication::post`].
    #[must_use]
    pub fn post(&self, json: &str) -> WebhookPost {
        self.authentication.post(json)
    }

    /// Describes the gateway's delivery reports.
    #[must_use]
    pub fn with_reports(mut self, reports: Reports) -> Self {
        self.reports = Some(reports);
        self
    }

    /// Reads the delivery reports of the messages that a [`GatewayApi`](crate::GatewayApi) sent, which has the same
    /// [`SentMessages`].
    ///
    /// # Errors
    /// When the gateway reports no deliveries, none that are described, or does not authenticate its reports as its messages.
    pub fn reporting(mut self, sent: &SentMessages) -> Result<Self, WhatsAppConfigError> {
        let error = |why| Err(WhatsAppConfigError::new("delivery reports", why));
        let Some(reports) = &self.reports else {
            return error(
                "this gateway's are not described: describe them with `Gateway::with_reports`, or send without",
            );
        };
        if reports.lack_body_secret && self.authentication.is_in_body() {
            return error(
                "this gateway's have no secret in the body: put one into the address that it calls, and name it with \
                 `with_authentication(Authentication::query(…))`",
            );
        }
        self.sent = Some(sent.clone());
        Ok(self)
    }

    /// The path of the time at which the message was sent. Without it a message counts as sent when it arrives.
    #[must_use]
    pub fn sent_at(mut self, path: &str, format: TimeFormat) -> Self {
        self.sent_at = Some((JsonPath::new(path), format));
        self.says(Fact::Time)
    }

    /// Another path of the sender, in the same format: gateways that put `…@lid` at the first path have the number
    /// elsewhere. Call it again for more. Of all these, the numbers must be one number.
    #[must_use]
    pub fn or_sender_at(mut self, path: &str) -> Self {
        self.other_senders.push(JsonPath::new(path));
        self.says(Fact::HiddenSender)
    }

    /// The path of the number that received the message; it must be the service's.
    #[must_use]
    pub fn service_number_at(mut self, path: &str) -> Self {
        self.service_number = Some(JsonPath::new(path));
        self
    }

    /// The path of the platform's user id of the sender, in addition to the number: `…@lid`, or a business-scoped user
    /// id.
    #[must_use]
    pub fn sender_id_at(mut self, path: &str) -> Self {
        self.sender_id = Some(JsonPath::new(path));
        self.says(Fact::HiddenSender)
    }

    /// Ignores messages that do not have exactly this value at the path.
    #[must_use]
    pub fn only_if(mut self, path: &str, value: impl Into<Expected>) -> Self {
        self.conditions.push(Condition::Equals(JsonPath::new(path), value.into()));
        self
    }

    /// Ignores messages that have a value at the path. A missing field, `null`, `false`, `""`, `0`, `[]` and `{}` count as
    /// no value.
    #[must_use]
    pub fn unless(mut self, path: &str) -> Self {
        self.conditions.push(Condition::Empty(JsonPath::new(path)));
        self
    }

    /// Ignores messages whose chat at the path is a group, channel or broadcast. It has the same format as the sender.
    #[must_use]
    pub fn direct_at(mut self, path: &str) -> Self {
        self.conditions.push(Condition::Direct(JsonPath::new(path)));
        self.says(Fact::Group)
    }

    /// Ignores messages of a group: those that have a value at the path, in the sense of [`unless`](Self::unless).
    #[must_use]
    pub fn group_if(self, path: &str) -> Self {
        self.unless(path).says(Fact::Group)
    }

    /// Ignores messages of the service's own number: those that have a value at the path, in the sense of
    /// [`unless`](Self::unless).
    #[must_use]
    pub fn own_if(self, path: &str) -> Self {
        self.unless(path).says(Fact::OwnMessage)
    }

    /// A path at which forwarded messages have a value, in the sense of [`unless`](Self::unless). Call it again for another
    /// place: a message with a value at any of them is forwarded.
    #[must_use]
    pub fn forwarded_if(mut self, path: &str) -> Self {
        self.forwarded.push(Mark::At(JsonPath::new(path)));
        self.says(Fact::Forwarded)
    }

    /// Names of fields in which forwarded messages have a value, at any depth below the path: for gateways that pass on what
    /// WhatsApp Web has, where the place depends on the kind of message. Upper and lower case are the same. What a message
    /// quotes does not count.
    #[must_use]
    pub fn forwarded_below(mut self, path: &str, names: &[&str]) -> Self {
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        self.forwarded.push(Mark::Below(JsonPath::new(path), names));
        self.says(Fact::Forwarded)
    }

    /// States that what is described with [`only_if`](Self::only_if) and [`unless`](Self::unless) keeps such messages apart.
    fn says(mut self, fact: Fact) -> Self {
        self.says.push(fact);
        self
    }

    /// The sender, by all that is said of them; `None` for what is not a user, and where two numbers are said.
    fn sender(&self, body: &Value) -> Option<SenderInfo> {
        let mut from = self.sender.text(body).and_then(|from| sender_info(&from))?;
        for path in &self.other_senders {
            let Some(other) = path.text(body).filter(|other| !other.is_empty()) else { continue };
            let other = sender_info(&other)?;
            match (&from.phone, other.phone) {
                (Some(phone), Some(other)) if !is_same_number(phone, &other) => return None,
                (None, Some(other)) => from.phone = Some(other),
                _ => {}
            }
            from.id = from.id.or(other.id);
        }
        if let Some(id) = self.sender_id.as_ref().and_then(|path| path.text(body)).filter(|id| !id.is_empty()) {
            from.id = Some(id);
        }
        Some(from)
    }

    fn event(&self, body: &Value, context: &ReceiveContext<'_>) -> Event {
        let met = self.conditions.iter().all(|condition| condition.is_met(body));
        if !met {
            return Event::Ignored("not a direct text message");
        }
        if let Some(path) = &self.service_number {
            let to = path.text(body).and_then(|to| sender_info(&to)).and_then(|to| to.phone);
            if !to.is_some_and(|to| context.is_service_number(&to)) {
                return Event::Ignored("to another number");
            }
        }
        let Some(from) = self.sender(body) else {
            return Event::Ignored("not from a user");
        };
        if from.phone.as_deref().is_some_and(|phone| context.is_service_number(phone)) {
            return Event::Ignored("an echo of a message of the service");
        }
        let Some(text) = self.text.get(body).and_then(Value::as_str) else {
            return Event::Ignored("without a text");
        };
        let sent_at = match &self.sent_at {
            Some((path, format)) => path.text(body).and_then(|time| format.read(&time)),
            None => Some(context.arrived_at),
        };
        let Some(sent_at) = sent_at else { return Event::Ignored("without a time") };
        let mut read = TextMessage::new(from, sent_at, text);
        read.forwarded = self.forwarded.iter().any(|mark| match mark {
            Mark::At(path) => path.get(body).is_some_and(|value| !is_empty_value(value)),
            Mark::Below(path, names) => path.get(body).is_some_and(|value| has_mark(value, names)),
        });
        Event::Text(read)
    }
}

impl Provider for Gateway {
    fn assurance(&self) -> Assurance {
        self.authentication.assurance()
    }

    fn cannot_say(&self) -> Vec<Fact> {
        Fact::ALL.iter().copied().filter(|fact| !self.says.contains(fact)).collect()
    }

    fn handshake(&self, _query: &str) -> Option<String> {
        None
    }

    fn max_body(&self) -> usize {
        MAX_BYTES
    }

    fn may_have_sent(&self, head: &WebhookRequest<'_>) -> bool {
        self.authentication.may_have_sent(head)
    }

    fn authenticates(&self, request: &WebhookRequest<'_>) -> bool {
        self.authentication.verify(request)
    }

    fn events(&self, request: &WebhookRequest<'_>, context: &ReceiveContext<'_>) -> Vec<Event> {
        // `serde_json` refuses JSON that is nested more than 128 levels deep.
        let Ok(body) = serde_json::from_slice(request.body) else { return vec![Event::Ignored("not JSON")] };
        match self.reports.as_ref().and_then(|reports| reports.read(&body, self.sent.as_ref())) {
            Some(reported) => reported,
            None => vec![self.event(&body, context)],
        }
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

#[cfg(test)]
mod payloads;
#[cfg(test)]
mod tests;
