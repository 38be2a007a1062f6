//! The table over all pairs, and what each step says to a store.

use std::time::Duration;

use super::*;
use crate::channel::InboundMode;
use crate::id::{AccountId, ResetId};
use crate::identifier::Identifier;
use crate::locale::Locale;
use crate::reset::NewReset;

fn at(seconds: u64) -> DateTime<Utc> {
    let start = DateTime::from_timestamp_millis(1_800_000_000_000).expect("in range");
    crate::time::later(start, Duration::from_secs(seconds))
}

fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

/// A reset in any state, by hand: the table must hold for rows that no sequence of events leads to, too.
fn reset(channel: Channel, state: State, proved_by: Option<ProofKind>) -> Reset {
    let mut reset = Reset::open(NewReset::new(
        ResetId::from_bytes([1; 16]),
        channel,
        Identifier::username("toko").expect("a name"),
        Locale::English,
        "k1",
        [2; 32],
        digest(3),
        digest(4),
        at(0),
        at(1_800),
    ));
    reset.row.state = state;
    reset.row.proved_by = proved_by;
    reset.row.set_at = (state == State::PasswordSet).then(|| at(1));
    if state != State::Requested {
        reset.row.binding = Some(binding());
        reset.row.owes = Owes::NOTHING;
    }
    reset
}

fn binding() -> Binding {
    Binding::new(AccountId::new("7"), digest(5), at(1), at(1_801), at(601))
}

fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Issue { binding: binding(), subject: digest(6) },
        Event::Hold,
        Event::Apply { hash: digest(7), check_at: at(30) },
        Event::Finish,
    ];
    let reasons = State::ALL.into_iter().filter_map(|state| match state {
        State::Closed(reason) => Some(reason),
        _ => None,
    });
    events.extend(reasons.map(Event::Close));
    events.extend(ProofKind::ALL.map(|proof| Event::Prove { proof, until: at(900) }));
    events
}

/// What the design's table says, written down a second time and by hand.
fn expected(channel: Channel, state: State, event: &Event) -> Option<State> {
    let inbound = Channel::WhatsAppInbound;
    match event {
        Event::Issue { .. } => (state == State::Requested).then_some(State::CodeIssued),
        Event::Hold => (state == State::Requested).then_some(State::Requested),
        Event::Apply { .. } => matches!(state, State::Verified | State::Applying).then_some(State::Applying),
        Event::Finish => (state == State::Applying).then_some(State::PasswordSet),
        Event::Close(why) => {
            let by_hand = matches!(why, CloseReason::Cancelled | CloseReason::Locked);
            let too_late = matches!(state, State::PasswordSet | State::Closed(_));
            (!(too_late || state == State::Applying && by_hand)).then_some(State::Closed(*why))
        }
        Event::Prove { proof, .. } => {
            let rows: &[(Channel, State, ProofKind, State)] = &[
                (Channel::EmailLink, State::CodeIssued, ProofKind::Link, State::Verified),
                (Channel::EmailLink, State::CodeIssued, ProofKind::Code, State::Verified),
                (Channel::EmailLink, State::Verified, ProofKind::Link, State::Verified),
                (Channel::WhatsAppCode, State::CodeIssued, ProofKind::Code, State::Verified),
                (inbound(InboundMode::PageAdvances), State::CodeIssued, ProofKind::Message, State::Verified),
                (inbound(InboundMode::PageAdvances), State::Verified, ProofKind::Claim, State::Verified),
                (inbound(InboundMode::TypeBack), State::CodeIssued, ProofKind::Message, State::Heard),
                (inbound(InboundMode::TypeBack), State::Heard, ProofKind::ReplyCode, State::Verified),
                (inbound(InboundMode::ContinueOnPhone), State::CodeIssued, ProofKind::Message, State::Heard),
                (inbound(InboundMode::ContinueOnPhone), State::Heard, ProofKind::Link, State::Verified),
                (inbound(InboundMode::ContinueOnPhone), State::Verified, ProofKind::Link, State::Verified),
                (Channel::CurrentPassword, State::CodeIssued, ProofKind::CurrentPassword, State::Verified),
            ];
            let row = rows.iter().find(|row| (row.0, row.1, row.2) == (channel, state, *proof));
            row.map(|row| row.3)
        }
    }
}

