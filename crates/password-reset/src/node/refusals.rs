//! What became of the messages of one notifier. Tells a refusal of one recipient from a refusal of this service: a server that
//! refuses one recipient after the other means the sender.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::alarm::Alarm;
use crate::identity::account::{Contact, ContactKind};

/// So many different recipients in a row are no accident.
const IN_A_ROW: usize = 3;

/// What became of the messages of one notifier, on this node and since it started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifierHealth {
    /// The contacts that it reaches.
    pub reaches: ContactKind,
    /// The last message that was refused for good, or until something is corrected.
    pub last_failure: Option<NotifierFailure>,
    /// Whether the notifier as a whole fails: what it said has to be corrected, or it refused different recipients in a row; and
    /// it has accepted nothing since.
    pub is_failing: bool,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifierFailure {
    /// When.
    pub at: DateTime<Utc>,
    /// The code of the provider's answer; empty where it has none.
    pub code: String,
}

/// The record of one notifier.
#[derive(Debug)]
pub(crate) struct Record {
    hasher: RandomState,
    state: Mutex<State>,
    alarm: Alarm,
}

#[derive(Debug, Default)]
struct State {
    /// The recipients that were refused since a message was last accepted: hashes, so that no address stays in memory; at most
    /// [`IN_A_ROW`].
    refused: Vec<u64>,
    last_failure: Option<NotifierFailure>,
    is_failing: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self { hasher: RandomState::new(), state: Mutex::default(), alarm: Alarm::new("refused_in_a_row") }
    }
}

impl Record {
    /// The notifier accepted a message.
    pub(crate) fn accepted(&self) {
        let mut state = self.state();
        state.refused.clear();
        state.is_failing = false;
    }

    /// The notifier refused a message for good, or until something is corrected. An alarm, when it refused different recipients
    /// in a row.
    pub(crate) fn refused(&self, to: &Contact, at: DateTime<Utc>, code: &str, is_to_correct: bool) {
        let in_a_row = self.count(to) >= IN_A_ROW;
        if in_a_row && let Some(hits) = self.alarm.count(at) {
            tracing::error!(
                target: "password_reset::alert",
                kind = ?to.kind(),
                hits,
                "different recipients in a row are rejected, so the cause is this service: read the reply \
                 codes, and check account, sender, limits and reputation at the provider"
            );
        }
        let mut state = self.state();
        state.last_failure = Some(NotifierFailure { at, code: code.to_owned() });
        state.is_failing |= is_to_correct || in_a_row;
    }

    /// What is known of the notifier, which reaches contacts of this kind.
    pub(crate) fn health(&self, reaches: ContactKind) -> NotifierHealth {
        let state = self.state();
        NotifierHealth { reaches, last_failure: state.last_failure.clone(), is_failing: state.is_failing }
    }

    fn count(&self, to: &Contact) -> usize {
        let recipient = self.hasher.hash_one(to.value());
        let mut state = self.state();
        if state.refused.len() < IN_A_ROW && !state.refused.contains(&recipient) {
            state.refused.push(recipient);
        }
        state.refused.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_different_recipients_in_a_row_count() {
        let record = Record::default();
        let mail = |name: &str| Contact::email(format!("{name}@toko.example"));
        assert_eq!([record.count(&mail("a")), record.count(&mail("a")), record.count(&mail("b"))], [1, 1, 2]);
        assert_eq!([record.count(&mail("c")), record.count(&mail("d"))], [3, 3], "an alarm, and no more memory");
        record.accepted();
        assert_eq!(record.count(&mail("a")), 1);
    }
}
