//! Counts of what was sent and answered.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts, for all tasks of a scenario.
#[derive(Debug, Default)]
pub struct Tally {
    /// What strangers sent.
    pub strange: AtomicU64,
    /// Requests for a reset, of strangers and of owners.
    pub requested: AtomicU64,
    /// Those that were accepted.
    pub accepted: AtomicU64,
    /// Those that were refused, so that they have left no row.
    pub refused: AtomicU64,
    /// Answers to owners that they must try again.
    pub put_off: AtomicU64,
    answers: Mutex<Duration>,
}

impl Tally {
    pub fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the answer to a request for a reset.
    pub fn answered(&self, status: Option<u16>) {
        match status {
            Some(202) => Self::add(&self.accepted),
            Some(400..500) => Self::add(&self.refused),
            // The node may have carried it out.
            _ => {}
        }
    }

    /// Takes down how long an owner waited for an answer.
    pub fn waited(&self, took: Duration) {
        let mut longest = self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *longest = longest.max(took);
    }

    pub fn longest_answer(&self) -> Duration {
        *self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
