//! The application's user table.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::identity::account::Account;
use crate::identity::id::AccountId;
use crate::identity::identifier::{CallingCode, Identifier};
use crate::identity::password_hash::PasswordHash;
use crate::policy::RuleKind;

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

/// The change that [`Accounts::set_password`] writes.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    was: Account,
    new: PasswordHash,
    at: DateTime<Utc>,
}

impl PasswordChange {
    /// A change from the account as it was to a new hash.
    #[must_use]
    pub fn new(was: Account, new: PasswordHash, at: DateTime<Utc>) -> Self {
        Self { was, new, at }
    }

    /// The account as it was when the change was checked.
    ///
    /// The write must compare its hash and that it is active; it should also compare the contacts where they are in the same
    /// row.
    #[must_use]
    pub fn was(&self) -> &Account {
        &self.was
    }

    /// The hash to write.
    #[must_use]
    pub fn new_hash(&self) -> &PasswordHash {
        &self.new
    }

    /// The hashes that an application keeps after the change for the rule "not one of the last", newest first, and no more than
    /// any policy compares. A new hash of the same password leaves them as they are: the hash that it replaces may be weak.
    pub fn earlier_hashes(&self) -> impl Iterator<Item = &PasswordHash> {
        let before = self.was.hash().filter(|hash| hash.identity() != self.new.identity());
        let most = RuleKind::NotEarlier.range().map_or(0, |range| usize::from(*range.end()));
        before.into_iter().chain(self.was.earlier_hashes()).take(most)
    }

    /// The time of the change, by the service's [`Clock`](super::Clock).
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
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
