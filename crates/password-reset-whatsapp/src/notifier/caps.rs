//! Daily caps of messages.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

/// Daily caps (UTC) of codes and replies; each applies by itself.
///
/// They bound the cost of a mistake or a flood. The counts are in memory on this node: three nodes send up to three times
/// as many, and a restart begins at zero. The quota that holds across nodes is the service's, for each account and contact
/// ([`Limits::message_burst`](password_reset::Limits)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendingCaps {
    /// Messages to one number: 20.
    pub per_number: u32,
    /// Messages to all numbers with the same first [`PREFIX_DIGITS`](Self::PREFIX_DIGITS) digits: 500. Attackers who are
    /// paid for each message control whole ranges of numbers.
    pub per_prefix: u32,
    /// Messages to all numbers: 20,000.
    pub total: u32,
}

impl SendingCaps {
    /// Digits that identify a range of numbers: country, network operator and a little more.
    pub const PREFIX_DIGITS: usize = 7;
}

impl Default for SendingCaps {
    fn default() -> Self {
        Self { per_number: 20, per_prefix: 500, total: 20_000 }
    }
}

/// Messages sent today. The keys are hashes of the numbers, keyed for this process.
#[derive(Debug)]
pub(super) struct Counts {
    caps: SendingCaps,
    hasher: RandomState,
    today: Mutex<Day>,
}

#[derive(Debug, Default)]
struct Day {
    number: i64,
    total: u32,
    /// At most two entries for each counted message, so the total's cap bounds the size.
    counts: HashMap<u64, u32>,
}

impl Counts {
    pub(super) fn new(caps: SendingCaps) -> Self {
        Self { caps, hasher: RandomState::new(), today: Mutex::default() }
    }

    /// Counts one message, or returns which cap is reached.
    pub(super) fn take(&self, number: &str, now: DateTime<Utc>) -> Result<(), &'static str> {
        let (number, prefix) = self.keys(number);
        let mut today = self.today(now);
        let count = |key: u64| today.counts.get(&key).copied().unwrap_or(0);
        if count(number) >= self.caps.per_number {
            return Err("daily cap of this number reached");
        }
        if count(prefix) >= self.caps.per_prefix {
            password_reset::log_bounded!(error, "daily cap for a number range reached: possible toll fraud");
            return Err("daily cap of this number range reached");
        }
        if today.total >= self.caps.total {
            password_reset::log_bounded!(error, "daily cap of WhatsApp messages reached: no more codes are sent today");
            return Err("daily cap reached");
        }
        today.total = today.total.saturating_add(1);
        for key in [number, prefix] {
            let count = today.counts.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// Uncounts a message that was not sent.
    pub(super) fn uncount(&self, number: &str, taken_at: DateTime<Utc>) {
        let (number, prefix) = self.keys(number);
        let mut today = self.lock();
        if today.number != day(taken_at) {
            return;
        }
        today.total = today.total.saturating_sub(1);
        for key in [number, prefix] {
            // An entry of zero would be one that no cap bounds.
            match today.counts.get(&key).map_or(0, |count| count.saturating_sub(1)) {
                0 => today.counts.remove(&key),
                left => today.counts.insert(key, left),
            };
        }
    }

    fn keys(&self, number: &str) -> (u64, u64) {
        let prefix: String = number.chars().take(SendingCaps::PREFIX_DIGITS.saturating_add(1)).collect();
        (self.hasher.hash_one(("number", number)), self.hasher.hash_one(("prefix", prefix)))
    }

    fn today(&self, now: DateTime<Utc>) -> MutexGuard<'_, Day> {
        let mut today = self.lock();
        // A clock that is set back must not reset the counts, nor keep them until it is where it was: its next midnight does.
        if day(now) > today.number {
            *today = Day::default();
        }
        today.number = day(now);
        today
    }

    fn lock(&self) -> MutexGuard<'_, Day> {
        self.today.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn day(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::{Counts, SendingCaps};

    #[test]
    fn each_cap_holds_for_a_day() {
        let noon = DateTime::from_timestamp(1_893_499_200, 0).unwrap();
        let counts = Counts::new(SendingCaps { per_number: 2, per_prefix: 3, total: 4 });
        let take = |number: &str, at| counts.take(number, at).is_ok();
        let (ani, budi, citra, dewi) = ("+6281200000001", "+6281200999999", "+6281300000001", "+6281400000001");
        assert!(take(ani, noon) && take(ani, noon) && !take(ani, noon), "the number's");
        assert!(take(budi, noon) && !take(budi, noon), "the range's");
        assert!(take(citra, noon) && !take(dewi, noon), "the total");
        counts.uncount(citra, noon);
        assert!(take(dewi, noon) && !take(citra, noon), "a message that was not sent does not count");
        let tomorrow = noon + TimeDelta::hours(12);
        assert!(!take(dewi, tomorrow - TimeDelta::seconds(1)));
        counts.uncount(dewi, noon - TimeDelta::days(1));
        assert!(!take(citra, noon), "a message of another day is not uncounted today");
        assert!(take(ani, tomorrow) && take(ani, tomorrow) && !take(ani, tomorrow));
        assert!(!take(ani, noon), "a clock that is set back resets nothing");
        assert!(take(ani, tomorrow), "until its next midnight");
        let years_ahead = tomorrow + TimeDelta::days(4_000);
        assert!(take(ani, years_ahead) && take(ani, years_ahead) && !take(ani, noon));
        assert!(take(ani, tomorrow), "however far it was set back");
    }

    #[test]
    fn a_message_that_was_not_sent_leaves_no_entry() {
        let counts = Counts::new(SendingCaps::default());
        for number in 0..100 {
            let number = format!("+62812{number:08}");
            counts.take(&number, DateTime::UNIX_EPOCH).unwrap();
            counts.uncount(&number, DateTime::UNIX_EPOCH);
        }
        assert!(counts.lock().counts.is_empty());
    }

    #[test]
    fn numbers_are_not_kept() {
        let counts = Counts::new(SendingCaps::default());
        counts.take("+6281200000001", DateTime::UNIX_EPOCH).unwrap();
        assert!(!format!("{counts:?}").contains("62812"));
    }
}
