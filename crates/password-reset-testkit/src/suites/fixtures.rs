//! What a suite needs of the adapter under test.

use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, Notifier, ResetStore, UserTable};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Contact, PasswordHash, PortError};

use crate::sample;

/// A fresh store.
pub trait StoreFixture: Send + Sync {
    /// The store.
    fn store(&self) -> Arc<dyn ResetStore>;

    /// The same data as another node sees it: through connections, locks and caches of its own, where the adapter has
    /// such things.
    fn another_node(&self) -> Arc<dyn ResetStore>;
}

/// A fresh table of accounts.
#[async_trait]
pub trait AccountsFixture: Send + Sync {
    /// The port.
    fn accounts(&self) -> Arc<dyn Accounts> {
        self.accounts_at(None)
    }

    /// The port to the same table, whose numbers without a country belong to `home`.
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts>;

    /// Writes an account as the application does, and says how it is called.
    async fn create(&self, spec: AccountSpec) -> AccountId;
}

/// A fresh database, in which the cases make user tables of their own: `people`, and one whose name needs its quotes.
#[async_trait]
pub trait UserTableFixture: Send + Sync {
    /// The port to a table, after the adapter's check of it.
    async fn accounts_of(&self, users: UserTable) -> Result<Arc<dyn Accounts>, PortError>;

    /// Carries statements out, as the application does.
    async fn run(&self, sql: &str);

    /// The number that a query gives.
    async fn number(&self, sql: &str) -> i64;
}

/// A fresh notifier, and what arrives at the other end of it.
#[async_trait]
pub trait NotifierFixture: Send + Sync {
    /// The port.
    fn notifier(&self) -> Arc<dyn Notifier>;

    /// A contact that it reaches and that takes every message; another one for every number.
    fn contact(&self, number: usize) -> Contact;

    /// The recipient of every message that has arrived, once for each message.
    async fn arrived(&self) -> Vec<Contact>;
}

/// An account that a suite wants to exist.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccountSpec {
    /// Whether it may be reset.
    pub status: AccountStatus,
    /// Whether it is disabled by being marked as deleted, where the table keeps deleted rows.
    pub deleted: bool,
    /// Whether the address and the number are confirmed.
    pub confirmed: bool,
    /// The username, to be stored byte for byte.
    pub username: Option<String>,
    /// The e-mail address, to be stored byte for byte.
    pub email: Option<String>,
    /// The phone number in E.164 form, to be stored byte for byte.
    pub phone: Option<String>,
    /// The password hash, if it has a password.
    pub hash: Option<PasswordHash>,
}

impl AccountSpec {
    /// An active account with a password, without any name.
    #[must_use]
    pub fn active() -> Self {
        Self {
            status: AccountStatus::Active,
            deleted: false,
            confirmed: true,
            username: None,
            email: None,
            phone: None,
            hash: Some(sample::hash()),
        }
    }

    /// Disables it.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.status = AccountStatus::Disabled;
        self
    }

    /// Disables it by a mark that it is deleted.
    #[must_use]
    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self.disabled()
    }

    /// Leaves its address and number unconfirmed.
    #[must_use]
    pub fn unconfirmed(mut self) -> Self {
        self.confirmed = false;
        self
    }

    /// Sets the username.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the phone number.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// Takes the password away.
    #[must_use]
    pub fn without_password(mut self) -> Self {
        self.hash = None;
        self
    }
}

/// The store for one of many tasks: every other comes from another node.
pub(super) fn node(fixture: &impl StoreFixture, number: usize) -> Arc<dyn ResetStore> {
    if number.is_multiple_of(2) { fixture.store() } else { fixture.another_node() }
}

/// Creates an account with an address of its own.
pub(super) async fn created(fixture: &impl AccountsFixture, spec: AccountSpec) -> Account {
    let id = fixture.create(spec.email(sample::email())).await;
    present(&*fixture.accounts(), &id).await
}

/// An account that must be there.
pub(super) async fn present(accounts: &dyn Accounts, account: &AccountId) -> Account {
    accounts.load(account).await.expect("load must succeed").expect("the account must exist")
}

/// The account as it would be if it were active.
pub(super) fn as_if_active(account: &Account) -> Account {
    let active = Account::new(account.id().clone(), AccountStatus::Active);
    let active = account.contacts().iter().cloned().fold(active, Account::with_contact);
    match account.hash() {
        Some(hash) => active.with_hash(hash.clone()),
        None => active,
    }
}
