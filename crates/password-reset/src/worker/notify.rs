//! Telling the owner of an account what happened.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::{TaskOutcome, backoff};
use crate::account::{Account, Contact};
use crate::audit::{AuditEvent, AuditRow};
use crate::channel::Channel;
use crate::error::PortError;
use crate::identifier::IdentifierKind;
use crate::message::{
    AccountLocked, AdminAsked, CodeAsked, ContactChanged, LockLink, Message, MessageBody, PasswordChanged,
    ResetCancelled, ResetProved, SecretUrl,
};
use crate::ports::{Ack, Delivery};
use crate::reset::Reset;
use crate::service::Inner;
use crate::state::{CloseReason, State};
use crate::tasks::Tasks;

/// After so long nobody is told any more.
const NOTIFY_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Contacts of one account that are told; more than anybody has. The row has 32 bits for who was told: so many for how
/// the reset ended, so many for what is told while it is live, and so many for a freeze.
const MAX_CONTACTS: usize = 10;
/// Where the bits of what is told of a live reset begin.
const LIVE_BITS: u32 = 10;
/// Where the bits of what is told of a freeze begin.
const LOCK_BITS: u32 = 20;

/// What contacts are told.
enum Notice {
    /// The password was changed.
    Changed { at: DateTime<Utc> },
    /// The reset was cancelled.
    Cancelled,
    /// The account has another contact than the one that is told.
    ContactChanged,
    /// A message proved a reset.
    Proved { at: DateTime<Utc>, until: DateTime<Utc> },
    /// A code is on its way to the phone.
    CodeAsked { until: DateTime<Utc> },
    /// An administrator asked for a reset.
    Asked { until: DateTime<Utc> },
    /// The account is frozen.
    Locked { at: DateTime<Utc> },
}

/// How one contact stands after one try.
enum Notified {
    /// Nothing more is to be done for it; the row says what was.
    Over(Option<AuditRow>),
    /// Try again after this long.
    Later(Duration),
}

impl Inner {
    /// Tells every confirmed contact how a reset ended (R101). Who was told is noted one by one, so that nobody is told
    /// twice because somebody else could not be told at all.
    ///
    /// All at the same time: one after the other, a few that stall would outlast the lease, and nothing would be noted.
    pub(super) async fn notify(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let notice = match (reset.state(), reset.set_at()) {
            (State::PasswordSet | State::Locked, Some(at)) => Notice::Changed { at },
            (State::Closed(CloseReason::Cancelled), _) => Notice::Cancelled,
            (State::Closed(CloseReason::ContactChanged), _) => Notice::ContactChanged,
            _ => return Ok(TaskOutcome::Done),
        };
        self.notify_all(reset, &notice, ack).await
    }

    /// Tells the other contacts of a live reset, while it can be cancelled: that a message from the account's number
    /// proved it, that an administrator asked for it, or that its code went to the phone, in a message that cannot say what
    /// it is for (R138). The number itself gets nothing more (in the first case no reply comes), nor does the mailbox that
    /// got the link.
    pub(super) async fn notify_of_live(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let Some(binding) = reset.binding() else { return Ok(TaskOutcome::Done) };
        let until = binding.link_until();
        let notice = match reset.channel() {
            Channel::AdminLink => Notice::Asked { until },
            Channel::WhatsAppCode => Notice::CodeAsked { until },
            _ => Notice::Proved { at: crate::time::earlier(until, self.lifetimes.whatsapp), until },
        };
        self.notify_all(reset, &notice, ack).await
    }

    /// Tells every contact that the account was frozen, and the way on. Not before it is: a freezer that fails is tried
    /// again, and nobody must be told what is not so.
    pub(super) async fn notify_of_lock(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        if reset.state() != State::Locked {
            return Ok(TaskOutcome::Done);
        }
        if reset.tasks().contains(Tasks::LOCK) && !ack.done.contains(Tasks::LOCK) {
            return Ok(TaskOutcome::Later(backoff(reset.delivery_attempts())));
        }
        let at = crate::time::earlier(reset.expires_at(), self.lifetimes.lock).min(self.now());
        self.notify_all(reset, &Notice::Locked { at }, ack).await
    }

    async fn notify_all(&self, reset: &Reset, notice: &Notice, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let Some(account) = reset.account() else { return Ok(TaskOutcome::Done) };
        let Some(account) = self.accounts.load(account).await? else { return Ok(TaskOutcome::Done) };
        let over = notice.over(reset);
        let give_up = self.now() >= over;
        let (first_bit, knows) = match notice {
            Notice::Proved { .. } | Notice::Asked { .. } | Notice::CodeAsked { .. } => {
                let failing = self.failing(account.id(), self.now()).await?;
                (LIVE_BITS, self.destination(&account, reset, &failing))
            }
            Notice::Changed { .. } | Notice::Cancelled | Notice::ContactChanged => (0, None),
            Notice::Locked { .. } => (LOCK_BITS, None),
        };
        // The one contact that is not the account's any more.
        let old = named(reset);
        let mut contacts: Vec<&Contact> = match notice {
            Notice::ContactChanged => old.iter().collect(),
            _ => account.contacts().iter().collect(),
        };
        contacts.sort();
        contacts.dedup();
        let mut notifying = Vec::new();
        for (at, contact) in contacts.into_iter().take(MAX_CONTACTS).enumerate() {
            let place = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(first_bit);
            let bit = 1_u32.checked_shl(place).unwrap_or(0);
            if reset.notified() & bit != 0 || knows == Some(contact) {
                continue;
            }
            if give_up {
                ack.audit.push(AuditRow::new(self.now(), AuditEvent::NoticeFailed).of(reset).detail("gave_up"));
                ack.notified |= bit;
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
                // Each transport is given the time that it asked for.
                Notified::Later(after) => wait = wait.max(Some(after)),
            }
        }
        Ok(wait.map_or(TaskOutcome::Done, |wait| TaskOutcome::Later(wait.min(crate::time::until(self.now(), over)))))
    }

