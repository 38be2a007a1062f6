//! An application's user table in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::identity::{IdentifierKind, stored_number};
use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Contact, ContactKind, Identifier, PortError};

/// An application's user table in memory, with its login sessions. Clones are the same table.
///
/// An account is found by its addresses and numbers, confirmed or not, and by its username if it has one; what matches is
/// decided by [`Identifier::names`] alone. A new password moves the old hash to the front of the earlier ones.
#[derive(Clone, Default)]
pub struct MemoryAccounts {
    table: Arc<Mutex<Table>>,
    home: Option<CallingCode>,
}

impl MemoryAccounts {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says to which country stored numbers of digits alone belong, and those that requesters type.
    #[must_use]
    pub fn with_home_country(mut self, home: CallingCode) -> Self {
        self.home = Some(home);
        self
    }

    /// Adds an account that is found by its contacts; one with the same id is replaced.
    pub fn add(&self, account: Account) {
        self.lock().users.insert(account.id().clone(), User { account, username: None, unconfirmed: Vec::new() });
    }

    /// Adds an account that is found by its contacts and by a username; one with the same id is replaced.
    pub fn add_named(&self, username: impl Into<String>, account: Account) {
        let user = User { account, username: Some(username.into()), unconfirmed: Vec::new() };
        self.lock().users.insert(user.account.id().clone(), user);
    }

    /// Adds an address or number that the account's owner has not confirmed, as a sign-up leaves it: the account is found
    /// by it, and it is no contact. `false` when there is no such account.
    #[must_use = "`false` says that nothing was changed"]
    pub fn add_unconfirmed(&self, account: &AccountId, contact: Contact) -> bool {
        match self.lock().users.get_mut(account) {
            Some(user) => {
                user.unconfirmed.push(contact);
                true
            }
            None => false,
        }
    }

    /// Changes an account, as an administrator's page would: gives `change` the account and stores what it returns.
    /// `false` when there is no such account.
    #[must_use = "`false` says that nothing was changed"]
    pub fn update(&self, account: &AccountId, change: impl FnOnce(Account) -> Account) -> bool {
        match self.lock().users.get_mut(account) {
            Some(user) => {
                user.account = change(user.account.clone());
                true
            }
            None => false,
        }
    }

    /// Bars an account, or makes it active again. `false` when there is no such account.
    #[must_use = "`false` says that nothing was changed"]
    pub fn set_standing(&self, account: &AccountId, status: AccountStatus) -> bool {
        self.update(account, |was| {
            let mut account = rebuilt(&was, was.contacts().iter().cloned(), status);
            if let Some(hash) = was.hash() {
                account = account.with_hash(hash.clone());
            }
            was.earlier_hashes().iter().cloned().fold(account, Account::with_earlier_hash)
        })
    }

    /// Removes an account and its sessions. `false` when there is no such account.
    #[must_use = "`false` says that nothing was changed"]
    pub fn remove(&self, account: &AccountId) -> bool {
        let mut table = self.lock();
        table.sessions.remove(account);
        table.users.remove(account).is_some()
    }

    /// The account as it is now.
    #[must_use]
    pub fn get(&self, account: &AccountId) -> Option<Account> {
        self.lock().users.get(account).map(|user| user.seen(self.home))
    }

    /// Begins a login session.
    pub fn begin_session(&self, account: &AccountId, at: DateTime<Utc>) {
        self.lock().sessions.entry(account.clone()).or_default().push(at);
    }

    /// When the sessions began that still last.
    #[must_use]
    pub fn sessions(&self, account: &AccountId) -> Vec<DateTime<Utc>> {
        self.lock().sessions.get(account).cloned().unwrap_or_default()
    }

    /// Every call of [`end_sessions`](Accounts::end_sessions), oldest first.
    #[must_use]
    pub fn ended(&self) -> Vec<(AccountId, DateTime<Utc>)> {
        self.lock().ended.clone()
    }

    /// The compare-and-set on the present hash; the lock makes it one step.
    pub(crate) fn write(&self, change: &PasswordChange) -> Changed {
        self.lock().set_password(change, self.home)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // What a panic in a test left behind is whole: every change below is one assignment.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryAccounts").field("accounts", &self.lock().users.len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.home
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let table = self.lock();
        let mut found: Vec<&User> = table.users.values().filter(|user| user.is_named(identifier, self.home)).collect();
        found.sort_by_key(|user| !user.could_be_reset(identifier, self.home));
        Ok(found.into_iter().map(|user| user.seen(self.home)).collect())
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        Ok(self.get(account))
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        Ok(self.write(change))
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        let mut table = self.lock();
        table.ended.push((account.clone(), begun_before));
        if let Some(sessions) = table.sessions.get_mut(account) {
            sessions.retain(|began| *began >= begun_before);
        }
        Ok(())
    }
}

/// The rows behind the lock.
#[derive(Default)]
struct Table {
    users: BTreeMap<AccountId, User>,
    sessions: BTreeMap<AccountId, Vec<DateTime<Utc>>>,
    ended: Vec<(AccountId, DateTime<Utc>)>,
}

struct User {
    account: Account,
    username: Option<String>,
    unconfirmed: Vec<Contact>,
}

/// Whether an address or number among the contacts is the one that an identifier names.
fn has(contacts: &[Contact], kind: ContactKind, identifier: &Identifier, home: Option<CallingCode>) -> bool {
    let seen = contacts.iter().filter(|contact| contact.kind() == kind).filter_map(|contact| seen(contact, home));
    seen.into_iter().any(|contact| identifier.names(contact.value()))
}

