//! Those on this node who wait for something to happen to a reset.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::id::ResetId;
use crate::ports::ResetStore;
use crate::wake::Wake;

/// How often all that is waited for is looked at, in case it happened on another node.
pub(crate) const POLL_EVERY: Duration = Duration::from_secs(1);
/// How many are looked at in one statement.
const AT_ONCE: usize = 500;

/// The resets that somebody waits for. One poll for all of them, however many wait.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    resets: Mutex<HashMap<ResetId, Waited>>,
    polled_at: AtomicI64,
}

#[derive(Debug)]
struct Waited {
    version: i64,
    wakes: Vec<Arc<Wake>>,
}

impl Waiting {
    /// Joins those who wait for a reset that was seen at `version`.
    pub(crate) fn join(&self, id: ResetId, version: i64) -> Arc<Wake> {
        let wake = Arc::new(Wake::default());
        let mut resets = self.lock();
        let waited = resets.entry(id).or_insert(Waited { version, wakes: Vec::with_capacity(1) });
        waited.version = waited.version.min(version);
        waited.wakes.push(Arc::clone(&wake));
        wake
    }

    pub(crate) fn leave(&self, id: ResetId, wake: &Arc<Wake>) {
        let mut resets = self.lock();
        if let Some(waited) = resets.get_mut(&id) {
            waited.wakes.retain(|other| !Arc::ptr_eq(other, wake));
            if waited.wakes.is_empty() {
                resets.remove(&id);
            }
        }
    }

    /// Wakes those who wait for a reset.
    pub(crate) fn raise(&self, id: ResetId) {
        if let Some(waited) = self.lock().get(&id) {
            waited.wakes.iter().for_each(|wake| wake.raise());
        }
    }

    /// Looks at all that is waited for, unless somebody on this node did so within [`POLL_EVERY`].
    pub(crate) async fn poll(&self, store: &dyn ResetStore, now: DateTime<Utc>) -> Result<(), PortError> {
        let last = self.polled_at.load(Ordering::Acquire);
        let next = last.saturating_add(i64::try_from(POLL_EVERY.as_millis()).unwrap_or(i64::MAX));
        let millis = now.timestamp_millis();
        // A clock that was set back must not stop the polls.
        if (last..next).contains(&millis)
            || self.polled_at.compare_exchange(last, millis, Ordering::AcqRel, Ordering::Acquire).is_err()
        {
            return Ok(());
        }
        let ids: Vec<ResetId> = self.lock().keys().copied().collect();
        for ids in ids.chunks(AT_ONCE) {
            let versions = store.versions(ids).await?;
            let mut resets = self.lock();
            for (id, version) in versions {
                if let Some(waited) = resets.get_mut(&id).filter(|waited| waited.version != version) {
                    waited.version = version;
                    waited.wakes.iter().for_each(|wake| wake.raise());
                }
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ResetId, Waited>> {
        self.resets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
