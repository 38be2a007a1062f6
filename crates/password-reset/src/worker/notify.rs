//! Sends notices to the owner of an account.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow, GAVE_UP};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::flow::state::{CloseReason, State};
use crate::flow::tasks::Tasks;
use crate::identity::account::{Account, Contact};
use crate::identity::identifier::IdentifierKind;
use crate::message::{ActionLink, Message, MessageBody, Notice, NoticeAction, NoticeKind, SecretUrl};
use crate::ports::{Ack, Delivery};
use crate::resets::Resets;
use crate::resets::delivering::Delivering;
use crate::secret::MessageName;
use crate::worker::outcome::{TaskOutcome, again, backoff};

/// How long the worker tries to send a notice about something that is over.
const NOTIFY_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Contacts of one account that are notified. A reset's row has 32 bits for the contacts that were notified: ten for
/// the end of the reset, ten for notices while it is live, ten for a lock.
const MAX_CONTACTS: usize = 10;
/// First bit of the notices about a live reset.
const LIVE_BITS: u32 = 10;
/// First bit of the notices about a lock.
const LOCK_BITS: u32 = 20;

/// A notice, before its recipient is known.
struct Outgoing {
    kind: NoticeKind,
    at: DateTime<Utc>,
    /// From then on the notice is of no use, and the worker gives it up.
    until: DateTime<Utc>,
}

/// The result of one attempt to notify a contact.
enum Notified {
    /// Nothing more is to be done for the contact.
    Over(Option<AuditRow>),
    /// Try again after this long.
    Later(Duration),
}

/// Runs the tasks that send notices.
#[derive(Debug)]
pub(crate) struct Notifying {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
    /// The application can lock accounts.
    pub(crate) can_lock: bool,
}

impl Notifying {
    /// Notifies every confirmed contact of how a reset ended.
    pub(crate) async fn notify(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let (kind, at, from) = match (reset.state(), reset.set_at()) {
            (State::PasswordSet | State::Locked, Some(at)) => (NoticeKind::PasswordChanged, at, at),
            (State::Closed(CloseReason::Cancelled), _) => {
                (NoticeKind::ResetCancelled, reset.created_at(), reset.expires_at())
            }
            (State::Closed(CloseReason::ContactChanged), _) => {
                (NoticeKind::ContactChanged, reset.created_at(), reset.expires_at())
            }
            _ => return Ok(TaskOutcome::Done),
        };
        self.notify_all(reset, &Outgoing { kind, at, until: crate::time::later(from, NOTIFY_FOR) }, ack).await
    }

    /// Notifies the other contacts of a live reset while it can be cancelled. The contact that the reset goes through
    /// gets no notice: the mailbox has the link, and the number the code or no reply at all.
    pub(crate) async fn notify_of_live(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let Some(binding) = reset.binding() else { return Ok(TaskOutcome::Done) };
        let until = binding.link_until();
        let (kind, at) = match reset.channel() {
            Channel::AdminLink => (NoticeKind::AdminRequested, reset.created_at()),
            Channel::WhatsAppCode => (NoticeKind::CodeRequested, reset.created_at()),
            _ => (NoticeKind::ResetProved, crate::time::earlier(until, self.resets.lifetimes.whatsapp)),
        };
        self.notify_all(reset, &Outgoing { kind, at, until }, ack).await
    }

    /// Notifies every contact that the account is locked. Waits until the lock task has succeeded: before that the
    /// notice would be false.
    pub(crate) async fn notify_of_lock(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        if reset.state() != State::Locked {
            return Ok(TaskOutcome::Done);
        }
        if reset.tasks().contains(Tasks::LOCK) && !ack.done.contains(Tasks::LOCK) {
            return Ok(again(reset));
        }
        let at = crate::time::earlier(reset.expires_at(), self.resets.lifetimes.lock).min(self.resets.now());
        let until = crate::time::later(at, NOTIFY_FOR);
        self.notify_all(reset, &Outgoing { kind: NoticeKind::AccountLocked, at, until }, ack).await
    }

