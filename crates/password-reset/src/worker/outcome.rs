//! What becomes of tasks.

use std::time::Duration;

use crate::flow::reset::Reset;

/// What became of a task.
pub(crate) enum TaskOutcome {
    /// It is completed, and is to be taken off the row.
    Done,
    /// A step took it off the row already.
    Removed,
    /// It is still pending: look again after this long.
    Later(Duration),
}

/// It is still pending: look again the later, the more often it failed.
pub(crate) fn again(reset: &Reset) -> TaskOutcome {
    TaskOutcome::Later(backoff(reset.delivery_attempts()))
}

/// 5 s, 10 s, 20 s … at most 5 minutes.
pub(crate) fn backoff(delivery_attempts: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const MOST: Duration = Duration::from_secs(5 * 60);
    FIRST.checked_mul(2_u32.saturating_pow(delivery_attempts.min(10))).unwrap_or(MOST).min(MOST)
}
