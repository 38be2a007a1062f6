//! A clock that tests can advance.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use password_reset::async_trait;
use password_reset::ports::{Clock, SystemClock};
use tokio::sync::watch;

/// The operating system's time, and an offset. Clones show the same time.
///
/// The program never advances it; browser tests do, to test expiry.
#[derive(Clone, Debug)]
pub struct DemoClock {
    offset: watch::Sender<TimeDelta>,
}

impl DemoClock {
    /// Advances the time for everything in this process. Sleepers whose time has come wake at once.
    pub fn advance(&self, span: Duration) {
        let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        self.offset.send_modify(|offset| *offset = offset.checked_add(&span).unwrap_or(TimeDelta::MAX));
    }
}

impl Default for DemoClock {
    fn default() -> Self {
        Self { offset: watch::Sender::new(TimeDelta::zero()) }
    }
}

#[async_trait]
impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now().checked_add_signed(*self.offset.borrow()).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    async fn sleep(&self, span: Duration) {
        let mut moved = self.offset.subscribe();
        let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        let until = self.now().checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC);
        while let Ok(left) = (until - self.now()).to_std()
            && !left.is_zero()
        {
            tokio::select! {
                () = SystemClock.sleep(left) => {}
                // `self` holds the sender, so this is a change of the time and never the end of the channel.
                _ = moved.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_time_is_moved_and_not_before() {
        let clock = DemoClock::default();
        let mut nap = Box::pin(clock.sleep(Duration::from_secs(3600)));
        let woken = tokio::time::timeout(Duration::from_millis(20), &mut nap).await;
        assert!(woken.is_err());
        clock.advance(Duration::from_secs(3000));
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut nap).await.is_err());
        clock.advance(Duration::from_secs(601));
        nap.await;
    }
}
