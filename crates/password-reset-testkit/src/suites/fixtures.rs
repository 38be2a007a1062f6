//! What a suite needs of the adapter under test.

use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, ResetStore};
use password_reset::{AccountId, CallingCode};

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
