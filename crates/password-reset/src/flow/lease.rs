//! Leases: who may run the tasks of a row.

use chrono::{DateTime, Utc};

use super::reset::Reset;
use super::tasks::Tasks;

/// A lease that a step takes or extends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseRequest {
    /// The lease that the caller holds, if it holds one: it is extended if it is the row's last. Else a new one is taken, if
    /// the row is not leased.
    pub held: Option<i64>,
    /// Until when it lasts.
    pub until: DateTime<Utc>,
}

impl LeaseRequest {
    /// Takes a lease on a row that is not leased.
    #[must_use]
    pub fn take(until: DateTime<Utc>) -> Self {
        Self { held: None, until: crate::time::to_millis(until) }
    }

    /// Extends the lease that the caller holds.
    #[must_use]
    pub fn extend(held: i64, until: DateTime<Utc>) -> Self {
        Self { held: Some(held), until: crate::time::to_millis(until) }
    }
}

/// A lease that a step took, and what the row has that the step did not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseTaken {
    /// The number of the lease.
    pub lease: i64,
    /// The pending tasks after the step.
    pub tasks: Tasks,
    /// Contacts that were notified, by their place.
    pub notified: u32,
    /// Failed deliveries in a row.
    pub delivery_attempts: u32,
}

impl LeaseTaken {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(lease: i64, tasks: Tasks, notified: u32, delivery_attempts: u32) -> Self {
        Self { lease, tasks, notified, delivery_attempts }
    }
}

/// A row with a lease on it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leased {
    /// The row.
    pub reset: Reset,
    /// The number of the lease; it fences: only the holder of the row's last lease can acknowledge.
    pub lease: i64,
}

impl Leased {
    /// A row under a lease.
    #[must_use]
    pub fn new(reset: Reset, lease: i64) -> Self {
        Self { reset, lease }
    }
}
