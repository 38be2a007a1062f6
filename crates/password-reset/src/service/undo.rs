//! "I did not set this password."

use super::{Inner, MOST_CONFLICTS, PasswordReset, contact_kind};
use crate::audit::{AuditEvent, AuditRow};
use crate::channel::Channel;
use crate::error::PortError;
use crate::flow::{Event, Step};
use crate::ports::Advanced;
use crate::reset::Reset;
use crate::secret::{NamesReset, UndoToken};
use crate::state::State;

/// A password was disowned: its account is frozen, or will be in a moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undone {
    /// The ways to ask for a fresh reset that do not lead to where the disowned password was proved. They are those that
    /// the service offers, and say nothing of the account.
    pub channels: Vec<Channel>,
}

/// A password could not be disowned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// Invalid, expired or unknown: one answer for all (R67).
    #[error("this link cannot be used any more")]
    Refused,
    /// A port failed. Nothing was changed; try again.
    #[error("this cannot be done now; try again")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for UndoError {
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
    /// [`UndoError`].
    pub async fn undo(&self, token: &UndoToken) -> Result<Undone, UndoError> {
        let inner = &self.inner;
        for _ in 0..MOST_CONFLICTS {
            let now = inner.now();
            let reset = inner.store.load(token.reset_id()).await?.ok_or(UndoError::Refused)?;
            let (Some(binding), Some(set_at)) = (reset.binding(), reset.set_at()) else {
                return Err(UndoError::Refused);
            };
            if !inner.secrets.is_undo(token, &reset, binding, set_at) {
                return Err(UndoError::Refused);
            }
            if reset.state() == State::Frozen {
                return Ok(inner.undone(&reset));
            }
            let event = Event::Undo { until: crate::time::later(now, inner.lifetimes.undo) };
            let audit = vec![AuditRow::new(now, AuditEvent::Disowned).of(&reset)];
            let step = Step::new(&reset, &event, now, audit).map_err(|_illegal| UndoError::Refused)?;
            if inner.advance(&step).await? != Advanced::Conflict {
                inner.wake.raise();
                return Ok(inner.undone(&reset));
            }
        }
        Err(PortError::transient("too many changes of one reset at once").into())
    }
}

impl Inner {
    fn undone(&self, reset: &Reset) -> Undone {
        let mut channels = vec![Channel::EmailLink, Channel::WhatsAppCode];
        channels.extend(self.inbound.as_ref().map(|inbound| Channel::WhatsAppInbound(inbound.mode())));
        let used = contact_kind(reset.channel());
        channels.retain(|channel| self.offers(*channel) && contact_kind(*channel) != used);
        Undone { channels }
    }
}
