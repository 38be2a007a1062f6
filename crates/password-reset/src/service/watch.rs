//! Waiting for a reset to move on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::error::PortError;
use crate::node::waiting::POLL_EVERY;
use crate::node::wake::Wake;
use crate::resets::spans::Call;
use crate::secret::{NamesReset, RequesterToken};
use crate::service::status::{Showing, Stage, Status};

/// A watch looks after this long, even where another task of this node polls each second.
const LOOK_AFTER: Duration = POLL_EVERY.saturating_mul(2);

/// Waits for a reset to move on, as its own requester may see it. Dropping it ends the wait.
#[must_use = "nothing is waited for before `changed` is awaited"]
pub struct Watch {
    showing: Arc<Showing>,
    requester_token: RequesterToken,
    wake: Arc<Wake>,
    seen: Stage,
}

impl Showing {
    pub(crate) async fn watch(self: &Arc<Self>, requester_token: RequesterToken) -> Result<Option<Watch>, PortError> {
        let Some(reset) = self.resets.own(&requester_token).await? else { return Ok(None) };
        let wake = self.resets.waiting.join(reset.id(), reset.version());
        let seen = self.status_of(&reset, self.resets.now())?.stage;
        // What happened between the look and joining is not missed: the version is that of the look, but only a poll
        // would see it. So the watch looks once more at the beginning.
        wake.raise();
        Ok(Some(Watch { showing: Arc::clone(self), requester_token, wake, seen }))
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
        let showing = Arc::clone(&self.showing);
        let resets = &showing.resets;
        loop {
            // Looking takes a moment and waiting takes minutes, so the future that waits keeps no room for looking.
            let look_again = match Box::pin(
                resets.in_time(("watch", self.requester_token.reset_id()), resets.own(&self.requester_token)),
            )
            .await?
            {
                Some(reset) => {
                    let status = showing.status_of(&reset, resets.now())?;
                    if status.stage != self.seen {
                        self.seen = status.stage;
                        return Ok(status);
                    }
                    status.changes_at
                }
                None => return Err(PortError::permanent("watched reset has been purged")),
            };
            loop {
                let now = resets.now();
                let left = look_again.map(|at| crate::time::until(now, at));
                if left.is_some_and(|left| left.is_zero()) {
                    break;
                }
                let wait = left.map_or(LOOK_AFTER, |left| left.min(LOOK_AFTER));
                let woken = std::pin::pin!(self.wake.raised());
                match select(woken, resets.clock.sleep(wait)).await {
                    Either::Left(_) => break,
                    Either::Right(_) => {
                        let polling = resets.waiting.poll(&*resets.store, resets.now());
                        Box::pin(resets.in_time(Call::without_span("polling"), polling)).await?;
                    }
                }
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.showing.resets.waiting.leave(self.requester_token.reset_id(), &self.wake);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("seen", &self.seen).finish_non_exhaustive()
    }
}
