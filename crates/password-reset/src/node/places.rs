//! The places of one notifier: how many of its deliveries run at once on this node, so that one that does not answer
//! keeps no other channel waiting, and no account from being secured.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{Either, select};

use crate::ports::Clock;

/// Deliveries at once.
const PLACES: usize = 128;
/// With all places taken and no answer for so long, the notifier counts as silent.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    taken: usize,
    waiting: VecDeque<oneshot::Sender<()>>,
    answers: u64,
    silent: bool,
}

/// A place of a notifier, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Places);

impl Places {
    /// Takes a place, or waits for one while the notifier answers others. `None` while it is silent: then one delivery at a
    /// time tries whether it answers again.
    pub(crate) async fn take(&self, clock: &dyn Clock) -> Option<Place<'_>> {
        loop {
            let (turn, seen) = {
                let mut state = self.lock();
                let places = if state.silent { 1 } else { PLACES };
                if state.taken < places {
                    state.taken = state.taken.saturating_add(1);
                    return Some(Place(self));
                }
                if state.silent {
                    return None;
                }
                let (wakes, turn) = oneshot::channel();
                state.waiting.push_back(wakes);
                (turn, state.answers)
            };
            if let Either::Right(_) = select(turn, clock.sleep(PATIENCE)).await {
                let mut state = self.lock();
                if state.answers == seen && !state.silent {
                    state.silent = true;
                    // The deliveries that wait look again, and are put off.
                    state.waiting.clear();
                    tracing::error!(
                        target: "password_reset::alert",
                        "a notifier does not answer; its messages are put off, and tried one at a time"
                    );
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// The notifier answered, whatever it said.
    pub(crate) fn answered(&self) {
        let mut state = self.0.lock();
        state.answers = state.answers.wrapping_add(1);
        state.silent = false;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.taken = state.taken.saturating_sub(1);
        // The first that still waits.
        while state.waiting.pop_front().is_some_and(|wakes| wakes.send(()).is_err()) {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use chrono::{DateTime, Utc};
    use futures_util::FutureExt;

    use super::*;

    /// Lets any time pass at once, and counts how often; while the first passes, another delivery gets its answer.
    #[derive(Debug, Default)]
    struct Passes {
        times: AtomicUsize,
        answered: Option<std::sync::Arc<Places>>,
    }

    #[async_trait]
    impl Clock for Passes {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        async fn sleep(&self, _span: Duration) {
            let first = self.times.fetch_add(1, Ordering::SeqCst) == 0;
            if let Some(places) = self.answered.as_ref().filter(|_| first) {
                let mut state = places.lock();
                state.answers = state.answers.wrapping_add(1);
            }
        }
    }

    fn all_of<'a>(places: &'a Places, clock: &Passes) -> Vec<Place<'a>> {
        (0..PLACES).map(|_| places.take(clock).now_or_never().flatten().expect("a place")).collect()
    }

    #[test]
    fn a_notifier_that_answers_again_has_all_its_places_again() {
        let (places, clock) = (Places::default(), Passes::default());
        let mut taken = all_of(&places, &clock);
        assert!(places.take(&clock).now_or_never().expect("no wait").is_none(), "silent");
        drop(taken.pop());
        assert!(places.take(&clock).now_or_never().expect("no wait").is_none(), "one delivery at a time tries it");
        taken.last().expect("a place").answered();
        assert!(places.take(&clock).now_or_never().expect("no wait").is_some());
    }

    #[test]
    fn a_notifier_that_answered_another_meanwhile_is_waited_for_again() {
        let places = std::sync::Arc::new(Places::default());
        let clock = Passes { answered: Some(std::sync::Arc::clone(&places)), ..Passes::default() };
        let _taken = all_of(&places, &clock);
        assert!(places.take(&clock).now_or_never().expect("no wait").is_none());
        assert_eq!(clock.times.load(Ordering::SeqCst), 2);
    }
}