    async fn notify_one(
        &self,
        reset: &Reset,
        account: &Account,
        contact: &Contact,
        notice: &Notice,
    ) -> Result<Notified, PortError> {
        let Some(notifier) = self.notifier(contact.kind()) else { return Ok(Notified::Over(None)) };
        let id = self.secrets.message_id(reset, &format!("{} {}", notice.name(), contact.value()))?;
        let locale = account.locale().unwrap_or(reset.locale());
        let body = self.notice_body(reset, notice)?;
        let message = Message::new(id, reset.id(), contact.clone(), locale, self.site.clone(), body);
        let (event, detail) = match self.deliver(notifier.as_ref(), &message).await {
            Delivery::Delivered => (AuditEvent::NoticeSent, None),
            Delivery::NoSuchContact { why } => (AuditEvent::NoSuchContact, Some(why)),
            Delivery::Never { why } => (AuditEvent::NoticeFailed, Some(why)),
            Delivery::Later { after, why } => {
                tracing::warn!(
                    reset = %reset.id(),
                    error = &why as &dyn std::error::Error,
                    "a notice could not be sent yet"
                );
                return Ok(Notified::Later(after.unwrap_or_default().max(backoff(reset.delivery_attempts()))));
            }
        };
        let notified = self.secrets.contact(account.id(), contact);
        let mut row = AuditRow::new(self.now(), event).of(reset).contact(notified);
        row.detail = detail;
        Ok(Notified::Over(Some(row)))
    }

    /// How the owner disowns the password, where the application can freeze accounts.
    fn lock_link(&self, reset: &Reset, set_at: DateTime<Utc>) -> Result<Option<LockLink>, PortError> {
        let (Some(_), Some(binding), State::PasswordSet) = (&self.account_locker, reset.binding(), reset.state())
        else {
            return Ok(None);
        };
        let lock = self.secrets.lock(reset, binding, set_at)?;
        let url = SecretUrl::new(&self.site, "lock", &lock.expose());
        Ok(Some(LockLink::new(url, crate::time::until(set_at, reset.expires_at()))))
    }

    fn notice_body(&self, reset: &Reset, notice: &Notice) -> Result<MessageBody, PortError> {
        let ask_url = self.site.base_url();
        let cancel = || {
            let binding = reset.binding().ok_or(PortError::permanent("a live reset has no account"))?;
            self.cancel_url(reset, binding)
        };
        Ok(match notice {
            Notice::Changed { at } => {
                let notice = PasswordChanged::new(*at, ask_url).by(reset.channel()).from_device(reset.device());
                MessageBody::PasswordChanged(match self.lock_link(reset, *at)? {
                    Some(lock) => notice.lock(lock),
                    None => notice,
                })
            }
            Notice::Cancelled => MessageBody::ResetCancelled(ResetCancelled::new(reset.created_at(), ask_url)),
            Notice::ContactChanged => MessageBody::ContactChanged(ContactChanged::new(reset.created_at(), ask_url)),
            Notice::Locked { at } => MessageBody::AccountLocked(AccountLocked::new(*at, reset.channel(), ask_url)),
            Notice::Proved { at, until } => {
                MessageBody::ResetProved(ResetProved::new(*at, cancel()?, crate::time::until(*at, *until)))
            }
            Notice::CodeAsked { until } => {
                let at = reset.created_at();
                MessageBody::CodeAsked(CodeAsked::new(at, cancel()?, crate::time::until(at, *until)))
            }
            Notice::Asked { until } => {
                let at = reset.created_at();
                MessageBody::AdminAsked(AdminAsked::new(at, cancel()?, crate::time::until(at, *until)))
            }
        })
    }
}

/// The contact that a reset names.
fn named(reset: &Reset) -> Option<Contact> {
    let typed = reset.identifier();
    match typed.kind() {
        IdentifierKind::Email => Some(Contact::email(typed.as_str())),
        IdentifierKind::Phone => Some(Contact::phone(typed.as_str())),
        IdentifierKind::Username => None,
    }
}

impl Notice {
    fn name(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "password changed",
            Self::Cancelled => "reset cancelled",
            Self::ContactChanged => "contact changed",
            Self::Proved { .. } => "reset proved",
            Self::CodeAsked { .. } => "code asked",
            Self::Asked { .. } => "administrator asked",
            Self::Locked { .. } => "account frozen",
        }
    }

    /// When telling it makes no sense any more.
    fn over(&self, reset: &Reset) -> DateTime<Utc> {
        match self {
            Self::Changed { at } | Self::Locked { at } => crate::time::later(*at, NOTIFY_FOR),
            Self::Cancelled | Self::ContactChanged => crate::time::later(reset.expires_at(), NOTIFY_FOR),
            Self::Proved { until, .. } | Self::Asked { until } | Self::CodeAsked { until } => *until,
        }
    }
}
