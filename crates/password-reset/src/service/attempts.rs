//! The quotas that attempts at codes take from.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::node::alarm::Alarm;
use crate::ports::Quota;
use crate::quota::PermitTaken;
use crate::resets::Resets;
use crate::secret::Digests;

/// Limits attempts at codes, by source and by account.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) resets: Arc<Resets>,
    pub(crate) of_source: Alarm,
}

impl Attempts {
    /// The quota of attempts at codes of one source, at all resets together: one for first codes, one for step-ups.
    pub(crate) fn codes_of_source(&self, of_source: Digest, now: DateTime<Utc>) -> Quota {
        Quota::new(of_source, self.resets.limits.codes_per_source, self.resets.limits.codes_per_source_refill, now)
    }

    /// The quotas of wrong codes, one under each key for counters, so that a pause outlasts a rotation. They refill, so that no
    /// guessing locks an owner out for good.
    pub(crate) fn failures(&self, of: impl Fn(&Digests) -> Digest, now: DateTime<Utc>) -> impl Iterator<Item = Quota> {
        let (burst, refill) = (self.resets.limits.wrong_code_burst, self.resets.limits.wrong_code_refill);
        self.resets.secrets.digests.under_each_key().map(move |digests| Quota::new(of(digests), burst, refill, now))
    }

    /// Whether an attempt found the quota of its source, which comes first, or of its account used up.
    pub(crate) fn is_paused(&self, permits: &[PermitTaken], now: DateTime<Utc>) -> bool {
        let limited = |permit: &PermitTaken| matches!(permit, PermitTaken::RateLimited { .. });
        if permits.first().is_some_and(limited) {
            self.of_source.raise(now);
        }
        permits.iter().any(limited)
    }
}
