//! Time arithmetic that cannot panic, and the truncation of times to milliseconds.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Truncates a time to whole milliseconds, the resolution of every store.
///
/// A time that was stored and read back must equal the one in memory, because secrets are derived from expiry times.
#[must_use]
pub fn to_millis(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(time)
}

/// `time` plus `span`, saturating at the latest time.
pub(crate) fn later(time: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span).ok().and_then(|delta| time.checked_add_signed(delta)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// `time` minus `span`, saturating at the earliest time.
pub(crate) fn earlier(time: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span).ok().and_then(|delta| time.checked_sub_signed(delta)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// How far apart the clocks of two nodes may be before it shows.
pub(crate) const MAX_CLOCK_SKEW: Duration = Duration::from_secs(15 * 60);

/// Whether a time has come that was set to at most `ahead` from then. One that is further ahead was set before the clock was set
/// back, and has come too: what waits for it would wait for as long as the clock was set back.
pub(crate) fn has_come(now: DateTime<Utc>, at: DateTime<Utc>, ahead: Duration) -> bool {
    at <= now || at > later(now, ahead)
}

/// How long from `now` until `then`; zero when `then` has passed.
pub(crate) fn until(now: DateTime<Utc>, then: DateTime<Utc>) -> Duration {
    then.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO)
}
