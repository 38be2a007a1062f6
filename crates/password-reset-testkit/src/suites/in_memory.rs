//! What is in memory as a fixture of its own.

use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, Notifier, ResetStore};
use password_reset::{Account, AccountId, CallingCode, Contact, ContactKind};

use super::{AccountSpec, AccountsFixture, NotifierFixture, StoreFixture};
use crate::sample;
use crate::{MemoryAccounts, MemoryStore, RecordingNotifier};

impl StoreFixture for Arc<MemoryStore> {
    fn store(&self) -> Arc<dyn ResetStore> {
        Self::clone(self)
    }

    fn another_node(&self) -> Arc<dyn ResetStore> {
        Self::clone(self)
    }
}

#[async_trait]
impl AccountsFixture for MemoryAccounts {
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
        Arc::new(home.map_or_else(|| self.clone(), |home| self.clone().with_home_country(home)))
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        let id = sample::account_id();
        let email = spec.email.map(Contact::email);
        let phone = spec.phone.map(Contact::phone);
        let (confirmed, unconfirmed): (Vec<_>, Vec<_>) =
            email.into_iter().chain(phone).partition(|_contact| spec.confirmed);
        let account = confirmed.into_iter().fold(Account::new(id.clone(), spec.status), Account::with_contact);
        let account = spec.hash.into_iter().fold(account, Account::with_hash);
        match spec.username {
            Some(username) => self.add_named(username, account),
            None => self.add(account),
        }
        for contact in unconfirmed {
            assert!(self.add_unconfirmed(&id, contact), "the account was just added");
        }
        id
    }
}

#[async_trait]
impl NotifierFixture for RecordingNotifier {
    fn notifier(&self) -> Arc<dyn Notifier> {
        Arc::new(self.clone())
    }

    fn contact(&self, number: usize) -> Contact {
        match self.reaches() {
            ContactKind::Phone => Contact::phone(format!("+62812{number:08}")),
            _ => Contact::email(format!("person-{number}@example.com")),
        }
    }

    async fn arrived(&self) -> Vec<Contact> {
        self.delivered().into_iter().map(|sent| sent.to).collect()
    }
}
