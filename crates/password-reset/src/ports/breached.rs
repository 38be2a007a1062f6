//! Passwords known from data breaches.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::PortError;
use crate::identity::password::Password;

/// Looks up passwords known from data breaches, for [`Rule::NotBreached`](crate::policy::Rule::NotBreached).
///
/// The service asks once for each attempt to set a password, never while the requester types: after the proof was compared
/// and the attempt was counted, and only for passwords within the length caps. The crate `password-reset-breached` searches
/// an offline list.
///
/// # Security
/// Do not send the password or its whole hash anywhere. A service that is queried by a part of the hash learns that part.
#[async_trait]
pub trait BreachedPasswords: Debug + Send + Sync + 'static {
    /// Whether the whole password is known from a breach.
    ///
    /// # Errors
    /// When the lookup fails. No password is set then, and the requester can try again. An implementation that prefers
    /// to let the password pass returns `false`.
    async fn contains(&self, password: &Password) -> Result<bool, PortError>;
}
