//! The application's user table.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::identity::account::Account;
use crate::identity::id::AccountId;
use crate::identity::identifier::{CallingCode, Identifier};
use crate::identity::password_change::PasswordChange;

/// The application's user table.
///
/// # Contract
/// * `find` returns the accounts that the identifier names. Those that could be reset come first: active, and the named
///   address or number is a confirmed contact. Two of those mean that nothing is sent, unless
///   [`SeveralAccounts`](crate::SeveralAccounts) says otherwise; the others count for nothing,
///   so a stranger who signs up with the owner's address changes nothing. `find` may leave accounts out after the
///   first hundred, but never one of the first two that could be reset.
/// * Text matches byte for byte, but for ASCII letters where the application's own login ignores their case; never by
///   accent, width or compatibility folding.
/// * Only confirmed contacts are in an [`Account`].
/// * `set_password` is one atomic compare-and-set on the current hash. That makes it idempotent and orders changes without a
///   column of this library.
#[async_trait]
pub trait Accounts: Debug + Send + Sync + 'static {
    /// The country of phone numbers that the table stores without one; `None` where each has its country.
    ///
    /// The one place where it is said: pages read what requesters type by it too.
    fn home_country(&self) -> Option<CallingCode>;

    /// Finds the accounts that a requester named in a form.
    ///
    /// # Errors
    /// When the table cannot be read.
    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError>;

    /// Loads one account; `None` when it no longer exists.
    ///
    /// # Errors
    /// When the table cannot be read.
    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError>;

    /// Sets the password hash if the account has not changed.
    ///
    /// # Errors
    /// When the write failed or its outcome is unknown. The caller then calls again.
    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError>;

    /// Ends the account's sessions and remembered logins that began before a time.
    ///
    /// The worker repeats the call until it succeeds, so it must be idempotent.
    ///
    /// # Errors
    /// When they could not be ended.
    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError>;
}

/// The outcome of a [`PasswordChange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Changed {
    /// The account has the new hash: written now, or by the same call before.
    Updated,
    /// The account is gone, disabled or has changed. Nothing was written.
    Conflict,
}
