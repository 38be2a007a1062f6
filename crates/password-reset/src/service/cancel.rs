//! "This was not me."

use super::PasswordReset;
use crate::error::PortError;
use crate::flow::state::{CloseReason, State};
use crate::secret::{CancelToken, NamesReset};

/// A reset could not be cancelled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// Invalid, expired, used or unknown: one answer for all (R67).
    #[error("this link cannot be used any more")]
    Refused,
    /// A port failed. Nothing was changed; try again.
    #[error("this cannot be done now; try again")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for CancelError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

impl PasswordReset {
    /// Closes the reset that a message belongs to, and nothing else. Twice is the same as once.
    ///
    /// Call it for a POST that a person caused, never for a GET (I3).
    ///
    /// # Errors
    /// [`CancelError`].
    pub async fn cancel(&self, token: &CancelToken) -> Result<(), CancelError> {
        let inner = &self.inner;
        let now = inner.resets.now();
        let reset = inner.resets.load(token.reset_id()).await?.ok_or(CancelError::Refused)?;
        let binding = reset.binding().ok_or(CancelError::Refused)?;
        if !inner.resets.secrets.is_cancel(token, &reset, binding)
            || now >= binding.link_until().max(reset.expires_at())
        {
            return Err(CancelError::Refused);
        }
        inner.resets.close(&reset, CloseReason::Cancelled, now).await?;
        // Between the look and the step somebody may have set the password; then nothing was cancelled.
        match inner.resets.load(reset.id()).await? {
            Some(after) if after.state() == State::Closed(CloseReason::Cancelled) => Ok(()),
            Some(_) | None => Err(CancelError::Refused),
        }
    }
}
