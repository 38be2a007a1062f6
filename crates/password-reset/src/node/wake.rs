//! A flag that wakes one task.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

/// A flag that one task awaits. Raising it twice is the same as once.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    raised: AtomicBool,
    waker: AtomicWaker,
}

impl Wake {
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Returns when the flag is raised, and lowers it.
    pub(crate) async fn raised(&self) {
        poll_fn(|context| {
            self.waker.register(context.waker());
            // Read after registering, so that a flag raised in between is not missed.
            if self.raised.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