/// A contact as an application's table would show it: digits alone are a number of the home country, or none.
fn seen(contact: &Contact, home: Option<CallingCode>) -> Option<Contact> {
    let digits = contact.value().bytes().all(|byte| byte.is_ascii_digit());
    if contact.kind() == ContactKind::Phone && digits {
        return stored_number(contact.value(), home).map(Contact::phone);
    }
    Some(contact.clone())
}

impl User {
    fn seen(&self, home: Option<CallingCode>) -> Account {
        let contacts = self.account.contacts().iter().filter_map(|contact| seen(contact, home));
        let account = rebuilt(&self.account, contacts, self.account.status());
        let account = self.account.hash().cloned().into_iter().fold(account, Account::with_hash);
        self.account.earlier_hashes().iter().cloned().fold(account, Account::with_earlier_hash)
    }

    fn could_be_reset(&self, identifier: &Identifier, home: Option<CallingCode>) -> bool {
        let confirmed = |kind| has(self.account.contacts(), kind, identifier, home);
        self.account.status() == AccountStatus::Active
            && match identifier.kind() {
                IdentifierKind::Email => confirmed(ContactKind::Email),
                IdentifierKind::Phone => confirmed(ContactKind::Phone),
                _ => true,
            }
    }

    fn is_named(&self, identifier: &Identifier, home: Option<CallingCode>) -> bool {
        let by_contact = |kind| {
            has(self.account.contacts(), kind, identifier, home) || has(&self.unconfirmed, kind, identifier, home)
        };
        match identifier.kind() {
            IdentifierKind::Email => by_contact(ContactKind::Email),
            IdentifierKind::Phone => by_contact(ContactKind::Phone),
            IdentifierKind::Username => self.username.as_deref().is_some_and(|name| identifier.names(name)),
            // This table has no column for another kind.
            _ => false,
        }
    }
}

impl Table {
    /// The compare-and-set on the present hash.
    fn set_password(&mut self, change: &PasswordChange, home: Option<CallingCode>) -> Changed {
        let was = change.was();
        let Some(user) = self.users.get_mut(was.id()) else {
            return Changed::Conflict;
        };
        let now = &user.account;
        if now.hash() == Some(change.new_hash()) {
            return Changed::Updated;
        }
        let as_it_was = now.status() == AccountStatus::Active
            && now.hash() == was.hash()
            && user.seen(home).contacts() == was.contacts();
        if !as_it_was {
            return Changed::Conflict;
        }
        let earlier: Vec<_> = change.earlier_hashes().cloned().collect();
        let renewed =
            rebuilt(now, now.contacts().iter().cloned(), AccountStatus::Active).with_hash(change.new_hash().clone());
        user.account = earlier.into_iter().fold(renewed, Account::with_earlier_hash);
        Changed::Updated
    }
}

/// The account with these contacts and without its hashes.
fn rebuilt(was: &Account, contacts: impl Iterator<Item = Contact>, status: AccountStatus) -> Account {
    let account = contacts.fold(Account::new(was.id().clone(), status), Account::with_contact);
    let account = was.context_words().iter().cloned().fold(account, Account::with_context_word);
    let account = was.name().into_iter().fold(account, Account::with_name);
    let account = was.username().into_iter().fold(account, Account::with_username);
    let account = was.zone().into_iter().fold(account, Account::with_zone);
    was.locale().into_iter().fold(account, Account::with_locale)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use password_reset::PasswordHash;

    use super::*;

    fn account() -> Account {
        Account::new("1", AccountStatus::Active)
            .with_contact(Contact::email("ana@example.com"))
            .with_hash(PasswordHash::new("one"))
            .with_context_word("ana")
    }

    fn change(was: Account, new: &str) -> PasswordChange {
        PasswordChange::new(was, PasswordHash::new(new), DateTime::UNIX_EPOCH)
    }

    #[tokio::test]
    async fn a_changed_contact_makes_a_change_stale() {
        let accounts = MemoryAccounts::new();
        accounts.add(account());
        assert!(accounts.update(account().id(), |was| was.with_contact(Contact::phone("+6281200000001"))));
        assert_eq!(accounts.set_password(&change(account(), "two")).await.unwrap(), Changed::Conflict);
        assert_eq!(accounts.get(account().id()).unwrap().hash(), Some(&PasswordHash::new("one")));
    }

    #[tokio::test]
    async fn old_hashes_are_kept_newest_first_and_nothing_else_changes() {
        let accounts = MemoryAccounts::new();
        accounts.add(account());
        for new in ["two", "three"] {
            let was = accounts.get(account().id()).unwrap();
            assert_eq!(accounts.set_password(&change(was, new)).await.unwrap(), Changed::Updated);
        }
        assert!(accounts.set_standing(account().id(), AccountStatus::Disabled));
        let now = accounts.get(account().id()).unwrap();
        assert_eq!(now.earlier_hashes(), [PasswordHash::new("two"), PasswordHash::new("one")]);
        assert_eq!(now.hash(), Some(&PasswordHash::new("three")));
        assert_eq!(now.status(), AccountStatus::Disabled);
        assert_eq!((now.contacts(), now.context_words()), (account().contacts(), account().context_words()));
    }

    #[tokio::test]
    async fn sessions_from_before_end_and_later_ones_last() {
        let accounts = MemoryAccounts::new();
        accounts.add(account());
        let noon = DateTime::UNIX_EPOCH;
        let before = noon - TimeDelta::milliseconds(1);
        for began in [before, noon] {
            accounts.begin_session(account().id(), began);
        }
        for _ in 0..2 {
            accounts.end_sessions(account().id(), noon).await.unwrap();
            assert_eq!(accounts.sessions(account().id()), [noon]);
        }
        assert_eq!(accounts.ended().len(), 2);
    }
}
