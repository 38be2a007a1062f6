//! What is in memory keeps every promise: the store alone, the store that writes accounts, the accounts, the notifier.

mod store {
    use std::sync::Arc;

    use password_reset_testkit::MemoryStore;

    async fn fresh() -> Arc<MemoryStore> {
        Arc::new(MemoryStore::new())
    }
    password_reset_testkit::store_conformance!(fresh);
    password_reset_testkit::service_conformance!(fresh);
}

mod store_that_writes_accounts {
    use std::sync::Arc;

    use async_trait::async_trait;
    use password_reset::ports::{Accounts, ResetStore};
    use password_reset::{AccountId, CallingCode};
    use password_reset_testkit::suites::{AccountSpec, AccountsFixture, StoreFixture};
    use password_reset_testkit::{MemoryAccounts, MemoryStore};

    struct Both {
        store: Arc<MemoryStore>,
        accounts: MemoryAccounts,
    }

    impl StoreFixture for Both {
        fn store(&self) -> Arc<dyn ResetStore> {
            self.store.store()
        }

        fn another_node(&self) -> Arc<dyn ResetStore> {
            self.store.another_node()
        }
    }

    #[async_trait]
    impl AccountsFixture for Both {
        fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
            self.accounts.accounts_at(home)
        }

        async fn create(&self, spec: AccountSpec) -> AccountId {
            self.accounts.create(spec).await
        }
    }

    async fn fresh() -> Both {
        let accounts = MemoryAccounts::new();
        Both { store: Arc::new(MemoryStore::writing(accounts.clone())), accounts }
    }
    password_reset_testkit::store_conformance!(fresh);
    password_reset_testkit::writing_store_conformance!(fresh);
}

mod accounts {
    use password_reset_testkit::MemoryAccounts;

    async fn fresh() -> MemoryAccounts {
        MemoryAccounts::new()
    }
    password_reset_testkit::accounts_conformance!(fresh);
}

mod notifier {
    use password_reset_testkit::RecordingNotifier;

    mod mail {
        use super::RecordingNotifier;

        async fn fresh() -> RecordingNotifier {
            RecordingNotifier::new()
        }
        password_reset_testkit::notifier_conformance!(fresh);
    }

    mod phone {
        use password_reset::ContactKind;

        use super::RecordingNotifier;

        async fn fresh() -> RecordingNotifier {
            RecordingNotifier::reaching(ContactKind::Phone)
        }
        password_reset_testkit::notifier_conformance!(fresh);
    }
}
