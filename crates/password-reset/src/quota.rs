//! Quotas: how often something may happen, as the generic cell rate algorithm (GCRA) counts it.
//!
//! A quota allows `burst` permits at once and one more every `refill`. All that is stored of it is one time, when it will be
//! full again; a quota that was never used, or whose time has passed, is full. That one arithmetic serves requests of a
//! source, messages to a contact, wrong codes and every other limit that a store keeps.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::time::{MAX_CLOCK_SKEW, earlier, later, to_millis, until};

/// A quota at a time: `burst` permits, one more every `refill` until it is full again.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quota {
    /// Which quota: a keyed digest of what it limits.
    pub key: Digest,
    /// How many permits it allows at once.
    pub burst: u32,
    /// How long one more permit takes.
    pub refill: Duration,
    /// Now.
    pub at: DateTime<Utc>,
}

/// What asking a [`Quota`] for a permit gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermitTaken {
    /// There was one, and it is taken.
    Granted {
        /// It was the last; the next comes then.
        next_at: Option<DateTime<Utc>>,
    },
    /// There is none.
    RateLimited {
        /// When the next comes.
        next_at: DateTime<Utc>,
    },
}

/// A permit that a step takes, computed from the time that was read: the step changes nothing if that time is another one by
/// then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PermitClaim {
    /// Which quota.
    pub key: Digest,
    /// The stored time must still be this; `None` when there was none.
    pub was_full_at: Option<DateTime<Utc>>,
    /// The time to store.
    pub full_at: DateTime<Utc>,
}

impl Quota {
    /// A quota at a time.
    #[must_use]
    pub fn new(key: Digest, burst: u32, refill: Duration, at: DateTime<Utc>) -> Self {
        Self { key, burst, refill, at }
    }

    /// Takes one permit, given when the quota will be full again; returns that time after it, and what was taken.
    ///
    /// This is all the arithmetic there is, so a store keeps one time a key: `full_at`, absent meaning full.
    #[must_use]
    pub fn take(&self, full_at: Option<DateTime<Utc>>) -> (Option<DateTime<Utc>>, PermitTaken) {
        let capacity = self.capacity();
        let start = match full_at {
            Some(full) if full > self.furthest() => later(self.at, capacity.saturating_sub(self.refill)),
            full => full.map_or(self.at, |full| full.max(self.at)),
        };
        let after = later(start, self.refill);
        // A permit is there when taking it leaves no more than `burst` refills to go.
        if until(self.at, after) > capacity {
            return (full_at, PermitTaken::RateLimited { next_at: earlier(after, capacity) });
        }
        let one_more = later(after, self.refill);
        let is_last = until(self.at, one_more) > capacity;
        (Some(after), PermitTaken::Granted { next_at: is_last.then_some(earlier(one_more, capacity)) })
    }

    /// How long an empty quota takes to be full again.
    fn capacity(&self) -> Duration {
        self.refill.checked_mul(self.burst).unwrap_or(Duration::MAX)
    }

    /// A quota is not full later than this, unless the clock has been set back since that was written. Such a one has a single
    /// permit: it would otherwise have none for as long as the clock was set back. A quarter of an hour, or as long as a shorter
    /// quota takes to be full, is left for the clocks of nodes, which would otherwise give each other permits.
    #[must_use]
    pub fn furthest(&self) -> DateTime<Utc> {
        let capacity = self.capacity();
        later(self.at, capacity.saturating_add(capacity.min(MAX_CLOCK_SKEW)))
    }

    /// The claim of one permit, for a step that takes it with what it writes; with it, when the next comes if it is the last. None where
    /// there is no permit.
    #[must_use]
    pub fn claim(&self, was_full_at: Option<DateTime<Utc>>) -> Option<(PermitClaim, Option<DateTime<Utc>>)> {
        match self.take(was_full_at) {
            (full_at, PermitTaken::Granted { next_at }) => {
                let full_at = to_millis(full_at.unwrap_or(self.at));
                Some((PermitClaim { key: self.key, was_full_at, full_at }, next_at))
            }
            (_, PermitTaken::RateLimited { .. }) => None,
        }
    }
}
