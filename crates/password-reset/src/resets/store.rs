//! The store, as every collaborator calls it: each call is measured, and what it wrote is counted and logged.
//!
//! It stands in one place, so that nothing stands in the trail that is not counted, and nothing is counted that was not written.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::Step;
use crate::flow::audit::AuditRow;
use crate::flow::reset::Reset;
use crate::identity::id::{AccountId, ResetId};
use crate::metrics::{Timer, store_call};
use crate::ports::{
    AccountRows, AccountState, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter, Due, Feed,
    FeedLease, Leased, Loaded, Opened, PermitTaken, Purge, Quota, ResetStore, StoreHealth, Transitioned,
};
use crate::resets::spans;
use crate::resets::written::Written;

/// A [`ResetStore`] whose calls are measured. What it does not name itself it leaves to the store.
#[derive(Debug)]
pub(crate) struct Store {
    store: Arc<dyn ResetStore>,
    written: Written,
}

impl Store {
    pub(crate) fn new(store: Arc<dyn ResetStore>) -> Self {
        Self { store, written: Written::new() }
    }

    pub(crate) async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        let opened = timed("open", self.store.open(reset, permit, lease_until, audit)).await?;
        if opened == Opened::Stored {
            spans::is_of(reset.id());
            self.written.note(audit, Some(reset.locale()));
        }
        Ok(opened)
    }

    pub(crate) async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        timed("load", self.store.load(id)).await
    }

    pub(crate) async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        timed("load_reset", self.store.load_reset(id)).await
    }

    pub(crate) async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        let loaded = timed("load_inbound", self.store.load_inbound(key)).await?;
        if let Some(loaded) = &loaded {
            spans::is_of(loaded.reset.id());
        }
        Ok(loaded)
    }

    pub(crate) async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        timed("account_state", self.store.account_state(account, quotas, at)).await
    }

    pub(crate) async fn live(
        &self,
        account: &AccountId,
        at: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Reset>, PortError> {
        timed("live", self.store.live(account, at, limit)).await
    }

    pub(crate) async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        timed("attempt", self.store.attempt(attempt)).await
    }

    pub(crate) async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        let transitioned = timed("transition", self.store.transition(step)).await?;
        let taken = match (transitioned, step.with_account()) {
            (Transitioned::Finished { .. }, Some((_, finished))) => finished,
            _ => step,
        };
        if transitioned.is_done() {
            self.written.note(taken.audit(), Some(step.after().locale()));
        }
        Ok(transitioned)
    }

    pub(crate) async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        timed("lease", self.store.lease(due)).await
    }

    pub(crate) async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        let acknowledged = timed("acknowledge", self.store.acknowledge(acks)).await?;
        for (ack, one) in acks.iter().zip(&acknowledged) {
            if *one != Acknowledged::LeaseLost {
                self.written.note(&ack.audit, Some(ack.locale));
            }
        }
        Ok(acknowledged)
    }

    pub(crate) async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        timed("take_permit", self.store.take_permit(quota)).await
    }

    pub(crate) async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        timed("record", self.store.record(row)).await?;
        self.written.note(std::slice::from_ref(row), None);
        Ok(())
    }

    pub(crate) async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        timed("audit", self.store.audit(filter)).await
    }

    pub(crate) async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        timed("audit_after", self.store.audit_after(after, since, limit)).await
    }

    pub(crate) async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        timed("lease_feed", self.store.lease_feed(lease)).await
    }

    pub(crate) async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        timed("refill", self.store.refill(quotas)).await
    }

    pub(crate) async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        timed("keys_in_use", self.store.keys_in_use(at)).await
    }

    pub(crate) async fn export(&self, account: &AccountId, keys: &[Digest]) -> Result<AccountRows, PortError> {
        timed("export", self.store.export(account, keys)).await
    }

    pub(crate) async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        timed("health", self.store.health(at)).await
    }

    pub(crate) async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        timed("purge", self.store.purge(purge)).await
    }

    pub(crate) async fn erase(&self, account: &AccountId, keys: &[Digest]) -> Result<(), PortError> {
        timed("erase", self.store.erase(account, keys)).await
    }
}

impl Deref for Store {
    type Target = dyn ResetStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

async fn timed<T>(call: &'static str, running: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
    let timer = Timer::start();
    let answer = running.await;
    store_call(call, timer, answer.is_ok());
    answer
}
