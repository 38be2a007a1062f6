//! What administrators read about the messages of an account, in words.

use chrono::{DateTime, Utc};

use crate::flow::audit::{AuditEvent, AuditRow, EXPIRED, GAVE_UP};
use crate::identity::account::{Contact, ContactKind};
use crate::texts::Language;

/// What became of the last message to a contact: for administrators, never for strangers.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LastDelivery {
    /// The contact, as the account has it now.
    pub contact: Contact,
    /// When that was known.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub outcome: DeliveryOutcome,
    /// How the transport said it: `550 5.1.1`.
    pub why: Option<String>,
}

impl LastDelivery {
    pub(crate) fn new(contact: &Contact, row: &AuditRow) -> Option<Self> {
        let outcome = DeliveryOutcome::of(row.event, row.detail.as_deref())?;
        let why = match (outcome, row.detail.as_deref()) {
            (DeliveryOutcome::GivenUp, why) => why.and_then(|why| Some(why.strip_prefix(EXPIRED)?.trim_start())),
            (_, why) => why,
        };
        let why = why.filter(|why| !why.is_empty()).map(str::to_owned);
        Some(Self { contact: contact.clone(), at: row.at, outcome, why })
    }

    /// Says in plain words what became of the message and what helps.
    #[must_use]
    pub fn words(&self, language: &Language) -> String {
        language.text(key_of(self))
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// The transport took it.
    Taken,
    /// It is on the recipient's phone.
    Arrived,
    /// It could not be sent yet, and is tried again.
    Delayed,
    /// There is no such mailbox or number; the next message goes to another contact, if there is one.
    NoSuchContact,
    /// It was refused for another reason.
    Refused,
    /// It could not be sent while it was good for something, and is not tried again.
    GivenUp,
}

impl DeliveryOutcome {
    fn of(event: AuditEvent, why: Option<&str>) -> Option<Self> {
        match event {
            AuditEvent::SendFailed if why.is_some_and(|why| why.starts_with(EXPIRED)) => Some(Self::GivenUp),
            AuditEvent::NoticeFailed if why == Some(GAVE_UP) => Some(Self::GivenUp),
            AuditEvent::Sent | AuditEvent::NoticeSent => Some(Self::Taken),
            AuditEvent::Arrived => Some(Self::Arrived),
            AuditEvent::SendDelayed => Some(Self::Delayed),
            AuditEvent::NoSuchContact => Some(Self::NoSuchContact),
            AuditEvent::SendFailed | AuditEvent::NoticeFailed => Some(Self::Refused),
            _ => None,
        }
    }
}

/// Nothing was sent when a reset was last requested for an account: for administrators, never for strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct NotSent {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: NotSentReason,
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NotSentReason {
    /// The account is disabled.
    Disabled,
    /// The account has no confirmed contact that a notifier reaches.
    NoContact,
    /// The account was locked by this contact.
    Locked,
    /// The contact has had as many messages as it may for now.
    LimitReached,
}

impl NotSent {
    /// Reads the newest row that says whether a message was to go out.
    pub(crate) fn newest(rows: &[AuditRow]) -> Option<Self> {
        let said =
            |row: &&AuditRow| matches!(row.event, AuditEvent::Suppressed | AuditEvent::Issued | AuditEvent::Sent);
        let row = rows.iter().find(said).filter(|row| row.event == AuditEvent::Suppressed)?;
        let why = match row.detail.as_deref()? {
            "disabled" => NotSentReason::Disabled,
            "no_contact" => NotSentReason::NoContact,
            "locked" => NotSentReason::Locked,
            "capped" => NotSentReason::LimitReached,
            _ => return None,
        };
        Some(Self { at: row.at, why })
    }

    /// Says in plain words why nothing was sent and what helps.
    #[must_use]
    pub fn words(&self, language: &Language) -> String {
        language.text(match self.why {
            NotSentReason::Disabled => "not-sent-disabled",
            NotSentReason::NoContact => "not-sent-no-contact",
            NotSentReason::Locked => "not-sent-locked",
            NotSentReason::LimitReached => "not-sent-limit-reached",
        })
    }
}

/// The key of the sentence for what became of a message: one for each cause that an administrator can do something about.
fn key_of(last: &LastDelivery) -> &'static str {
    let of_email = last.contact.kind() == ContactKind::Email;
    match (last.outcome, of_email) {
        (DeliveryOutcome::Taken, true) => "delivery-email-taken",
        (DeliveryOutcome::Taken, false) => "delivery-whatsapp-taken",
        (DeliveryOutcome::Arrived, _) => "delivery-arrived",
        (DeliveryOutcome::NoSuchContact, false) => "delivery-no-such-number",
        (DeliveryOutcome::Refused, false) => "delivery-whatsapp-refused",
        (DeliveryOutcome::Delayed, false) => "delivery-delayed",
        (DeliveryOutcome::GivenUp, false) => "delivery-given-up",
        (outcome, true) => last.why.as_deref().and_then(key_of_reason).unwrap_or(match outcome {
            DeliveryOutcome::NoSuchContact => "delivery-no-such-address",
            DeliveryOutcome::Refused => "delivery-email-refused",
            DeliveryOutcome::GivenUp => "delivery-given-up",
            _ => "delivery-delayed",
        }),
    }
}

/// Reads the word of a mail service that a webhook reported, or else a code.
fn key_of_reason(why: &str) -> Option<&'static str> {
    match why.split_whitespace().next()? {
        "complaint" => Some("delivery-complaint"),
        "suppressed" => Some("delivery-suppressed"),
        "blocked" | "rejected" => Some("delivery-ours"),
        _ => key_of_code(why),
    }
}

/// Reads an enhanced status code, `5.2.2` or `4.2.2`, wherever it stands (RFC 3463). Whether it lasts is no matter here.
fn key_of_code(why: &str) -> Option<&'static str> {
    let mut codes = why.split_whitespace().filter_map(|word| word.split_once('.')).map(|(_, detail)| detail);
    let (subject, detail) = codes.find_map(|code| code.split_once('.'))?;
    match (subject, detail) {
        ("1", "2") => Some("delivery-no-such-domain"),
        ("1", "7" | "8") | ("3", "0" | "1" | "2" | "3" | "5") | ("4", "5") | ("7", _) => Some("delivery-ours"),
        ("1", _) => Some("delivery-no-such-address"),
        ("2", "1") => Some("delivery-closed"),
        ("2", "2") => Some("delivery-full"),
        ("2", "3") | ("3", "4") | ("6", _) => Some("delivery-content"),
        ("4", _) => Some("delivery-unreachable"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
