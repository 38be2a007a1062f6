//! A store in memory that keeps every promise of the port.

mod feeds;
mod purging;
mod quotas;
mod senders;
mod tables;
mod trail;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Ack, Acknowledged, Attempt, AttemptKind, Attempted, AuditCursor, AuditEntry,
    AuditFilter, Changes, Digest, Due, Feed, FeedLease, KnownSender, Leased, Loaded, Opened, PermitTaken, Purge, Quota,
    ResetStore, SenderName, Senders, StoreHealth, Transitioned,
};
use password_reset::{AccountId, PortError, Realm, ResetId};

use self::tables::{Counted, Tables};
use crate::memory_accounts::MemoryAccounts;

/// A [`ResetStore`] in memory: every promise of the port, except that nothing outlives the process.
///
/// One lock around plain maps makes each method one step. Share it as an `Arc`.
#[derive(Clone, Default)]
pub struct MemoryStore {
    realms: Arc<Mutex<BTreeMap<Realm, Tables>>>,
    realm: Realm,
    accounts: Option<MemoryAccounts>,
}

impl MemoryStore {
    /// An empty store that leaves accounts alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that writes these accounts in its own transaction, as one in the accounts' database does: it
    /// answers [`Transitioned::Finished`] to a step that brings a change of the account.
    #[must_use]
    pub fn writing(accounts: MemoryAccounts) -> Self {
        Self { accounts: Some(accounts), ..Self::default() }
    }

    /// The same store for another realm, as a service takes it for its own.
    #[must_use]
    pub fn with_realm(mut self, realm: &Realm) -> Self {
        self.realm = realm.clone();
        self
    }

    /// Every reset of every realm, in the order of their ids.
    ///
    /// # Errors
    /// When a row is damaged, which only a mistake in a test can do.
    pub fn resets(&self) -> Result<Vec<Reset>, PortError> {
        let mut resets = Vec::new();
        for tables in self.lock_all().values() {
            resets.extend(tables.resets()?);
        }
        resets.sort_by_key(Reset::id);
        Ok(resets)
    }

    /// The whole audit trail of every realm, each oldest first.
    #[must_use]
    pub fn trail(&self) -> Vec<AuditRow> {
        self.lock_all().values().flat_map(|tables| tables.trail.rows()).cloned().collect()
    }

    /// A copy of everything in it, as a backup would hold it; accounts that it writes are shared, not copied.
    #[must_use]
    pub fn copy(&self) -> Self {
        let realms = self.lock_all().clone();
        Self { realms: Arc::new(Mutex::new(realms)), realm: self.realm.clone(), accounts: self.accounts.clone() }
    }

    /// Puts back what a copy has, as an operator does who restores a backup. What came since is lost.
    pub fn restore(&self, copy: &Self) {
        let realms = copy.lock_all().clone();
        *self.lock_all() = realms;
    }

    /// Removes a row: what a purge by another rule would do.
    pub fn remove(&self, id: ResetId) {
        self.lock_all().values_mut().for_each(|tables| tables.remove(id));
    }

    /// Until when each leased row is leased.
    #[must_use]
    pub fn leases(&self) -> Vec<(ResetId, DateTime<Utc>)> {
        self.lock_all().values().flat_map(Tables::leases).collect()
    }

    /// When each quota will be full again.
    #[must_use]
    pub fn quotas(&self) -> Vec<(Digest, DateTime<Utc>)> {
        self.lock_all().values().flat_map(|tables| tables.quotas.all()).collect()
    }

    fn with_account(&self, reset: Reset) -> Loaded {
        match &self.accounts {
            Some(accounts) => {
                let account = reset.account().and_then(|account| accounts.get(account));
                Loaded::with_account(reset, account)
            }
            None => Loaded::without_account(reset),
        }
    }

    fn lock_all(&self) -> MutexGuard<'_, BTreeMap<Realm, Tables>> {
        self.realms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tables of the store's realm alone: no method of the port sees those of another.
    fn with<T>(&self, act: impl FnOnce(&mut Tables) -> T) -> T {
        act(self.lock_all().entry(self.realm.clone()).or_default())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("writes_accounts", &self.accounts.is_some()).finish_non_exhaustive()
    }
}

#[async_trait]
impl ResetStore for MemoryStore {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        Arc::new(Self::clone(&self).with_realm(realm))
    }

    fn senders(&self) -> Option<&dyn Senders> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        // One process has this memory to itself, and its service wakes those who wait.
        None
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        self.with(|tables| tables.open(reset, permit, lease_until, audit))
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        let reset = self.with(|tables| tables.load(id))?;
        Ok(reset.map(|reset| self.with_account(reset)))
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        self.with(|tables| tables.load(id))
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        let reset = self.with(|tables| tables.load_inbound(key))?;
        Ok(reset.map(|reset| self.with_account(reset)))
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        self.with(|tables| tables.account_state(account, quotas, at))
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        self.with(|tables| tables.live(account, at, limit))
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        let counted = self.with(|tables| tables.attempt(attempt))?;
        Ok(match counted {
            Counted::Yes(reset, permits) => {
                let loaded = match attempt.kind {
                    AttemptKind::Code => Loaded::without_account(*reset),
                    AttemptKind::StepUp | AttemptKind::Completion => self.with_account(*reset),
                };
                Attempted::Counted { loaded: Box::new(loaded), permits }
            }
            Counted::LimitReached => Attempted::LimitReached,
            Counted::Unknown => Attempted::Unknown,
        })
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        // Always the store first and the accounts second, so that two callers cannot wait for each other.
        self.with(|tables| match (step.with_account(), &self.accounts) {
            (Some((change, finished)), Some(accounts)) => tables.transition_with_account(finished, change, accounts),
            (Some(_), None) | (None, _) => tables.transition(step),
        })
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        self.with(|tables| tables.lease(due))
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        Ok(self.with(|tables| acks.iter().map(|ack| tables.acknowledge(ack)).collect()))
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        Ok(self.with(|tables| tables.quotas.take_permit(quota)))
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        self.with(|tables| tables.quotas.refill(quotas));
        Ok(())
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        self.with(|tables| tables.trail.write(std::slice::from_ref(row)));
        Ok(())
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        Ok(self.with(|tables| match filter {
            AuditFilter::Newest { account, limit } => tables.trail.newest(account, *limit),
            AuditFilter::NewestOfEachContact { account } => tables.trail.newest_of_each_contact(account),
        }))
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.with(|tables| tables.trail.after(after, since, limit))
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        Ok(self.with(|tables| tables.feeds.lease(lease)))
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        Ok(self.with(|tables| tables.keys_in_use(at)))
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        Ok(self.with(|tables| tables.versions(resets)))
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        Ok(self.with(|tables| tables.health(at)))
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        Ok(self.with(|tables| tables.purge(purge)))
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        self.with(|tables| tables.export(account, quotas))
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        self.with(|tables| tables.erase(account, quotas));
        Ok(())
    }
}

#[async_trait]
impl Senders for MemoryStore {
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        Ok(self.with(|tables| tables.senders.named(name)))
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        self.with(|tables| tables.senders.forget(name));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, noon};

    #[tokio::test]
    async fn a_copy_can_be_put_back() {
        let store = MemoryStore::new();
        let first = sample::requested(noon());
        store.open(&first, None, None, &[]).await.unwrap();
        let backup = store.copy();
        store.open(&sample::requested(noon()), None, None, &[]).await.unwrap();
        assert_eq!((store.resets().unwrap().len(), backup.resets().unwrap().len()), (2, 1));
        store.restore(&backup);
        assert_eq!(store.resets().unwrap(), [first]);
    }
}
