//! What is owed once a password was written: finishing, ending sessions, telling.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::{Paid, backoff};
use crate::account::{Account, Contact};
use crate::audit::{AuditEvent, AuditRow};
use crate::error::PortError;
use crate::id::AccountId;
use crate::message::{Message, MessageBody, PasswordChanged, ResetProved};
use crate::ports::{Delivery, Settlement};
use crate::reset::Reset;
use crate::service::Inner;
use crate::state::{CloseReason, State};

/// After a reset expired, a password that was on its way may still arrive for so long.
const LATE_WRITERS: Duration = Duration::from_secs(10 * 60);
/// After so long nobody is told any more.
const TELL_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Contacts of one account that are told; more than anybody has, and as many as the row has bits.
/// Each of the two notices has half of them.
const MOST_CONTACTS: usize = 16;
/// Where the bits of the notice of a proof begin.
const PROOF_BITS: u32 = 16;

impl Inner {
    /// Finds out whether a password was written whose writer did not say (I7).
    ///
    /// Only a step takes this debt off the row: if another try to set the password comes between the look and the
    /// settlement, the debt is that one's too.
    pub(super) async fn look_for_password(&self, reset: &Reset) -> Result<Paid, PortError> {
        let now = self.now();
        let State::Applying = reset.state() else { return Ok(Paid::Done) };
        let (Some(account), Some(binding)) = (reset.account(), reset.binding()) else { return Ok(Paid::Done) };
        if let Some(account) = self.accounts.load(account).await? {
            if self.was_written(reset, &account)? {
                // Where another step came first, look again: this debt may be all that remembers the password.
                return Ok(match self.finish(reset, now).await? {
                    true => Paid::Forgiven,
                    false => Paid::Later(backoff(reset.attempts())),
                });
            }
            if self.is_as_it_was(&account, reset, binding)? {
                // The old password is in force, and the grant may try again, until the reset expires. A little later
                // nobody can be about to write any more, whatever their clock says.
                let over = crate::time::later(reset.expires_at(), LATE_WRITERS);
                return Ok(if now >= over { Paid::Done } else { Paid::Later(backoff(reset.attempts())) });
            }
        }
        Ok(match self.close_as_seen(reset, CloseReason::AccountChanged, now).await? {
            true => Paid::Forgiven,
            false => Paid::Later(backoff(reset.attempts())),
        })
    }

    pub(super) async fn end_sessions(&self, reset: &Reset, settlement: &mut Settlement) -> Result<Paid, PortError> {
        let (Some(account), Some(set_at)) = (reset.account(), reset.set_at()) else { return Ok(Paid::Done) };
        match self.accounts.end_sessions(account, set_at).await {
            Ok(()) => {
                settlement.audit.push(AuditRow::new(self.now(), AuditEvent::SessionsEnded).of(reset));
                Ok(Paid::Done)
            }
            Err(error) => {
                tracing::warn!(
                    reset = %reset.id(),
                    error = &error as &dyn std::error::Error,
                    "sessions could not be ended; it is tried again"
                );
                Ok(Paid::Later(backoff(reset.attempts())))
            }
        }
    }

    /// Tells every confirmed contact that the password was changed (R101). Who was told is noted one by one, so that
    /// nobody is told twice because somebody else could not be told at all.
    ///
    /// All at the same time: one after the other, a few that stall would outlast the lease, and nothing would be noted.
    pub(super) async fn tell(&self, reset: &Reset, settlement: &mut Settlement) -> Result<Paid, PortError> {
        let (Some(account), Some(set_at)) = (reset.account(), reset.set_at()) else { return Ok(Paid::Done) };
        let over = crate::time::later(set_at, TELL_FOR);
        self.tell_all(reset, account, &Notice::Changed { at: set_at }, over, settlement).await
    }

    /// Tells the other contacts that a message from the account's number proved a reset, while that can be cancelled.
    /// The number itself gets nothing: in this mode no reply comes.
    pub(super) async fn tell_of_proof(&self, reset: &Reset, settlement: &mut Settlement) -> Result<Paid, PortError> {
        let Some(binding) = reset.binding() else { return Ok(Paid::Done) };
        let at = crate::time::earlier(binding.link_until(), self.lifetimes.whatsapp);
        self.tell_all(reset, binding.account(), &Notice::Proved { at }, binding.link_until(), settlement).await
    }

