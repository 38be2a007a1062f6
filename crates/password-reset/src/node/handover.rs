//! Rows that this node hands to its own worker in memory.
//!
//! A verb that leaves tasks behind leases the row to itself with the same write, and hands it over here, so that the worker
//! need not look into the store for it. The lease is short: if the node dies, another worker finds the row when it runs out.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::node::wake::Wake;
use crate::ports::Leased;

/// How long a row that is handed over is leased: what a node that dies costs its requesters.
const LEASE: Duration = Duration::from_secs(10);
/// How many rows wait in memory; those beyond are found in the store.
const MAX_ROWS: usize = 1_024;

/// The rows, and the flags that wake the worker.
#[derive(Debug, Default)]
pub(crate) struct Handover {
    rows: Mutex<Vec<Leased>>,
    workers: AtomicUsize,
    warned: AtomicBool,
    /// When the worker last looked into the store with success, in milliseconds since 1970; 0 before it did.
    turned_at: AtomicI64,
    /// Raised when a row is handed over.
    pub(crate) fresh: Wake,
    /// Raised when a row in the store is due.
    pub(crate) due: Wake,
}

/// A worker of this node runs as long as this lives.
#[derive(Debug)]
pub(crate) struct Attendance<'a>(&'a Handover);

impl Handover {
    /// Until when to lease a row that is about to be written; `None` when this node has no worker, or it is busy.
    pub(crate) fn lease_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let takes = self.has_worker() && self.rows().len() < MAX_ROWS;
        takes.then(|| crate::time::to_millis(crate::time::later(now, LEASE)))
    }

    /// Hands a leased row to the worker.
    pub(crate) fn push(&self, leased: Leased) {
        self.rows().push(leased);
        self.fresh.raise();
    }

    /// Takes up to `limit` rows, oldest first.
    pub(crate) fn take(&self, limit: usize) -> Vec<Leased> {
        let mut rows = self.rows();
        let count = rows.len().min(limit);
        rows.drain(..count).collect()
    }

    /// Warns once when a request waits and this node has no worker.
    pub(crate) fn expect_worker(&self) {
        if !self.has_worker() && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a request is waiting, but no worker runs on this node: spawn `worker.run()`, here or on another node"
            );
        }
    }

    pub(crate) fn attend(&self) -> Attendance<'_> {
        self.workers.fetch_add(1, Ordering::AcqRel);
        Attendance(self)
    }

    pub(crate) fn has_worker(&self) -> bool {
        self.workers.load(Ordering::Acquire) > 0
    }

    /// The worker looked into the store.
    pub(crate) fn turned(&self, now: DateTime<Utc>) {
        self.turned_at.store(now.timestamp_millis(), Ordering::Release);
    }

    pub(crate) fn last_turn(&self) -> Option<DateTime<Utc>> {
        let millis = self.turned_at.load(Ordering::Acquire);
        DateTime::from_timestamp_millis(millis).filter(|_| millis != 0)
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Leased>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        self.0.workers.fetch_sub(1, Ordering::AcqRel);
    }
}
