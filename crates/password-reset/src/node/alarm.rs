//! Warnings that a limit is reached. At most one a minute for each limit, because an attacker controls the request
//! rate.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// The pause between two warnings of one limit.
const QUIET: Duration = Duration::from_secs(60);

/// One kind of limit.
#[derive(Debug)]
pub(crate) struct Alarm {
    name: &'static str,
    /// The end of the pause, and the hits since the last warning.
    state: Mutex<(Option<DateTime<Utc>>, u64)>,
}

impl Alarm {
    /// A limit under the name that its warnings carry.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, state: Mutex::new((None, 0)) }
    }

    /// The limit was hit once more.
    pub(crate) fn raise(&self, now: DateTime<Utc>) {
        if let Some(hits) = self.count(now) {
            tracing::warn!(target: "password_reset::alert", limit = self.name, hits, "rate limit reached");
        }
    }

    /// The hits to report now, including this one; `None` during the pause.
    pub(crate) fn count(&self, now: DateTime<Utc>) -> Option<u64> {
        crate::metrics::limit_hit(self.name);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (quiet_until, hits) = *state;
        let hits = hits.saturating_add(1);
        let warns = quiet_until.is_none_or(|until| crate::time::has_come(now, until, QUIET));
        *state = if warns { (Some(crate::time::later(now, QUIET)), 0) } else { (quiet_until, hits) };
        warns.then_some(hits)
    }

    /// Whether there was a warning within the last minute.
    pub(crate) fn is_raised(&self, now: DateTime<Utc>) -> bool {
        let (quiet_until, _) = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        quiet_until.is_some_and(|until| !crate::time::has_come(now, until, QUIET))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_once_a_minute_and_says_how_many_it_kept_to_itself() {
        let alarm = Alarm::new("requests");
        let now = DateTime::from_timestamp_millis(1_800_000_000_000).expect("in range");
        assert_eq!(alarm.count(now), Some(1));
        for _ in 0..1_000 {
            assert_eq!(alarm.count(now), None);
        }
        let almost = crate::time::later(now, QUIET - Duration::from_millis(1));
        assert_eq!(alarm.count(almost), None);
        assert_eq!(alarm.count(crate::time::later(now, QUIET)), Some(1_002));
        assert_eq!(alarm.count(crate::time::later(now, QUIET * 3)), Some(1));
        assert!(alarm.is_raised(crate::time::later(now, QUIET * 3)));
        assert!(!alarm.is_raised(crate::time::later(now, QUIET * 4)));
        assert_eq!(alarm.count(now), Some(1), "the clock was set back");
        assert_eq!(alarm.count(now), None);
    }
}
