//! Waiting for a reset to move on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::status::{Stage, Status};
use super::{Inner, PasswordReset};
use crate::error::PortError;
use crate::node::waiting::POLL_EVERY;
use crate::node::wake::Wake;
use crate::secret::{NamesReset, RequesterToken};

/// Even with a worker that polls each second, whoever waits looks after this long whether somebody did.
const LOOK_AFTER: Duration = POLL_EVERY.saturating_mul(2);

/// Waits for a reset to move on, as its own handle may see it. Dropping it ends the wait.
#[must_use = "nothing is waited for before `changed` is awaited"]
pub struct Watch {
    inner: Arc<Inner>,
    requester_token: RequesterToken,
    wake: Arc<Wake>,
    seen: Stage,
}

impl PasswordReset {
    /// Begins to wait for a reset. `None` when the handle is no handle of a reset that is kept.
    ///
    /// What happens on this node wakes the wait at once, and so does a message that another node heard, if the store
    /// gives hints and a worker runs here. Everything else is seen within about two seconds, by one statement a second
    /// for every five hundred resets that this node waits for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn watch(&self, requester_token: RequesterToken) -> Result<Option<Watch>, PortError> {
        let inner = &self.inner;
        let Some(reset) = inner.resets.own(&requester_token).await? else { return Ok(None) };
        let wake = inner.resets.waiting.join(reset.id(), reset.version());
        let seen = inner.status_of(&reset, inner.resets.now())?.stage;
        // What happened between the look and joining is not missed: the version is that of the look, but only a poll
        // would see it. So whoever waits looks once more at the beginning.
        wake.raise();
        Ok(Some(Watch { inner: Arc::clone(inner), requester_token, wake, seen }))
    }
}

impl Watch {
    /// The stage that was seen last: at the beginning, or by [`changed`](Self::changed).
    #[must_use]
    pub fn seen(&self) -> Stage {
        self.seen
    }

    /// Returns when the stage is another one than was seen last, expiry included. Nothing is lost when it is dropped
    /// and called again.
    ///
    /// # Errors
    /// When the store cannot be read; one may call again.
    pub async fn changed(&mut self) -> Result<Status, PortError> {
        let inner = Arc::clone(&self.inner);
        loop {
            // Looking takes a moment and waiting takes minutes, so whoever waits keeps no room for looking.
            let look_again = match Box::pin(inner.resets.own(&self.requester_token)).await? {
                Some(reset) => {
                    let status = inner.status_of(&reset, inner.resets.now())?;
                    if status.stage != self.seen {
                        self.seen = status.stage;
                        return Ok(status);
                    }
                    status.changes_at
                }
                None => return Err(PortError::permanent("a reset that somebody waits for is not kept any more")),
            };
            loop {
                let now = inner.resets.now();
                let left = look_again.map(|at| crate::time::until(now, at));
                if left.is_some_and(|left| left.is_zero()) {
                    break;
                }
                let wait = left.map_or(LOOK_AFTER, |left| left.min(LOOK_AFTER));
                let woken = std::pin::pin!(self.wake.raised());
                match select(woken, inner.resets.clock.sleep(wait)).await {
                    Either::Left(_) => break,
                    Either::Right(_) => {
                        Box::pin(inner.resets.waiting.poll(inner.resets.store.as_ref(), inner.resets.now())).await?
                    }
                }
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.inner.resets.waiting.leave(self.requester_token.reset_id(), &self.wake);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("seen", &self.seen).finish_non_exhaustive()
    }
}
