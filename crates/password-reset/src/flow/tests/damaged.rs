//! Rows that contradict themselves.

use std::time::Duration;

use super::super::*;
use super::{at, binding, digest, reset};
use crate::flow::channel::{Channel, InboundMode, ProofKind};
use crate::flow::reset::StoredReset;

fn readable(row: StoredReset) -> bool {
    Reset::from_stored(row).is_ok()
}

#[test]
fn one_contradiction_is_enough_to_refuse_a_row() {
    let whole = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link)).row;
    assert!(readable(whole.clone()));
    let contradictions: [fn(&mut StoredReset); 12] = [
        |row| row.version = 0,
        |row| row.identifier = "not normalised ".to_owned(),
        |row| row.shown_until = at(0) - Duration::from_millis(1),
        |row| row.expires_at = at(0) - Duration::from_millis(1),
        |row| (row.tasks, row.due_at) = (Tasks::SEND, None),
        |row| row.inbound_key = Some(digest(9)),
        |row| row.channel = Channel::WhatsAppInbound(InboundMode::PageAdvances),
        |row| row.binding = None,
        |row| row.proved_by = None,
        |row| row.proved_by = Some(ProofKind::HostFactor),
        |row| row.step_up = Some(ProofKind::Link),
        |row| row.set_at = Some(at(1)),
    ];
    for (number, contradict) in contradictions.iter().enumerate() {
        let mut row = whole.clone();
        contradict(&mut row);
        assert!(!readable(row), "contradiction {number}");
    }
    let mut least = whole;
    (least.version, least.shown_until, least.expires_at) = (1, least.created_at, least.created_at);
    (least.tasks, least.due_at) = (Tasks::NONE, None);
    assert!(readable(least), "a row is whole at the least of every value");
}

/// What a state says of the account, of the proof, and of the time at which the password was set.
#[test]
fn a_state_and_its_columns_agree() {
    for &state in State::ALL {
        let closed = matches!(state, State::Closed(_));
        let set = matches!(state, State::PasswordSet | State::Locked);
        let proved = !closed && !matches!(state, State::Requested | State::CodeIssued);
        let lifted = state == State::Closed(CloseReason::OtherResetWon);
        for (bound, proof, at_set) in (0..8).map(|bits: u8| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)) {
            let mut row = reset(Channel::EmailLink, state, proof.then_some(ProofKind::Link)).row;
            row.binding = bound.then(binding);
            row.set_at = at_set.then(|| at(1));
            let agrees = closed || bound == (state != State::Requested) && proof == proved;
            let agrees = agrees && (lifted || at_set == set);
            assert_eq!(readable(row), agrees, "{state:?} bound {bound} proved {proof} set {at_set}");
        }
    }
}
