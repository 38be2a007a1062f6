//! Freezing an account whose owner disowns its password.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::id::{AccountId, ResetId};

/// Freezes accounts: what the application does when an owner says that they did not set the password.
///
/// # Contract
/// * After `lock` nobody signs in with the present password, nor with anything that lives as long as it: access tokens,
///   remembered devices. The simplest way is to write a hash that no password has.
/// * A password that is set later by a reset makes the account usable again. Leave it
///   [`Active`](crate::AccountStatus::Active): one that is barred cannot be reset by its owner either, which is for those who
///   want an administrator to look first.
/// * Sessions need not be ended: that follows, by [`Accounts::end_sessions`](super::Accounts::end_sessions).
#[async_trait]
pub trait AccountLocker: Debug + Send + Sync + 'static {
    /// Freezes an account. Called again until it succeeds, and perhaps once more after that, so it must be idempotent.
    ///
    /// # Errors
    /// When it could not be done; it is tried again.
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError>;
}

/// What a [`AccountLocker`] is to freeze, and why.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccountLock {
    /// The account.
    pub account: AccountId,
    /// The reset whose password its owner disowned.
    pub reset: ResetId,
    /// When that password was set.
    pub set_at: DateTime<Utc>,
}

impl AccountLock {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(account: AccountId, reset: ResetId, set_at: DateTime<Utc>) -> Self {
        Self { account, reset, set_at }
    }
}
