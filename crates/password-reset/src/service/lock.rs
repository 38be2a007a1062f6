//! "I did not set this password."

use super::{Inner, PasswordReset, contact_kind};
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::flow::{Event, Step};
use crate::ports::Transitioned;
use crate::resets::MAX_CONFLICTS;
use crate::secret::{LockToken, NamesReset};

/// A password was disowned: its account is frozen, or will be in a moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Locked {
    /// The ways to ask for a fresh reset that do not lead to where the disowned password was proved. They are those that
    /// the service offers, and say nothing of the account.
    pub channels: Vec<Channel>,
}

/// A password could not be disowned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Invalid, expired or unknown: one answer for all (R67).
    #[error("this link cannot be used any more")]
    Refused,
    /// A port failed. Nothing was changed; try again.
    #[error("this cannot be done now; try again")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for LockError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

impl PasswordReset {
    /// Disowns the password that a notice told of: the worker has the application freeze the account, live resets end, and
    /// for a while nothing is sent to where the proof came from. A reset by another way makes the account usable again, and
    /// so does one that an administrator asks for. Twice is the same as once.
    ///
    /// Call it for a POST that a person caused, never for a GET (I3). It needs no login: somebody else may hold that.
    ///
    /// # Errors
    /// [`LockError`].
    pub async fn lock(&self, token: &LockToken) -> Result<Locked, LockError> {
        let inner = &self.inner;
        for _ in 0..MAX_CONFLICTS {
            let now = inner.resets.now();
            let reset = inner.resets.load(token.reset_id()).await?.ok_or(LockError::Refused)?;
            let (Some(binding), Some(set_at)) = (reset.binding(), reset.set_at()) else {
                return Err(LockError::Refused);
            };
            if !inner.resets.secrets.is_lock(token, &reset, binding, set_at) {
                return Err(LockError::Refused);
            }
            if reset.state() == State::Locked {
                return Ok(inner.other_channels(&reset));
            }
            let event = Event::Lock { until: crate::time::later(now, inner.resets.lifetimes.lock) };
            let audit = vec![AuditRow::new(now, AuditEvent::LockRequested).of(&reset)];
            let step = Step::new(&reset, &event, now, audit).map_err(|_illegal| LockError::Refused)?;
            if inner.resets.transition(step, now).await?.1 != Transitioned::Conflict {
                return Ok(inner.other_channels(&reset));
            }
        }
        Err(PortError::transient("too many changes of one reset at once").into())
    }
}

impl Inner {
    fn other_channels(&self, reset: &Reset) -> Locked {
        let mut channels = vec![Channel::EmailLink, Channel::WhatsAppCode];
        channels.extend(self.inbound.as_ref().map(|inbound| Channel::WhatsAppInbound(inbound.mode())));
        let used = contact_kind(reset.channel());
        channels.retain(|channel| self.offers(*channel) && contact_kind(*channel) != used);
        Locked { channels }
    }
}
