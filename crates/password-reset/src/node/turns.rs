//! A lock for each reset, on this node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::lock::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::identity::id::ResetId;

/// Serialises the callers of one reset, so that a double click runs one hash at a time (I3). Between nodes the store
/// decides.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    waiting: Mutex<HashMap<ResetId, Arc<AsyncMutex<()>>>>,
}

/// A caller's turn. The next turn begins when it is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    id: ResetId,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    pub(crate) async fn take(&self, id: ResetId) -> Turn<'_> {
        let lock = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(waiting.entry(id).or_default())
        };
        // The turn exists before the wait, so that a caller dropped while it waits removes its entry too.
        let mut turn = Turn { turns: self, id, guard: None };
        turn.guard = Some(lock.lock_owned().await);
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut waiting = self.turns.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.get(&self.id).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            waiting.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_second_caller_waits_and_no_entry_remains() {
        let turns = Turns::default();
        let id = ResetId::from_bytes([7; 16]);
        let first = turns.take(id).now_or_never().expect("no other caller has a turn");
        let mut second = Box::pin(turns.take(id));
        assert!(second.as_mut().now_or_never().is_none(), "the first turn has not ended");
        assert!(turns.take(ResetId::from_bytes([8; 16])).now_or_never().is_some(), "another reset does not wait");
        drop(first);
        assert!(second.as_mut().now_or_never().is_some());
        drop(second);
        assert!(turns.waiting.lock().unwrap().is_empty());
    }

    #[test]
    fn a_caller_dropped_while_it_waits_leaves_no_entry() {
        let turns = Turns::default();
        let id = ResetId::from_bytes([7; 16]);
        let first = turns.take(id).now_or_never().expect("no other caller has a turn");
        let mut second = Box::pin(turns.take(id));
        assert!(second.as_mut().now_or_never().is_none());
        drop(second);
        drop(first);
        assert!(turns.waiting.lock().unwrap().is_empty());
    }
}