    async fn tell_all(
        &self,
        reset: &Reset,
        account: &AccountId,
        notice: &Notice,
        over: DateTime<Utc>,
        settlement: &mut Settlement,
    ) -> Result<Paid, PortError> {
        let Some(account) = self.accounts.load(account).await? else { return Ok(Paid::Done) };
        let give_up = self.now() >= over;
        let first_bit = if matches!(notice, Notice::Proved { .. }) { PROOF_BITS } else { 0 };
        let sender = match notice {
            Notice::Proved { .. } => self.contact(&account, reset),
            Notice::Changed { .. } => None,
        };
        let mut contacts: Vec<&Contact> = account.contacts().iter().collect();
        contacts.sort();
        contacts.dedup();
        let mut telling = Vec::new();
        for (at, contact) in contacts.into_iter().take(MOST_CONTACTS).enumerate() {
            let place = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(first_bit);
            let bit = 1_u32.checked_shl(place).unwrap_or(0);
            if reset.told() & bit != 0 || sender == Some(contact) {
                continue;
            }
            if give_up {
                settlement.audit.push(AuditRow::new(self.now(), AuditEvent::NoticeFailed).of(reset).detail("gave_up"));
                settlement.told |= bit;
                continue;
            }
            let account = &account;
            telling.push(async move { (bit, self.tell_one(reset, account, contact, notice).await) });
        }
        let mut wait: Option<Duration> = None;
        for (bit, told) in join_all(telling).await {
            match told? {
                Told::Over(audit) => {
                    settlement.audit.extend(audit);
                    settlement.told |= bit;
                }
                // Each transport is given the time that it asked for.
                Told::Later(after) => wait = wait.max(Some(after)),
            }
        }
        Ok(wait.map_or(Paid::Done, |wait| Paid::Later(wait.min(crate::time::until(self.now(), over)))))
    }

    async fn tell_one(
        &self,
        reset: &Reset,
        account: &Account,
        contact: &Contact,
        notice: &Notice,
    ) -> Result<Told, PortError> {
        let Some(notifier) = self.notifier(contact.kind()) else { return Ok(Told::Over(None)) };
        let id = self.secrets.message_id(reset, &format!("{} {}", notice.name(), contact.value()))?;
        let locale = account.locale().unwrap_or(reset.locale());
        let body = match notice {
            Notice::Changed { at } => MessageBody::PasswordChanged(PasswordChanged::new(*at, self.site.base_url())),
            Notice::Proved { at } => {
                let binding = reset.binding().ok_or(PortError::permanent("a proved reset has no account"))?;
                let cancel = self.cancel_url(reset, binding)?;
                MessageBody::ResetProved(ResetProved::new(*at, cancel, self.lifetimes.whatsapp))
            }
        };
        let message = Message::new(id, reset.id(), contact.clone(), locale, self.site.clone(), body);
        let (event, detail) = match self.deliver(notifier.as_ref(), &message).await {
            Delivery::Delivered => (AuditEvent::NoticeSent, None),
            Delivery::Never { why } => (AuditEvent::NoticeFailed, Some(why)),
            Delivery::Later { after, why } => {
                tracing::warn!(
                    reset = %reset.id(),
                    error = &why as &dyn std::error::Error,
                    "a notice could not be sent yet"
                );
                return Ok(Told::Later(after.unwrap_or_default().max(backoff(reset.attempts()))));
            }
        };
        let mut row = AuditRow::new(self.now(), event).of(reset);
        row.detail = detail;
        Ok(Told::Over(Some(row)))
    }
}

/// What contacts are told.
enum Notice {
    /// The password was changed.
    Changed { at: DateTime<Utc> },
    /// A message proved a reset.
    Proved { at: DateTime<Utc> },
}

impl Notice {
    fn name(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "password changed",
            Self::Proved { .. } => "reset proved",
        }
    }
}

/// How one contact stands after one try.
enum Told {
    /// Nothing more is to be done for it; the row says what was.
    Over(Option<AuditRow>),
    /// Try again after this long.
    Later(Duration),
}
