//! What is written when an account gets another password.

use chrono::{DateTime, Utc};

use super::account::{Account, MAX_EARLIER_HASHES};
use super::password_hash::PasswordHash;

/// The change that [`Accounts::set_password`](crate::ports::Accounts::set_password) writes.
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
        before.into_iter().chain(self.was.earlier_hashes()).take(MAX_EARLIER_HASHES.into())
    }

    /// The time of the change, by the service's [`Clock`](crate::ports::Clock).
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}