#[test]
fn every_pair_of_state_and_event_is_as_the_table_says() {
    let mut pairs = 0;
    for channel in Channel::ALL {
        for state in State::ALL {
            for event in events() {
                let before = reset(channel, state, Some(ProofKind::Message));
                let after = next(&before, &event, at(2));
                assert_eq!(
                    after.as_ref().map(Reset::state).ok(),
                    expected(channel, state, &event),
                    "{channel:?} {state:?} {event:?}"
                );
                if let Ok(after) = after {
                    assert_eq!(after.version(), before.version() + 1);
                }
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 6 * 10 * 14);
}

#[test]
fn expired_resets_take_nothing_but_finish_and_close() {
    for channel in Channel::ALL {
        for state in State::ALL {
            for event in events() {
                let before = reset(channel, state, Some(ProofKind::Message));
                let allowed = next(&before, &event, before.expires_at()).is_ok();
                let late = matches!(event, Event::Finish | Event::Close(_));
                assert_eq!(allowed, late && expected(channel, state, &event).is_some(), "{state:?} {event:?}");
                let last_moment = before.expires_at() - Duration::from_millis(1);
                let in_time = next(&before, &event, last_moment).is_ok();
                assert_eq!(in_time, expected(channel, state, &event).is_some(), "{state:?} {event:?}");
            }
        }
    }
}

#[test]
fn a_claim_is_taken_once() {
    let page = Channel::WhatsAppInbound(InboundMode::PageAdvances);
    let claim = Event::Prove { proof: ProofKind::Claim, until: at(900) };
    let heard = reset(page, State::Verified, Some(ProofKind::Message));
    let claimed = next(&heard, &claim, at(2)).expect("the message is not claimed yet");
    assert!(next(&claimed, &claim, at(2)).is_err());
}

#[test]
fn opening_a_link_again_leaves_the_first_proof_on_record() {
    let typed = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Code));
    let opened = next(&typed, &Event::Prove { proof: ProofKind::Link, until: at(900) }, at(2)).expect("allowed");
    assert_eq!(opened.proved_by(), Some(ProofKind::Code));
}

#[test]
fn a_step_adds_and_forgives_debts() {
    let asked = reset(Channel::EmailLink, State::Requested, None);
    let issue = Event::Issue { binding: binding(), subject: digest(6) };
    let step = Step::new(&asked, &issue, at(2), Vec::new()).expect("allowed");
    assert_eq!((step.adds(), step.forgives()), (Owes::SEND, Owes::RESOLVE));
    let proof = Event::Prove { proof: ProofKind::Link, until: at(900) };
    let proved = Step::new(step.after(), &proof, at(3), Vec::new()).expect("allowed");
    assert_eq!((proved.adds(), proved.forgives()), (Owes::NOTHING, Owes::SEND));
    assert!(proved.refuses_expired() && proved.clears_run() && !proved.closes_siblings());
}

#[test]
fn a_second_try_is_owed_its_own_check() {
    let apply = |check| Event::Apply { hash: digest(7), check_at: at(check) };
    let verified = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    let first = Step::new(&verified, &apply(30), at(2), Vec::new()).expect("allowed");
    let second = Step::new(first.after(), &apply(40), at(12), Vec::new()).expect("allowed");
    assert_eq!((second.adds(), second.after().stored().due_at), (Owes::FINISH, Some(at(40))));
    assert_eq!(second.after().stored().hash_digests.len(), 2);
}

#[test]
fn setting_at_once_owes_what_setting_in_two_steps_owes() {
    let before = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    let apply = Event::Apply { hash: digest(7), check_at: at(30) };
    let was = crate::account::Account::new("7", crate::account::Standing::Active);
    let change = PasswordChange::new(was, crate::account::PasswordHash::new("h"), at(2));
    let step = Step::apply(&before, &apply, change, at(2), Vec::new()).expect("allowed");
    let (_, at_once) = step.with_account().expect("both forms");
    assert_eq!(at_once.from_version(), before.version());
    assert!(at_once.refuses_expired() && at_once.closes_siblings());
    let in_two = next(step.after(), &Event::Finish, at(2)).expect("allowed");
    assert_eq!(at_once.after(), &in_two);
    assert_eq!(step.adds(), Owes::FINISH);
    assert_eq!(at_once.adds(), Owes::SESSIONS.and(Owes::NOTICES));
}
