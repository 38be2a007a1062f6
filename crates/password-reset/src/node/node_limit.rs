//! The limit on requests from all sources together, for each node, in memory.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

const MINUTE_MILLIS: i64 = 60_000;

/// Counts in fixed windows of a minute.
#[derive(Debug, Default)]
pub(crate) struct NodeLimit {
    window: Mutex<(i64, u32)>,
}

impl NodeLimit {
    /// Whether the minute has room for one more request; otherwise the time until the next minute.
    pub(crate) fn check(&self, now: DateTime<Utc>, limit: u32) -> Result<(), Duration> {
        let millis = now.timestamp_millis();
        let window = *self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.0 == millis.div_euclid(MINUTE_MILLIS) && window.1 >= limit {
            let left = MINUTE_MILLIS.saturating_sub(millis.rem_euclid(MINUTE_MILLIS));
            return Err(Duration::from_millis(left.unsigned_abs()));
        }
        Ok(())
    }

    /// Counts a request. Only requests that passed the other limits count, so that no single source can fill the minute.
    pub(crate) fn count(&self, now: DateTime<Utc>) {
        let minute = now.timestamp_millis().div_euclid(MINUTE_MILLIS);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        *window = if window.0 == minute { (minute, window.1.saturating_add(1)) } else { (minute, 1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_admits_its_limit_and_the_next_starts_at_zero() {
        let limit = NodeLimit::default();
        let now = DateTime::from_timestamp_millis(1_800_000_015_000).expect("in range");
        for _ in 0..2 {
            assert_eq!(limit.check(now, 2), Ok(()));
            limit.count(now);
        }
        let left = limit.check(now, 2).expect_err("full");
        let next = crate::time::later(now, left);
        assert_eq!(limit.check(next, 2), Ok(()));
        limit.count(next);
        assert_eq!(limit.check(next, 2), Ok(()), "the count of the previous minute is dropped");
    }
}
