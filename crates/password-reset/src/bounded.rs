//! Log lines at a bounded rate: what strangers cause would otherwise fill the disk.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pause between two lines of one kind.
const PAUSE: Duration = Duration::from_secs(60);

/// Passes the first event of a kind at once, and afterwards one a minute, or as many as it allows, with the number of those left
/// out between.
///
/// [`log_bounded!`](crate::log_bounded) has one for each place in the code.
#[derive(Debug)]
pub struct Bounded {
    most: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the first line of the present minute passed.
    began: Option<Instant>,
    passed: u64,
    left_out: u64,
}

impl Bounded {
    /// One that has passed nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self::allowing(1)
    }

    /// One that passes so many a minute.
    #[must_use]
    pub const fn allowing(most: u64) -> Self {
        Self { most, state: Mutex::new(State { began: None, passed: 0, left_out: 0 }) }
    }

    /// How many events were left out since the last that passed, when this one passes; `None` when it is left out.
    #[expect(
        clippy::disallowed_methods,
        reason = "decides about log lines alone, which a test's clock must not suppress"
    )]
    pub fn pass(&self) -> Option<u64> {
        self.pass_at(Instant::now())
    }

    fn pass_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.is_none_or(|began| now.saturating_duration_since(began) >= PAUSE) {
            (state.began, state.passed) = (Some(now), 0);
        }
        if state.passed >= self.most {
            state.left_out = state.left_out.saturating_add(1);
            return None;
        }
        state.passed = state.passed.saturating_add(1);
        Some(std::mem::take(&mut state.left_out))
    }
}

impl Default for Bounded {
    fn default() -> Self {
        Self::new()
    }
}

/// Logs by `tracing` at a bounded rate: at the level the first time, then at most once a minute with the field `left_out`,
/// and otherwise at `debug`. Use it for every line at `info` or above whose number a stranger decides.
///
/// Each place in the code counts for itself, for the whole process. `gate => level, …` counts with a [`Bounded`] of the
/// caller's. The crate that uses it depends on `tracing`.
///
/// ```
/// password_reset::log_bounded!(warn, code = 7, "a request was refused");
/// let gate = password_reset::Bounded::new();
/// password_reset::log_bounded!(&gate => error, "the account is locked");
/// ```
#[macro_export]
macro_rules! log_bounded {
    ($gate:expr => $level:ident, target: $target:expr, $($line:tt)+) => {
        match $gate.pass() {
            Some(left_out) => ::tracing::$level!(target: $target, left_out, $($line)+),
            None => ::tracing::debug!(target: $target, $($line)+),
        }
    };
    ($gate:expr => $level:ident, $($line:tt)+) => {
        match $gate.pass() {
            Some(left_out) => ::tracing::$level!(left_out, $($line)+),
            None => ::tracing::debug!($($line)+),
        }
    };
    ($level:ident, $($line:tt)+) => {{
        static GATE: $crate::Bounded = $crate::Bounded::new();
        $crate::log_bounded!(GATE => $level, $($line)+)
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_minute_passes_and_says_how_many_were_left_out() {
        let gate = Bounded::new();
        #[expect(clippy::disallowed_methods, reason = "there is no other way to an `Instant`")]
        let now = Instant::now();
        assert_eq!(gate.pass_at(now), Some(0));
        assert!((0..1_000).all(|_| gate.pass_at(now).is_none()));
        assert_eq!(gate.pass_at(now + PAUSE - Duration::from_millis(1)), None);
        assert_eq!(gate.pass_at(now + PAUSE), Some(1_001));
        assert_eq!(gate.pass_at(now + PAUSE), None);
        assert_eq!(gate.pass_at(now + PAUSE * 3), Some(1));
        assert_eq!(gate.pass_at(now), None, "a time before the last one");
    }

    #[test]
    fn as_many_a_minute_pass_as_are_allowed() {
        let gate = Bounded::allowing(3);
        #[expect(clippy::disallowed_methods, reason = "there is no other way to an `Instant`")]
        let now = Instant::now();
        let five = |now| (0..5).map(|_| gate.pass_at(now)).collect::<Vec<_>>();
        assert_eq!(five(now), [Some(0), Some(0), Some(0), None, None]);
        assert_eq!(five(now + PAUSE), [Some(2), Some(0), Some(0), None, None]);
    }
}
