//! Messages with a link for each of several accounts.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::SecretUrl;
use crate::identity::account::Account;
use crate::identity::shown;

/// A link for each of several accounts that have the mailbox, where [`SeveralAccounts::MailList`](crate::SeveralAccounts::MailList) is chosen.
#[derive(Debug)]
#[non_exhaustive]
pub struct AccountLinks {
    /// The accounts and their links, at least two.
    pub accounts: Vec<AccountLink>,
    /// When the reset was requested.
    pub asked_at: DateTime<Utc>,
    /// The device on which the reset was requested, as [`LinkMessage::device`](super::LinkMessage::device).
    pub device: Option<String>,
}

/// One of several accounts, and the link that opens its reset.
#[non_exhaustive]
pub struct AccountLink {
    /// The name of the owner, as [`Message::name`](super::Message::name).
    pub name: Option<String>,
    /// The name that tells the account apart, as [`Message::username`](super::Message::username).
    pub username: Option<String>,
    /// Opens the reset of the account.
    pub link: SecretUrl,
    /// Lifetime of the link, from when it was issued.
    pub lives: Duration,
    /// Cancels the reset of the account, without a login.
    pub cancel: SecretUrl,
}

impl AccountLinks {
    /// All parts but the device; see the fields.
    #[must_use]
    pub fn new(accounts: Vec<AccountLink>, asked_at: DateTime<Utc>) -> Self {
        Self { accounts, asked_at, device: None }
    }

    /// Adds the device on which the reset was requested.
    #[must_use]
    pub fn with_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }
}

impl AccountLink {
    /// The link of an account, with the names that the account has.
    #[must_use]
    pub fn new(account: &Account, link: SecretUrl, lives: Duration, cancel: SecretUrl) -> Self {
        let (name, username) = (account.name().and_then(shown::name), account.username().and_then(shown::username));
        Self { name, username, link, lives, cancel }
    }
}

/// Shows no names.
impl fmt::Debug for AccountLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountLink").field("lives", &self.lives).finish_non_exhaustive()
    }
}
