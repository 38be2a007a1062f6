//! The quotas that attempts at codes take from.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::node::alarm::Alarm;
use crate::ports::Quota;
use crate::quota::PermitTaken;
use crate::resets::Resets;

/// Limits attempts at codes, by source and by account.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) resets: Arc<Resets>,
    pub(crate) of_source: Alarm,
}

impl Attempts {
    /// The quota of attempts at codes of one source, at all resets together: one for first codes, one for step-ups (R44).
    pub(crate) fn codes_of_source(&self, of_source: Digest, now: DateTime<Utc>) -> Quota {
        Quota::new(of_source, self.resets.limits.codes_per_source, self.resets.limits.codes_per_source_refill, now)
    }

    /// The quota of wrong codes of an account, or of an identifier as long as its account is not known. It refills, so that no
    /// guessing locks an owner out for good (R41).
    pub(crate) fn failures_of(&self, subject: Digest, now: DateTime<Utc>) -> Quota {
        Quota::new(subject, self.resets.limits.wrong_code_burst, self.resets.limits.wrong_code_refill, now)
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
