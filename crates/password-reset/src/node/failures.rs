//! The last failure of each notifier, on this node.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::identity::account::ContactKind;

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

/// The failures of all notifiers.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<Vec<NotifierHealth>>);

impl Failures {
    /// A notifier accepted a message.
    pub(crate) fn accepted(&self, kind: ContactKind) {
        if let Some(notifier) = self.lock().iter_mut().find(|notifier| notifier.reaches == kind) {
            notifier.is_failing = false;
        }
    }

    /// A notifier refused a message. `is_failing` says that the cause is not the recipient.
    pub(crate) fn refused(&self, kind: ContactKind, at: DateTime<Utc>, code: &str, is_failing: bool) {
        let last_failure = Some(NotifierFailure { at, code: code.to_owned() });
        let mut all = self.lock();
        match all.iter_mut().find(|notifier| notifier.reaches == kind) {
            Some(notifier) => {
                notifier.last_failure = last_failure;
                notifier.is_failing |= is_failing;
            }
            None => all.push(NotifierHealth { reaches: kind, last_failure, is_failing }),
        }
    }

    /// What is known of the notifier for contacts of a kind.
    pub(crate) fn of(&self, kind: ContactKind) -> NotifierHealth {
        let known = self.lock().iter().find(|notifier| notifier.reaches == kind).cloned();
        known.unwrap_or(NotifierHealth { reaches: kind, last_failure: None, is_failing: false })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<NotifierHealth>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
