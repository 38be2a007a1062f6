//! What a suite needs of the adapter under test.

use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, Notifier, ResetStore};
use password_reset::{AccountId, CallingCode, Contact};

use super::AccountSpec;

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
