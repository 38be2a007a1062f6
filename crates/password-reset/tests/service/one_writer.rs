//! A store with one connection that writes, as an SQLite file has.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{
    Ack, Acknowledged, Advanced, AttemptKind, Counted, Due, KnownSender, Leased, Opened, PermitTaken, Purge, Quota,
    ResetStore, SenderName, SourceCount,
};
use password_reset::{AccountId, AuditRow, Digest, PortError, Reset, ResetId};
use password_reset_testkit::MemoryStore;
use tokio::sync::{Mutex, Notify};

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
pub(crate) struct Settling(Arc<Inner>);

impl Settling {
    /// Lets it go on, and every later one too.
    pub(crate) fn release(self) {
        self.0.released.notify_one();
    }
}

impl OneWriter {
    pub(crate) fn on(store: Arc<MemoryStore>) -> Self {
        let (connection, acknowledging) = (Mutex::new(()), Notify::new());
        Self(Arc::new(Inner { store, connection, acknowledging, released: Notify::new(), waiting: Notify::new() }))
    }

    /// Returns as soon as a `acknowledge` has the connection.
    pub(crate) async fn acknowledging(&self) -> Settling {
        self.0.acknowledging.notified().await;
        Settling(Arc::clone(&self.0))
    }

    /// Returns as soon as a `due` waits for the connection.
    pub(crate) async fn looking(&self) {
        self.0.waiting.notified().await;
    }
}

#[async_trait]
impl ResetStore for OneWriter {
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        self.0.store.open(reset, source, audit).await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        self.0.store.load(id).await
    }

    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError> {
        self.0.store.load_inbound(key, sender).await
    }

    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        self.0.store.sender(name).await
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        self.0.store.forget_sender(name).await
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        self.0.store.live(account, at, limit).await
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        self.0.store.versions(resets).await
    }

    async fn changed(&self) -> Result<ResetId, PortError> {
        self.0.store.changed().await
    }

    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError> {
        self.0.store.count_attempt(id, kind, limit).await
    }

    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError> {
        self.0.store.clear_failures(subject).await
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        self.0.store.advance(step).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let _connection = match self.0.connection.try_lock() {
            Ok(connection) => connection,
            Err(_taken) => {
                self.0.waiting.notify_one();
                self.0.connection.lock().await
            }
        };
        self.0.store.due(due).await
    }

    async fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError> {
        let _connection = self.0.connection.lock().await;
        self.0.acknowledging.notify_one();
        self.0.released.notified().await;
        self.0.released.notify_one();
        self.0.store.acknowledge(ack).await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        self.0.store.take_permit(quota).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        self.0.store.record(row).await
    }

    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.0.store.history(account, limit).await
    }

    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError> {
        self.0.store.outcomes(account).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        self.0.store.purge(purge).await
    }

    async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        self.0.store.erase(account).await
    }
}
