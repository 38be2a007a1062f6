//! Locking an account whose owner did not set its password.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::identity::id::{AccountId, ResetId};

/// Locks an account when its owner reports that they did not set the password.
///
/// # Contract
/// * After `lock` no login succeeds with the current password, nor with credentials that live as long: access tokens,
///   remembered devices. The simplest way is to write a hash that matches no password.
/// * A password that a later reset sets makes the account usable again. Leave the account
///   [`Active`](crate::AccountStatus::Active): the owner cannot reset a disabled account either, so disable it only if an
///   administrator has to look first.
/// * It need not end sessions: the worker does afterwards, by [`Accounts::end_sessions`](super::Accounts::end_sessions).
#[async_trait]
pub trait AccountLocker: Debug + Send + Sync + 'static {
    /// Locks an account. The worker repeats the call until it succeeds, and possibly once more, so it must be idempotent.
    ///
    /// # Errors
    /// When the account could not be locked; the worker retries.
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError>;
}

/// The account that an [`AccountLocker`] locks, and the reason.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccountLock {
    /// The account.
    pub account: AccountId,
    /// The reset that set the reported password.
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