    /// Notifies the contacts concurrently: one after the other, a few slow deliveries would outlast the lease, and
    /// nothing would be recorded. Each contact has a bit of its own in the row, so that a retry for one contact does not
    /// notify the others again.
    async fn notify_all(&self, reset: &Reset, notice: &Outgoing, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let Some(account) = reset.account() else { return Ok(TaskOutcome::Done) };
        let Some(account) = self.resets.accounts.load(account).await? else { return Ok(TaskOutcome::Done) };
        let give_up = self.resets.now() >= notice.until;
        let (first_bit, without) = match notice.kind {
            kind if kind.can_cancel() => {
                let binding = reset.binding().ok_or(PortError::permanent("a live reset has no account"))?;
                (LIVE_BITS, self.delivering.first_contact(&account, reset, binding)?)
            }
            NoticeKind::AccountLocked => (LOCK_BITS, None),
            _ => (0, None),
        };
        let removed = typed_contact(reset);
        let mut contacts: Vec<&Contact> = match notice.kind {
            NoticeKind::ContactChanged => removed.iter().collect(),
            _ => account.contacts().iter().collect(),
        };
        contacts.sort();
        contacts.dedup();
        let mut notifying = Vec::new();
        for (index, contact) in contacts.into_iter().take(MAX_CONTACTS).enumerate() {
            let place = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(first_bit);
            let bit = 1_u32.checked_shl(place).unwrap_or(0);
            if reset.stored().notified & bit != 0 || without == Some(contact) {
                continue;
            }
            if give_up {
                crate::log_bounded!(error, reset = %reset.id(), notice = notice.kind.name(), "notification not sent: \
                 gave up");
                let to = self.resets.secrets.digests.contact(account.id(), contact);
                let row = AuditRow::new(self.resets.now(), AuditEvent::NoticeFailed).of(reset).contact(to);
                ack.audit.push(row.detail(GAVE_UP));
                continue;
            }
            let account = &account;
            notifying.push(async move { (bit, self.notify_one(reset, account, contact, notice).await) });
        }
        let mut wait: Option<Duration> = None;
        for (bit, notified) in join_all(notifying).await {
            match notified? {
                Notified::Over(audit) => {
                    ack.audit.extend(audit);
                    ack.notified |= bit;
                }
                // The longest wait that a transport asked for, so that each gets the time that it needs.
                Notified::Later(after) => wait = wait.max(Some(after)),
            }
        }
        let left = crate::time::until(self.resets.now(), notice.until);
        Ok(wait.map_or(TaskOutcome::Done, |wait| TaskOutcome::Later(wait.min(left))))
    }

    async fn notify_one(
        &self,
        reset: &Reset,
        account: &Account,
        contact: &Contact,
        notice: &Outgoing,
    ) -> Result<Notified, PortError> {
        let Some(transport) = self.delivering.transport(contact.kind()) else { return Ok(Notified::Over(None)) };
        let id = self.resets.secrets.message_id(reset, MessageName::Notice(notice.kind.name(), contact))?;
        let locale = self.resets.language_of(account, reset.locale());
        let body = MessageBody::Notice(self.notice(reset, notice)?);
        let message = Message::new(id, reset.id(), contact.clone(), locale, self.resets.site.clone(), body);
        // What was removed may be a stranger's by now.
        let message = match notice.kind {
            NoticeKind::ContactChanged => message,
            _ => message.about(account),
        };
        let (event, detail) = match self.delivering.deliver(transport, &message).await {
            Delivery::Delivered => (AuditEvent::NoticeSent, None),
            Delivery::NoSuchContact { why } => (AuditEvent::NoSuchContact, Some(why)),
            Delivery::Never { why } => (AuditEvent::NoticeFailed, Some(why)),
            Delivery::Later { after, .. } => {
                return Ok(Notified::Later(after.unwrap_or_default().max(backoff(reset.delivery_attempts()))));
            }
        };
        let notified = self.resets.secrets.digests.contact(account.id(), contact);
        let mut row = AuditRow::new(self.resets.now(), event).of(reset).contact(notified);
        row.detail = detail;
        Ok(Notified::Over(Some(row)))
    }

    fn notice(&self, reset: &Reset, outgoing: &Outgoing) -> Result<Notice, PortError> {
        let &Outgoing { kind, at, until } = outgoing;
        let action = match kind {
            NoticeKind::PasswordChanged => self.lock_action(reset, at)?,
            kind if kind.can_cancel() => {
                let binding = reset.binding().ok_or(PortError::permanent("a live reset has no account"))?;
                let lives = crate::time::until(at, until);
                NoticeAction::Cancel(ActionLink::new(self.delivering.cancel_url(reset, binding)?, lives))
            }
            _ => NoticeAction::StartReset,
        };
        let mut notice = Notice::new(kind, at, action).with_channel(reset.channel());
        let device = match kind {
            NoticeKind::PasswordChanged => reset.stored().device.as_deref(),
            NoticeKind::ResetProved | NoticeKind::CodeRequested => reset.requester_device(),
            _ => None,
        };
        notice.device = device.map(str::to_owned);
        Ok(notice)
    }

    /// A link that locks the account, where the application can do that and the account is not locked yet.
    fn lock_action(&self, reset: &Reset, set_at: DateTime<Utc>) -> Result<NoticeAction, PortError> {
        let (true, Some(binding), State::PasswordSet) = (self.can_lock, reset.binding(), reset.state()) else {
            return Ok(NoticeAction::StartReset);
        };
        let lock = self.resets.secrets.lock(reset, binding, set_at)?;
        let url = SecretUrl::new(&self.resets.site, "lock", lock.expose());
        Ok(NoticeAction::Lock(ActionLink::new(url, crate::time::until(set_at, reset.expires_at()))))
    }
}

/// The contact that the requester typed, or that the application removed.
fn typed_contact(reset: &Reset) -> Option<Contact> {
    let typed = reset.identifier();
    match typed.kind() {
        IdentifierKind::Email => Some(Contact::email(typed.as_str())),
        IdentifierKind::Phone => Some(Contact::phone(typed.as_str())),
        IdentifierKind::Username => None,
    }
}
