//! Passwords that have leaked.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::PortError;
use crate::password::Password;

/// Knows passwords that are public from data breaches, for [`Rule::NotBreached`](crate::Rule::NotBreached) (R75).
///
/// Never asked while somebody types: only once for each try to set a password, after the proof was compared and the try was
/// counted, and only for passwords within the length caps. The crate `password-reset-breached` searches an offline list.
///
/// # Security
/// Do not send the password anywhere, nor its whole hash. A service that is asked by a part of the hash learns that part.
#[async_trait]
pub trait BreachedPasswords: Debug + Send + Sync + 'static {
    /// Whether the whole password is known from a breach.
    ///
    /// # Errors
    /// When it cannot be known now. Then no password is set, and the same try can be made again (R163); an implementation
    /// that would rather let the password pass says `false` itself.
    async fn contains(&self, password: &Password) -> Result<bool, PortError>;
}
