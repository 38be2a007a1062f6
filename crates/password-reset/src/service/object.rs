//! "I did not set this password."

use std::fmt::Debug;
use std::sync::Arc;

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::state::{CloseReason, State};
use crate::flow::{Event, Step};
use crate::ports::Transitioned;
use crate::resets::MAX_CONFLICTS;
use crate::resets::Resets;
use crate::secret::{CancelToken, LockToken, NamesReset};
use crate::service::status::Showing;

/// A reset could not be cancelled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// Invalid, expired, used or unknown: one answer for all.
    #[error("cancel link is invalid or expired")]
    Refused,
    /// A port failed, or did not answer in time; try again. If it was done all the same, trying again says so.
    #[error("storage or another port is unavailable")]
    Unavailable(#[from] PortError),
}

/// The account is locked, or will be in a moment.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Locked {
    /// The ways to ask for a fresh reset that lead to another kind of contact than the one by which the password was proved. They
    /// are those that the service offers, whether or not the account has such a contact.
    pub channels: Vec<Channel>,
}

/// The account could not be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Invalid, expired or unknown: one answer for all.
    #[error("lock link is invalid or expired")]
    Refused,
    /// A port failed, or did not answer in time; try again. If it was done all the same, trying again says so.
    #[error("storage or another port is unavailable")]
    Unavailable(#[from] PortError),
}

/// Takes what the owner objects to: a reset that they did not ask for, a password that they did not set.
#[derive(Debug)]
pub(crate) struct Objecting {
    pub(crate) resets: Arc<Resets>,
    pub(crate) showing: Arc<Showing>,
}

impl Objecting {
    pub(crate) async fn cancel(&self, token: &CancelToken) -> Result<(), CancelError> {
        let now = self.resets.now();
        let reset = self.resets.load(token.reset_id()).await?.ok_or(CancelError::Refused)?;
        let binding = reset.binding().ok_or(CancelError::Refused)?;
        if !self.resets.secrets.is_cancel(token, &reset, binding) || now >= binding.link_until().max(reset.expires_at())
        {
            return Err(CancelError::Refused);
        }
        self.resets.close(&reset, CloseReason::Cancelled, now).await?;
        // Between the read and the step the password may have been set; then nothing was cancelled.
        match self.resets.load(reset.id()).await? {
            Some(after) if after.state() == State::Closed(CloseReason::Cancelled) => Ok(()),
            Some(_) | None => Err(CancelError::Refused),
        }
    }

    pub(crate) async fn lock(&self, token: &LockToken) -> Result<Locked, LockError> {
        for _ in 0..MAX_CONFLICTS {
            let now = self.resets.now();
            let reset = self.resets.load(token.reset_id()).await?.ok_or(LockError::Refused)?;
            let (Some(binding), Some(set_at)) = (reset.binding(), reset.set_at()) else {
                return Err(LockError::Refused);
            };
            if !self.resets.secrets.is_lock(token, &reset, binding, set_at) {
                return Err(LockError::Refused);
            }
            if reset.state() == State::Locked {
                return Ok(Locked { channels: self.showing.other_channels(&reset, binding).await? });
            }
            let event = Event::Lock { until: crate::time::later(now, self.resets.lifetimes.lock) };
            let audit = vec![AuditRow::new(now, AuditEvent::LockRequested).of(&reset)];
            let step = Step::new(&reset, &event, now, audit).map_err(|_illegal| LockError::Refused)?;
            if self.resets.transition(step, now).await?.1 != Transitioned::Conflict {
                return Ok(Locked { channels: self.showing.other_channels(&reset, binding).await? });
            }
        }
        Err(PortError::transient("gave up after repeated concurrent updates of one reset").into())
    }
}
