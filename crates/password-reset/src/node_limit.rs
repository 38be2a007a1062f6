//! Limits over all sources together: for each node, in memory.

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
    /// Counts one, unless the minute is full; then says how long it still lasts.
    pub(crate) fn count(&self, now: DateTime<Utc>, limit: u32) -> Result<(), Duration> {
        let millis = now.timestamp_millis();
        let minute = millis.div_euclid(MINUTE_MILLIS);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.0 != minute {
            *window = (minute, 0);
        }
        if window.1 >= limit {
            let left = MINUTE_MILLIS.saturating_sub(millis.rem_euclid(MINUTE_MILLIS));
            return Err(Duration::from_millis(left.unsigned_abs()));
        }
        window.1 = window.1.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_takes_its_limit_and_the_next_starts_anew() {
        let limit = NodeLimit::default();
        let now = DateTime::from_timestamp_millis(1_800_000_015_000).expect("in range");
        assert_eq!(limit.count(now, 2), Ok(()));
        assert_eq!(limit.count(now, 2), Ok(()));
        let left = limit.count(now, 2).expect_err("full");
        assert_eq!(limit.count(crate::time::later(now, left), 2), Ok(()));
    }
}
