//! What the browser that asked may see.

use chrono::{DateTime, Utc};

use super::PasswordReset;
use crate::channel::ProofKind;
use crate::error::PortError;
use crate::secret::{Handle, NamesReset};
use crate::state::State;

/// Where a reset stands, as its own handle may see it.
///
/// A function of the reset's own times, its own tries, and of proofs brought *through this handle*. Whatever else
/// happens to the account shows as waiting until it expires, so that a handle tells a stranger nothing (I4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Where it stands.
    pub stage: Stage,
    /// Until when it waits.
    pub shown_until: DateTime<Utc>,
    /// How many codes may still be typed.
    pub code_tries_left: u32,
}

/// Where a reset stands, as its own handle may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Nothing was proved through this handle.
    Waiting,
    /// A code was proved through this handle, and a password may be set with the grant that it yielded.
    Proved,
    /// The password was set after a proof through this handle.
    Done,
    /// Its time is over.
    Expired,
}

impl PasswordReset {
    /// Says where a reset stands. Changes nothing.
    ///
    /// `None` when the handle is no handle of a reset that is kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn status(&self, handle: &Handle) -> Result<Option<Status>, PortError> {
        let inner = &self.inner;
        let now = inner.now();
        let reset = inner.store.load(handle.reset_id()).await?;
        Ok(reset.filter(|reset| inner.secrets.is_handle(handle, reset)).map(|reset| {
            let through_handle = match reset.proved_by() {
                Some(ProofKind::Code | ProofKind::ReplyCode | ProofKind::Claim) => true,
                Some(ProofKind::Link | ProofKind::Message | ProofKind::CurrentPassword) | None => false,
            };
            let stage = match reset.state() {
                State::PasswordSet if through_handle => Stage::Done,
                State::Verified | State::Applying if through_handle && reset.is_live(now) => Stage::Proved,
                _ if now >= reset.shown_until() => Stage::Expired,
                _ => Stage::Waiting,
            };
            Status {
                stage,
                shown_until: reset.shown_until(),
                code_tries_left: inner.limits.code_tries.saturating_sub(reset.code_tries()),
            }
        }))
    }
}
