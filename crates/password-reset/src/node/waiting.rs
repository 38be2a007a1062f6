//! The tasks on this node that wait for a change of a reset.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::identity::id::ResetId;
use crate::node::wake::Wake;
use crate::ports::ResetStore;

/// How often the awaited resets are polled, to see changes by other nodes.
pub(crate) const POLL_EVERY: Duration = Duration::from_secs(1);
/// The number of resets in one statement.
const AT_ONCE: usize = 500;

/// The awaited resets. One poll serves all waiting tasks.
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
    /// Registers a task that waits for a reset and has seen it at `version`.
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

    /// Wakes the tasks that wait for a reset.
    pub(crate) fn raise(&self, id: ResetId) {
        let wakes = self.lock().get(&id).map(|waited| waited.wakes.clone());
        raise_all(&wakes.unwrap_or_default());
    }

    /// Polls the awaited resets, unless a task of this node did within [`POLL_EVERY`].
    pub(crate) async fn poll(&self, store: &dyn ResetStore, now: DateTime<Utc>) -> Result<(), PortError> {
        let last = self.polled_at.load(Ordering::Acquire);
        let next = last.saturating_add(i64::try_from(POLL_EVERY.as_millis()).unwrap_or(i64::MAX));
        let millis = now.timestamp_millis();
        // A clock that was set back must not stop the polling.
        if (last..next).contains(&millis)
            || self.polled_at.compare_exchange(last, millis, Ordering::AcqRel, Ordering::Acquire).is_err()
        {
            return Ok(());
        }
        let ids: Vec<ResetId> = self.lock().keys().copied().collect();
        for ids in ids.chunks(AT_ONCE) {
            for (id, version) in store.versions(ids).await? {
                raise_all(&self.saw(id, version));
            }
        }
        Ok(())
    }

    /// The tasks that wait for a reset, if its version has changed.
    fn saw(&self, id: ResetId, version: i64) -> Vec<Arc<Wake>> {
        match self.lock().get_mut(&id).filter(|waited| waited.version != version) {
            Some(waited) => {
                waited.version = version;
                waited.wakes.clone()
            }
            None => Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ResetId, Waited>> {
        self.resets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Never under the lock: waking runs code of the executor, which may drop the waiting task, and that takes the lock.
fn raise_all(wakes: &[Arc<Wake>]) {
    wakes.iter().for_each(|wake| wake.raise());
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use super::*;

    /// The waker of a task that is dropped when it is woken, because its executor has ended.
    struct Leaves {
        waiting: Arc<Waiting>,
        id: ResetId,
        wake: Arc<Wake>,
    }

    impl std::task::Wake for Leaves {
        fn wake(self: Arc<Self>) {
            self.waiting.leave(self.id, &self.wake);
        }
    }

    #[test]
    fn a_woken_task_may_leave_at_once() {
        let (waiting, id) = (Arc::new(Waiting::default()), ResetId::from_bytes([7; 16]));
        let wake = waiting.join(id, 1);
        let waker = Waker::from(Arc::new(Leaves { waiting: Arc::clone(&waiting), id, wake: Arc::clone(&wake) }));
        let mut raised = pin!(wake.raised());
        assert!(raised.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let (done, wait) = mpsc::channel();
        let all = Arc::clone(&waiting);
        std::thread::spawn(move || {
            all.raise(id);
            done.send(())
        });
        wait.recv_timeout(Duration::from_secs(30)).expect("no deadlock");
        assert!(waiting.lock().is_empty());
        assert!(raised.poll(&mut Context::from_waker(&waker)).is_ready());
    }
}
