//! How far behind the observers are whose rows this node hands over.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// An observer of this node, and how far it is; see [`Health::observers`](crate::operations::Health::observers).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObserverHealth {
    /// The name that the builder was given.
    pub name: String,
    /// When the oldest row was written that the observer has not got; `None` when it has all, or another node hands them over.
    pub oldest: Option<DateTime<Utc>>,
}

/// The oldest row that each observer has not got, by its name.
#[derive(Debug, Default)]
pub(crate) struct Observers(Mutex<BTreeMap<String, Option<DateTime<Utc>>>>);

impl Observers {
    /// The observer waits for a row of this time, or for none.
    pub(crate) fn waits_for(&self, name: &str, oldest: Option<DateTime<Utc>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), oldest);
    }

    pub(crate) fn health(&self) -> Vec<ObserverHealth> {
        let observers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        observers.iter().map(|(name, oldest)| ObserverHealth { name: name.clone(), oldest: *oldest }).collect()
    }

    /// Measures the age of the oldest row of each.
    pub(crate) fn measure(&self, now: DateTime<Utc>) {
        for observer in self.health() {
            let behind = observer.oldest.map(|oldest| crate::time::until(oldest, now)).unwrap_or_default();
            crate::metrics::observer_behind(&observer.name, behind);
        }
    }
}
