//! The tasks that follow a password: finishing, ending sessions, locking.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::reset::Reset;
use crate::flow::state::{CloseReason, State};
use crate::log_bounded;
use crate::ports::{AccountLock, AccountLocker, Ack};
use crate::resets::Resets;
use crate::resets::finishing::Finishing;
use crate::worker::outcome::{TaskOutcome, again};

/// After a reset expired, a password that was on its way may still arrive for so long.
const LATE_WRITERS: Duration = Duration::from_secs(10 * 60);

/// Runs the tasks that follow a password.
#[derive(Debug)]
pub(crate) struct After {
    pub(crate) resets: Arc<Resets>,
    pub(crate) finishing: Arc<Finishing>,
    pub(crate) account_locker: Option<Arc<dyn AccountLocker>>,
}

impl After {
    /// Finds out whether a password was written whose writer did not say (I7).
    ///
    /// Only a step takes this task off the row: if another attempt to set the password comes between the look and the
    /// acknowledgement, the task is that one's too.
    pub(crate) async fn look_for_password(&self, reset: &Reset) -> Result<TaskOutcome, PortError> {
        let now = self.resets.now();
        let State::Applying = reset.state() else { return Ok(TaskOutcome::Done) };
        let Some(account) = reset.account() else { return Ok(TaskOutcome::Done) };
        if let Some(account) = self.resets.accounts.load(account).await? {
            if self.finishing.was_written(reset, &account)? {
                // Where another step came first, look again: this task may be all that remembers the password.
                return Ok(match self.finishing.finish(reset, now).await? {
                    true => TaskOutcome::Removed,
                    false => again(reset),
                });
            }
            if self.resets.is_as_it_was(&account, reset)? {
                // The old password is in force, and the grant admits another attempt until the reset expires. A little later
                // no node can be about to write, whatever its clock says.
                let over = crate::time::later(reset.expires_at(), LATE_WRITERS);
                return Ok(if now >= over { TaskOutcome::Done } else { again(reset) });
            }
        }
        Ok(match self.resets.close_as_seen(reset, CloseReason::AccountChanged, now).await? {
            true => TaskOutcome::Removed,
            false => again(reset),
        })
    }

    /// Locks an account for its owner, and ends every session that began before that was done.
    pub(crate) async fn lock(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let (Some(account), Some(set_at)) = (reset.account(), reset.set_at()) else { return Ok(TaskOutcome::Done) };
        let Some(account_locker) = &self.account_locker else {
            log_bounded!(error, reset = %reset.id(),
                "cannot lock account: call `.account_locker(…)` on the builder of this worker");
            return Ok(again(reset));
        };
        let lock = AccountLock::new(account.clone(), reset.id(), set_at);
        let locked = match account_locker.lock(&lock).await {
            Ok(()) => self.resets.accounts.end_sessions(account, self.resets.now()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = locked {
            log_bounded!(warn, reset = %reset.id(), error = &error as &dyn Error, "account not locked, will retry");
            return Ok(again(reset));
        }
        ack.audit.push(AuditRow::new(self.resets.now(), AuditEvent::Locked).of(reset));
        Ok(TaskOutcome::Done)
    }

    pub(crate) async fn end_sessions(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let (Some(account), Some(set_at)) = (reset.account(), reset.set_at()) else { return Ok(TaskOutcome::Done) };
        match self.resets.accounts.end_sessions(account, set_at).await {
            Ok(()) => {
                ack.audit.push(AuditRow::new(self.resets.now(), AuditEvent::SessionsEnded).of(reset));
                Ok(TaskOutcome::Done)
            }
            Err(error) => {
                log_bounded!(warn, reset = %reset.id(), error = &error as &dyn Error,
                    "sessions not ended, will retry");
                Ok(again(reset))
            }
        }
    }
}
