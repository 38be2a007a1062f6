//! The quotas that are not full.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use password_reset::ports::{Digest, PermitClaim, PermitTaken, Purge, Quota, to_millis};

use super::purging::taken_out;

/// When each quota will be full again; one that is not here is full.
#[derive(Clone, Default)]
pub(super) struct Quotas(BTreeMap<Digest, DateTime<Utc>>);

impl Quotas {
    pub(super) fn all(&self) -> Vec<(Digest, DateTime<Utc>)> {
        self.0.iter().map(|(key, full_at)| (*key, *full_at)).collect()
    }

    pub(super) fn full_at(&self, key: &Digest) -> Option<DateTime<Utc>> {
        self.0.get(key).copied()
    }

    pub(super) fn take_permit(&mut self, quota: &Quota) -> PermitTaken {
        let (full_at, taken) = quota.take(self.full_at(&quota.key));
        if let Some(full_at) = full_at {
            self.0.insert(quota.key, to_millis(full_at));
        }
        taken
    }

    pub(super) fn claim(&mut self, claim: &PermitClaim) {
        self.0.insert(claim.key, claim.full_at);
    }

    pub(super) fn refill(&mut self, quotas: &[Digest]) {
        for key in quotas {
            self.0.remove(key);
        }
    }

    pub(super) fn purge(&mut self, purge: &Purge) -> u64 {
        taken_out(&mut self.0, purge.limit, |full_at| *full_at <= purge.at)
    }
}
