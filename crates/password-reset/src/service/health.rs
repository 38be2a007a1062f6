//! Whether resets work: for probes, and for the operator.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::PortError;
use crate::identity::account::ContactKind;
use crate::node::observers::ObserverHealth;
use crate::node::refusals::NotifierHealth;
use crate::ports::StoreHealth;
use crate::resets::Resets;
use crate::resets::delivering::Delivering;

/// A task that is due for longer waits for a worker that does not come, and a worker that has not looked for longer is stuck.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clocks that are further apart shorten or lengthen what a secret lives.
const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);

/// What [`Operations::health`](crate::operations::Operations::health) saw. Holds no personal data.
#[derive(Debug)]
#[non_exhaustive]
pub struct Health {
    /// When it was looked, by this node's clock.
    pub at: DateTime<Utc>,
    /// What the store said; an error when its database did not answer, or the schema is of another version.
    pub store: Result<StoreHealth, PortError>,
    /// How far the clock of the database is ahead of this node's; `None` where it has none of its own.
    pub clock_ahead: Option<TimeDelta>,
    /// Whether a worker runs on this node. It may as well run on another.
    pub worker_runs: bool,
    /// When the worker of this node last looked into the store with success.
    pub worker_turn: Option<DateTime<Utc>>,
    /// Whether a live reset needed a signing key within the last minute that the key ring of this node lacks.
    pub lacks_key: bool,
    /// What became of messages on this node, for each notifier.
    pub notifiers: Vec<NotifierHealth>,
    /// How far each observer is whose rows this node may hand over.
    pub observers: Vec<ObserverHealth>,
}

/// What keeps resets from working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum HealthProblem {
    /// The database does not answer.
    StoreUnavailable,
    /// The database answers, but its schema or rights are wrong.
    StoreUnusable,
    /// Tasks have been due for over a minute: no worker runs, on no node, or those that run are too slow.
    WorkerBehind,
    /// The worker of this node has not looked into the store for over a minute.
    WorkerStuck,
    /// The clocks of this node and of the database are over a minute apart.
    ClocksDiffer,
    /// This node has an audit row that is over a minute old and that an observer has not got; see [`Health::observers`].
    ObserverBehind,
    /// Live resets need a signing key that the key ring of this node lacks.
    KeyMissing,
    /// A notifier fails as a whole; see [`NotifierHealth::is_failing`].
    NotifierFails(ContactKind),
}

impl HealthProblem {
    /// A word for probes and dashboards.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::StoreUnavailable => "store_unavailable",
            Self::StoreUnusable => "store_unusable",
            Self::WorkerBehind => "worker_behind",
            Self::WorkerStuck => "worker_stuck",
            Self::ClocksDiffer => "clocks_differ",
            Self::ObserverBehind => "observer_behind",
            Self::KeyMissing => "key_missing",
            Self::NotifierFails(ContactKind::Email) => "email_fails",
            Self::NotifierFails(ContactKind::Phone) => "phone_fails",
        }
    }
}

impl Health {
    /// What keeps resets from working; empty when they work.
    #[must_use]
    pub fn problems(&self) -> Vec<HealthProblem> {
        let mut problems = Vec::new();
        match &self.store {
            Err(error) if error.is_transient() => problems.push(HealthProblem::StoreUnavailable),
            Err(_) => problems.push(HealthProblem::StoreUnusable),
            Ok(store) if self.is_long_ago(store.oldest_due_at) => problems.push(HealthProblem::WorkerBehind),
            Ok(_) => {}
        }
        if self.worker_runs && self.is_long_ago(self.worker_turn) {
            problems.push(HealthProblem::WorkerStuck);
        }
        if self.observers.iter().any(|observer| self.is_long_ago(observer.oldest)) {
            problems.push(HealthProblem::ObserverBehind);
        }
        let apart = self.clock_ahead.map(|ahead| ahead.abs().to_std().unwrap_or(Duration::MAX));
        if apart.is_some_and(|apart| apart > MAX_CLOCK_DIFFERENCE) {
            problems.push(HealthProblem::ClocksDiffer);
        }
        if self.lacks_key {
            problems.push(HealthProblem::KeyMissing);
        }
        let failing = self.notifiers.iter().filter(|notifier| notifier.is_failing);
        problems.extend(failing.map(|notifier| HealthProblem::NotifierFails(notifier.reaches)));
        problems
    }

    fn is_long_ago(&self, since: Option<DateTime<Utc>>) -> bool {
        since.is_some_and(|since| crate::time::until(since, self.at) > PATIENCE)
    }
}

/// Looks whether resets work.
#[derive(Debug)]
pub(crate) struct Looking {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
}

impl Looking {
    pub(crate) async fn health(&self) -> Health {
        let at = self.resets.now();
        let store = self.resets.in_time("health", self.resets.store.health(at)).await;
        // The database said its time while it was asked.
        let now = self.resets.now();
        let half = now.signed_duration_since(at).checked_div(2).unwrap_or_default();
        let asked = at.checked_add_signed(half).unwrap_or(now);
        let clock = store.as_ref().ok().and_then(|store| store.clock);
        Health {
            at,
            clock_ahead: clock.map(|clock| clock.signed_duration_since(asked)),
            store,
            worker_runs: self.resets.handover.has_worker(),
            worker_turn: self.resets.handover.last_turn(),
            lacks_key: self.resets.missing_keys.is_raised(now),
            notifiers: self.delivering.health(),
            observers: self.resets.observers.health(),
        }
    }
}
