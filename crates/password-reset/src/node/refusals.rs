//! Tells a refusal of one recipient from a refusal of this service: a server that refuses one recipient after the other means
//! the sender.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::alarm::Alarm;
use crate::identity::account::{Contact, ContactKind};

/// So many different recipients in a row are no accident.
const IN_A_ROW: usize = 3;

/// The recipients that were refused since a message was last accepted, on this node.
#[derive(Debug)]
pub(crate) struct Refusals {
    hasher: RandomState,
    /// Hashes, so that no address stays in memory; at most [`IN_A_ROW`] of each kind.
    refused: Mutex<Vec<(ContactKind, u64)>>,
    alarm: Alarm,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { hasher: RandomState::new(), refused: Mutex::default(), alarm: Alarm::new("refused_in_a_row") }
    }
}

impl Refusals {
    /// A transport accepted a message.
    pub(crate) fn accepted(&self, kind: ContactKind) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).retain(|(refused, _)| *refused != kind);
    }

    /// A transport refused a message for good. `true`, and an alarm, when it refused different recipients in a row.
    pub(crate) fn refused(&self, to: &Contact, now: DateTime<Utc>) -> bool {
        let in_a_row = self.count(to) >= IN_A_ROW;
        if in_a_row && let Some(hits) = self.alarm.count(now) {
            tracing::error!(
                target: "password_reset::alert",
                kind = ?to.kind(),
                hits,
                "different recipients in a row are rejected, so the cause is this service: read the reply \
                 codes, and check account, sender, limits and reputation at the provider"
            );
        }
        in_a_row
    }

    fn count(&self, to: &Contact) -> usize {
        let entry = (to.kind(), self.hasher.hash_one(to.value()));
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let of_kind = refused.iter().filter(|(kind, _)| *kind == to.kind()).count();
        if refused.contains(&entry) || of_kind >= IN_A_ROW {
            return of_kind;
        }
        refused.push(entry);
        of_kind.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_different_recipients_in_a_row_count() {
        let refusals = Refusals::default();
        let mail = |name: &str| Contact::email(format!("{name}@toko.example"));
        assert_eq!([refusals.count(&mail("a")), refusals.count(&mail("a")), refusals.count(&mail("b"))], [1, 1, 2]);
        assert_eq!(refusals.count(&Contact::phone("+6281200000001")), 1, "each kind has a transport of its own");
        refusals.accepted(ContactKind::Phone);
        assert_eq!([refusals.count(&mail("c")), refusals.count(&mail("d"))], [3, 3], "an alarm, and no more memory");
        refusals.accepted(ContactKind::Email);
        assert_eq!(refusals.count(&mail("a")), 1);
    }
}
