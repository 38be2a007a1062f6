//! A clock that a test moves.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use password_reset::ports::Clock;
use tokio::sync::watch;

/// A [`Clock`] that stands still until a test moves it. Clones show the same time.
///
/// [`sleep`](Clock::sleep) returns when a test has moved the time far enough; no real time passes. To move the time only
/// once a task sleeps, wait with [`until_asleep`](Self::until_asleep) first.
#[derive(Clone, Debug)]
pub struct FakeClock {
    now: Arc<watch::Sender<DateTime<Utc>>>,
    asleep: Sleepers,
}

/// For how long each caller that sleeps wants to sleep.
type Sleepers = Arc<watch::Sender<Vec<Duration>>>;

impl FakeClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now: Arc::new(watch::Sender::new(now)), asleep: Arc::new(watch::Sender::default()) }
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, now: DateTime<Utc>) {
        self.now.send_replace(now);
    }

    /// Moves the time forwards; it stays at the end of time instead of overflowing.
    pub fn advance(&self, span: Duration) {
        self.now.send_modify(|now| *now = later(*now, span));
    }

    /// Returns as soon as a caller sleeps for exactly `span`. The length tells one kind of sleep from another: a call's
    /// deadline is a sleep too.
    pub async fn until_asleep(&self, span: Duration) {
        // `self` holds the sender, so the channel stays open.
        self.asleep.subscribe().wait_for(|asleep| asleep.contains(&span)).await.map(drop).unwrap_or_default();
    }
}

impl Default for FakeClock {
    /// A clock that shows midnight of 1 January 2030 (UTC).
    fn default() -> Self {
        Self::at(DateTime::from_timestamp(1_893_456_000, 0).unwrap_or(DateTime::UNIX_EPOCH))
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.borrow()
    }

    async fn sleep(&self, span: Duration) {
        let mut time = self.now.subscribe();
        let until = later(*time.borrow_and_update(), span);
        let _asleep = Asleep::new(&self.asleep, span);
        time.wait_for(|now| *now >= until).await.map(drop).unwrap_or_default();
    }
}

/// Lists a sleeping caller until it wakes or is dropped.
struct Asleep(Sleepers, Duration);

impl Asleep {
    fn new(sleepers: &Sleepers, span: Duration) -> Self {
        sleepers.send_modify(|spans| spans.push(span));
        Self(Arc::clone(sleepers), span)
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        self.0.send_modify(|spans| {
            if let Some(mine) = spans.iter().position(|span| *span == self.1) {
                spans.swap_remove(mine);
            }
        });
    }
}

fn later(time: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span).ok().and_then(|span| time.checked_add_signed(span)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_time_has_come_and_not_before() {
        let clock = FakeClock::default();
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(60)).await }
        });
        clock.until_asleep(Duration::from_secs(60)).await;
        clock.advance(Duration::from_millis(59_999));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_millis(1));
        sleeper.await.unwrap();
        assert!(clock.sleep(Duration::ZERO).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_dropped_sleeper_is_forgotten() {
        let clock = FakeClock::default();
        assert!(clock.sleep(Duration::from_secs(1)).now_or_never().is_none());
        assert!(clock.asleep.borrow().is_empty());
    }
}
