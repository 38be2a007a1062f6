//! A store with one connection that writes, as an SQLite file has.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter, Changes,
    Digest, Due, Feed, FeedLease, Leased, Loaded, Opened, PermitTaken, Purge, Quota, ResetStore, Senders, StoreHealth,
    Transitioned,
};
use password_reset::{AccountId, PasswordReset, PortError, Realm, ResetId, Worker};
use password_reset_testkit::MemoryStore;
use tokio::sync::{Mutex, Notify};

use crate::support::App;

/// `due` and `acknowledge` wait for one another; the first `acknowledge` stays in the middle until it is released.
#[derive(Clone, Debug)]
pub(crate) struct OneWriter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<MemoryStore>,
    connection: Mutex<()>,
    acknowledging: Notify,
    released: Notify,
    waiting: Notify,
}

/// A `acknowledge` that has the connection.
pub(crate) struct Acknowledging(Arc<Inner>);

impl Acknowledging {
    /// Lets it go on, and every later one too.
    pub(crate) fn release(self) {
        self.0.released.notify_one();
    }
}

impl OneWriter {
    fn on(store: Arc<MemoryStore>) -> Self {
        let (connection, acknowledging) = (Mutex::new(()), Notify::new());
        Self(Arc::new(Inner { store, connection, acknowledging, released: Notify::new(), waiting: Notify::new() }))
    }

    /// The store of this application behind one connection, and the service and worker on it.
    pub(crate) fn under(app: &App) -> (Self, PasswordReset, Worker) {
        let store = Self::on(Arc::clone(&app.store));
        let (reset, worker) = app.builder_on(store.clone()).notifier(app.mail.clone()).build().unwrap();
        (store, reset, worker)
    }

    /// Returns as soon as a `acknowledge` has the connection.
    pub(crate) async fn acknowledging(&self) -> Acknowledging {
        self.0.acknowledging.notified().await;
        Acknowledging(Arc::clone(&self.0))
    }

    /// Returns as soon as a `due` waits for the connection.
    pub(crate) async fn looking(&self) {
        self.0.waiting.notified().await;
    }
}

#[async_trait]
impl ResetStore for OneWriter {
    /// Serves any one realm.
    fn in_realm(self: Arc<Self>, _: &Realm) -> Arc<dyn ResetStore> {
        self
    }

    /// Keeps none, as a store for an application without inbound messages may.
    fn senders(&self) -> Option<&dyn Senders> {
        None
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.0.store.changes()
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        self.0.store.open(reset, permit, lease_until, audit).await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        self.0.store.load(id).await
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        self.0.store.load_reset(id).await
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        self.0.store.load_inbound(key).await
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        self.0.store.account_state(account, quotas, at).await
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        self.0.store.live(account, at, limit).await
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        self.0.store.attempt(attempt).await
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        self.0.store.transition(step).await
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let _connection = match self.0.connection.try_lock() {
            Ok(connection) => connection,
            Err(_taken) => {
                self.0.waiting.notify_one();
                self.0.connection.lock().await
            }
        };
        self.0.store.lease(due).await
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        let _connection = self.0.connection.lock().await;
        self.0.acknowledging.notify_one();
        self.0.released.notified().await;
        self.0.released.notify_one();
        self.0.store.acknowledge(acks).await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        self.0.store.take_permit(quota).await
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        self.0.store.refill(quotas).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        self.0.store.record(row).await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        self.0.store.audit(filter).await
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.0.store.audit_after(after, since, limit).await
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        self.0.store.lease_feed(lease).await
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        self.0.store.keys_in_use(at).await
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        self.0.store.versions(resets).await
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        self.0.store.health(at).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        self.0.store.purge(purge).await
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        self.0.store.export(account, quotas).await
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        self.0.store.erase(account, quotas).await
    }
}
