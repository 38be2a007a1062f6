//! A factor of the application's own.

use std::fmt;

use async_trait::async_trait;
use password_reset::{AccountId, PortError};

/// Checks a factor of the application's own that can be typed: a one-time password, a recovery code. It is asked for
/// where the service's gate answers with [`StepUp::HostFactor`](password_reset::StepUp::HostFactor).
///
/// # Security
/// Tries are counted before this is called, and limited as typed codes are. What may be used once must be used up by a
/// right answer here.
#[async_trait]
pub trait SecondFactor: fmt::Debug + Send + Sync + 'static {
    /// Whether what was typed is right for this account now. It is what a stranger typed, of any length up to a body's.
    ///
    /// # Errors
    /// When it cannot be checked; the person is asked to try again.
    async fn check(&self, account: &AccountId, typed: &str) -> Result<bool, PortError>;
}
