//! The audit trail.

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::identity::id::{AccountId, ResetId};

/// How the detail of a [`SendFailed`](AuditEvent::SendFailed) row begins whose message was not sent while it was good for
/// something; the code of the last refusal follows.
pub(crate) const EXPIRED: &str = "expired";
/// The detail of a notice that was tried for long enough.
pub(crate) const GAVE_UP: &str = "gave_up";

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditEvent {
    /// A reset was asked for; where an administrator asked, the detail is their reason.
    Requested,
    /// An administrator was refused a reset for the account; the detail says why.
    AdminRefused,
    /// An administrator had another contact asked for its confirmation; the detail is their reason.
    CorrectionRequested,
    /// Nothing was sent; the detail says why: `unknown`, `ambiguous`, `disabled`, `no_contact`, `locked`, `capped`.
    Suppressed,
    /// The account was found; a message is pending.
    Issued,
    /// The transport took the message.
    Sent,
    /// The provider says that the message is on the recipient's phone.
    Arrived,
    /// The transport did not take the message yet; it is tried again.
    SendDelayed,
    /// A message will never arrive, because there is no such mailbox or number; the detail says how that was said.
    NoSuchContact,
    /// The message will never arrive; the detail says why.
    SendFailed,
    /// A wrong code was typed.
    WrongCode,
    /// A code was typed while the codes of the account, or of the source, are paused.
    CodesPaused,
    /// A proof was brought; the detail says which.
    Proved,
    /// A right proof was not enough for the risk policy, or came for a locked account; the detail says which.
    ProofRefused,
    /// A right proof needs a second one beside it; the detail says which was brought.
    StepUpRequired,
    /// A wrong current password was typed.
    WrongCurrentPassword,
    /// Too many attempts; the detail says of what.
    LimitHit,
    /// A password broke the rules; the detail lists their codes.
    PasswordRefused,
    /// The password was set.
    PasswordSet,
    /// The owner said that they did not set the password.
    LockRequested,
    /// The account was locked, and its sessions ended.
    Locked,
    /// The application changed a contact, and the earlier one is to be notified.
    ContactChanged,
    /// Sessions were ended.
    SessionsEnded,
    /// A contact was notified.
    NoticeSent,
    /// A contact could not be notified; the detail says why.
    NoticeFailed,
    /// The reset was closed; the detail says why.
    Closed,
}

impl AuditEvent {
    /// Every event.
    pub const ALL: &'static [Self] = &[
        Self::Requested,
        Self::AdminRefused,
        Self::CorrectionRequested,
        Self::Suppressed,
        Self::Issued,
        Self::Sent,
        Self::Arrived,
        Self::SendDelayed,
        Self::NoSuchContact,
        Self::SendFailed,
        Self::WrongCode,
        Self::CodesPaused,
        Self::Proved,
        Self::ProofRefused,
        Self::StepUpRequired,
        Self::WrongCurrentPassword,
        Self::LimitHit,
        Self::PasswordRefused,
        Self::PasswordSet,
        Self::LockRequested,
        Self::Locked,
        Self::ContactChanged,
        Self::SessionsEnded,
        Self::NoticeSent,
        Self::NoticeFailed,
        Self::Closed,
    ];

    /// The name under which stores keep it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::AdminRefused => "admin_refused",
            Self::CorrectionRequested => "correction_requested",
            Self::Suppressed => "suppressed",
            Self::Issued => "issued",
            Self::Sent => "sent",
            Self::Arrived => "arrived",
            Self::SendDelayed => "send_delayed",
            Self::NoSuchContact => "no_such_contact",
            Self::SendFailed => "send_failed",
            Self::WrongCode => "wrong_code",
            Self::CodesPaused => "codes_paused",
            Self::Proved => "proved",
            Self::ProofRefused => "proof_refused",
            Self::StepUpRequired => "step_up_required",
            Self::WrongCurrentPassword => "wrong_current_password",
            Self::LimitHit => "limit_hit",
            Self::PasswordRefused => "password_refused",
            Self::PasswordSet => "password_set",
            Self::LockRequested => "lock_requested",
            Self::Locked => "locked",
            Self::ContactChanged => "contact_changed",
            Self::SessionsEnded => "sessions_ended",
            Self::NoticeSent => "notice_sent",
            Self::NoticeFailed => "notice_failed",
            Self::Closed => "closed",
        }
    }

    /// Reads an event back from a store.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.code() == code)
    }
}

/// One row of the audit trail. Holds no secret, no address and no password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AuditRow {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub event: AuditEvent,
    /// Of which reset; the id ties the rows of one reset together.
    pub reset: Option<ResetId>,
    /// Whose account, where it is known.
    pub account: Option<AccountId>,
    /// Who did it, where it was not the account's owner: an administrator, as the application names them.
    pub actor: Option<AccountId>,
    /// By which channel.
    pub channel: Option<Channel>,
    /// Keyed digest of where the request came from.
    pub source: Option<Digest>,
    /// Keyed digest of the contact that a message went to, where the row says what became of one.
    pub contact: Option<Digest>,
    /// A short word more, without personal data.
    pub detail: Option<String>,
}

impl AuditRow {
    /// A row that says what happened and when.
    #[must_use]
    pub fn new(at: DateTime<Utc>, event: AuditEvent) -> Self {
        Self {
            at: crate::time::to_millis(at),
            event,
            reset: None,
            account: None,
            actor: None,
            channel: None,
            source: None,
            contact: None,
            detail: None,
        }
    }

    /// Whether a stranger causes such rows at will, by requests alone: rows about no account, and the first row about one, which
    /// says whether its reset was issued. All others follow a message, a proof or the application, which have limits of an
    /// account. So noise is kept for days, and everything else for as long as the trail.
    #[must_use]
    pub fn is_noise(&self) -> bool {
        self.account.is_none() || matches!(self.event, AuditEvent::Suppressed | AuditEvent::Issued)
    }

    /// Says of which reset, and with it the account, the channel and the source.
    #[must_use]
    pub fn of(mut self, reset: &Reset) -> Self {
        self.reset = Some(reset.id());
        self.account = self.account.or_else(|| reset.account().cloned());
        self.channel = Some(reset.channel());
        self.source = Some(reset.stored().source);
        self
    }

    /// Says whose account.
    #[must_use]
    pub fn account(mut self, account: &AccountId) -> Self {
        self.account = Some(account.clone());
        self
    }

    /// Says who did it, where it was not the owner.
    #[must_use]
    pub fn actor(mut self, actor: &AccountId) -> Self {
        self.actor = Some(actor.clone());
        self
    }

    /// Says to which contact a message went, of which this says what became.
    #[must_use]
    pub fn contact(mut self, contact: Digest) -> Self {
        self.contact = Some(contact);
        self
    }

    /// Adds a word more.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
