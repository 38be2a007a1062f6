//! What is owed once a password was written: finishing, ending sessions, telling.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::{Paid, backoff};
use crate::account::{Account, Contact};
use crate::audit::{AuditEvent, AuditRow};
use crate::error::PortError;
use crate::message::{Message, MessageBody, PasswordChanged};
use crate::ports::{Delivery, Settlement};
use crate::reset::Reset;
use crate::service::Inner;
use crate::state::{CloseReason, State};

/// After a reset expired, a password that was on its way may still arrive for so long.
const LATE_WRITERS: Duration = Duration::from_secs(10 * 60);
/// After so long nobody is told any more.
const TELL_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Contacts of one account that are told; more than anybody has, and as many as the row has bits.
const MOST_CONTACTS: usize = 32;

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
        let Some(account) = self.accounts.load(account).await? else { return Ok(Paid::Done) };
        let over = crate::time::later(set_at, TELL_FOR);
        let give_up = self.now() >= over;
        let mut contacts: Vec<&Contact> = account.contacts().iter().collect();
        contacts.sort();
        contacts.dedup();
        let mut telling = Vec::new();
        for (at, contact) in contacts.into_iter().take(MOST_CONTACTS).enumerate() {
            let bit = u32::try_from(at).ok().and_then(|at| 1_u32.checked_shl(at)).unwrap_or(0);
            if reset.told() & bit != 0 {
                continue;
            }
            if give_up {
                settlement.audit.push(AuditRow::new(self.now(), AuditEvent::NoticeFailed).of(reset).detail("gave_up"));
                settlement.told |= bit;
                continue;
            }
            let account = &account;
            telling.push(async move { (bit, self.tell_one(reset, account, contact, set_at).await) });
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
        set_at: DateTime<Utc>,
    ) -> Result<Told, PortError> {
        let Some(notifier) = self.notifier(contact.kind()) else { return Ok(Told::Over(None)) };
        let id = self.secrets.message_id(reset, &format!("password changed {}", contact.value()))?;
        let locale = account.locale().unwrap_or(reset.locale());
        let body = MessageBody::PasswordChanged(PasswordChanged::new(set_at, self.site.base_url()));
        let message = Message::new(id, contact.clone(), locale, self.site.clone(), body);
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

/// How one contact stands after one try.
enum Told {
    /// Nothing more is to be done for it; the row says what was.
    Over(Option<AuditRow>),
    /// Try again after this long.
    Later(Duration),
}
