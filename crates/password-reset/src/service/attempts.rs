//! Counting attempts at codes.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::flow::reset::Reset;
use crate::node::alarm::Alarm;
use crate::ports::{Attempt, AttemptKind, Attempted, Loaded, PermitTaken, Quota};
use crate::resets::Resets;
use crate::secret::Digests;
use crate::service::proof::VerifyError;

/// Limits attempts at codes, by source and by account.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) resets: Arc<Resets>,
    pub(crate) of_source: Alarm,
}

impl Attempts {
    /// Counts an attempt at a code before anything is compared, and says whether its source or its account must pause.
    ///
    /// `of_source` is the quota of its source, at all resets together: one for first codes, one for step-ups. `failures` is that of wrong
    /// codes, one under each key for counters, so that a pause outlasts a rotation. They refill, so that no guessing locks an owner out for
    /// good.
    pub(crate) async fn count(
        &self,
        seen: &Reset,
        kind: AttemptKind,
        of_source: Digest,
        failures: impl Fn(&Digests) -> Digest,
        now: DateTime<Utc>,
    ) -> Result<(Loaded, bool), VerifyError> {
        let limits = &self.resets.limits;
        let quota = |key| Quota::new(key, limits.wrong_code_burst, limits.wrong_code_refill, now);
        let attempt = Attempt::new(seen.id(), kind, limits.code_attempts)
            .taking([Quota::new(of_source, limits.codes_per_source, limits.codes_per_source_refill, now)])
            .taking(self.resets.secrets.digests.under_each_key().map(|digests| quota(failures(digests))));
        let Attempted::Counted { loaded, permits } = self.resets.store.attempt(&attempt).await? else {
            return Err(VerifyError::Refused);
        };
        let limited = |permit: &PermitTaken| matches!(permit, PermitTaken::RateLimited { .. });
        if permits.first().is_some_and(limited) {
            self.of_source.raise(now);
        }
        Ok((*loaded, permits.iter().any(limited)))
    }
}
