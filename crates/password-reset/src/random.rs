//! The port for random bytes, and its implementation by the operating system.

use std::fmt::Debug;

use rand::TryRng;
use rand::rngs::SysRng;

use crate::error::PortError;

/// A source of random bytes.
///
/// # Security
/// Implement it only to count or to fail in tests. Production uses [`SystemRandom`].
pub trait RandomSource: Debug + Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    ///
    /// # Errors
    /// When the generator fails; the caller then refuses the request.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        SysRng
            .try_fill_bytes(bytes)
            .map_err(|error| PortError::transient("the operating system returned no random bytes").because(error))
    }
}
