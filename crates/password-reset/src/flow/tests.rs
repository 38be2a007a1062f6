//! The table over all pairs, and what each step says to a store.

use std::time::Duration;

use super::*;
use crate::flow::channel::{Channel, InboundMode};
use crate::flow::reset::NewReset;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::Identifier;
use crate::identity::locale::Locale;
use crate::ports::PasswordChange;

mod damaged;
mod locked;
mod names;
mod work;

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
        Locale::ENGLISH,
        "k1",
        [2; 32],
        digest(3),
        digest(4),
        at(0),
        at(1_800),
    ));
    reset.row.state = state;
    reset.row.proved_by = proved_by;
    reset.row.set_at = matches!(state, State::PasswordSet | State::Locked).then(|| at(1));
    if state != State::Requested {
        reset.row.binding = Some(binding());
        reset.row.tasks = Tasks::NONE;
    }
    reset
}

fn binding() -> Binding {
    Binding::new(AccountId::new("7"), digest(5), at(1), at(1_801), at(601)).by(Some(digest(6)))
}

fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Issue { binding: binding(), subject: digest(6) },
        Event::Suppress,
        apply(30),
        finish(None),
        Event::Lock { until: at(9_000) },
    ];
    let reasons = State::ALL.iter().copied().filter_map(|state| match state {
        State::Closed(reason) => Some(reason),
        _ => None,
    });
    events.extend(reasons.map(Event::Close));
    events.extend(ProofKind::ALL.iter().map(|&proof| Event::Prove { proof, until: at(900) }));
    for &wants in StepUp::ALL {
        events.extend(ProofKind::ALL.iter().map(|&proof| Event::RequireStepUp { proof, wants, until: at(900) }));
    }
    events
}

/// What the design's table says, written down a second time and by hand.
fn expected(channel: Channel, state: State, event: &Event) -> Option<State> {
    let inbound = Channel::WhatsAppInbound;
    match event {
        Event::Issue { .. } => (state == State::Requested).then_some(State::CodeIssued),
        Event::Suppress => (state == State::Requested).then_some(State::Requested),
        Event::Apply { .. } => matches!(state, State::Verified | State::Applying).then_some(State::Applying),
        Event::Finish { .. } => (state == State::Applying).then_some(State::PasswordSet),
        Event::Lock { .. } => (state == State::PasswordSet).then_some(State::Locked),
        Event::Close(why) => {
            let by_hand = matches!(why, CloseReason::Cancelled | CloseReason::AttemptsExhausted);
            let too_late = matches!(state, State::PasswordSet | State::Closed(_));
            let lifted = *why == CloseReason::OtherResetWon;
            let stays = state == State::Applying && by_hand || state == State::Locked && !lifted;
            (!(too_late || stays)).then_some(State::Closed(*why))
        }
        Event::Prove { proof, .. } => {
            let rows: &[(Channel, State, ProofKind, State)] = &[
                (Channel::EmailLink, State::CodeIssued, ProofKind::Link, State::Verified),
                (Channel::EmailLink, State::CodeIssued, ProofKind::Code, State::Verified),
                (Channel::EmailLink, State::AwaitingCode, ProofKind::Link, State::Verified),
                (Channel::EmailLink, State::AwaitingFactor, ProofKind::Link, State::Verified),
                (Channel::EmailLink, State::Verified, ProofKind::Link, State::Verified),
                (Channel::AdminLink, State::CodeIssued, ProofKind::Link, State::Verified),
                (Channel::AdminLink, State::AwaitingCode, ProofKind::Link, State::Verified),
                (Channel::AdminLink, State::AwaitingFactor, ProofKind::Link, State::Verified),
                (Channel::AdminLink, State::Verified, ProofKind::Link, State::Verified),
                (Channel::WhatsAppCode, State::CodeIssued, ProofKind::Code, State::Verified),
                (inbound(InboundMode::PageAdvances), State::CodeIssued, ProofKind::Message, State::Verified),
                (inbound(InboundMode::PageAdvances), State::Verified, ProofKind::Claim, State::Verified),
                (inbound(InboundMode::TypeBack), State::CodeIssued, ProofKind::Message, State::MessageReceived),
                (inbound(InboundMode::TypeBack), State::MessageReceived, ProofKind::ReplyCode, State::Verified),
                (inbound(InboundMode::ContinueOnPhone), State::CodeIssued, ProofKind::Message, State::MessageReceived),
                (inbound(InboundMode::ContinueOnPhone), State::MessageReceived, ProofKind::Link, State::Verified),
                (inbound(InboundMode::ContinueOnPhone), State::AwaitingCode, ProofKind::Link, State::Verified),
                (inbound(InboundMode::ContinueOnPhone), State::AwaitingFactor, ProofKind::Link, State::Verified),
                (inbound(InboundMode::ContinueOnPhone), State::Verified, ProofKind::Link, State::Verified),
                (Channel::CurrentPassword, State::CodeIssued, ProofKind::CurrentPassword, State::Verified),
            ];
            let row = rows.iter().find(|row| (row.0, row.1, row.2) == (channel, state, *proof));
            let second = match (state, *proof) {
                (State::AwaitingCode, ProofKind::StepUpCode) | (State::AwaitingFactor, ProofKind::HostFactor) => {
                    Some(State::Verified)
                }
                _ => None,
            };
            row.map(|row| row.3).or(second)
        }
        Event::RequireStepUp { proof, wants, until } => {
            let first = !matches!(proof, ProofKind::StepUpCode | ProofKind::HostFactor | ProofKind::Message);
            let whole = expected(channel, state, &Event::Prove { proof: *proof, until: *until });
            let wanted = match wants {
                StepUp::Code => State::AwaitingCode,
                StepUp::HostFactor => State::AwaitingFactor,
            };
            (first && whole == Some(State::Verified)).then_some(wanted)
        }
    }
}

#[test]
fn every_pair_of_state_and_event_is_as_the_table_says() {
    let mut pairs = 0;
    for &channel in Channel::ALL {
        for &state in State::ALL {
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
                    stays_what_it_is(&before, &event);
                }
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 7 * 14 * 34);
}

/// A store writes neither what no step changes, nor the account but for the one step that binds it.
fn stays_what_it_is(before: &Reset, event: &Event) {
    let step = Step::new(before, event, at(2), Vec::new()).expect("allowed");
    let kept = |row: &StoredReset| {
        let asked = (row.id, row.channel, row.locale, row.identifier_kind, row.identifier.clone(), row.source);
        (asked, row.key_id.clone(), row.nonce, row.inbound_key, row.created_at, row.shown_until)
    };
    assert_eq!(kept(before.stored()), kept(step.after().stored()), "{event:?}");
    let bound = |row: &StoredReset| {
        row.binding.as_ref().map(|binding| {
            (binding.account().clone(), *binding.fingerprint(), binding.issued_at(), binding.contact().copied())
        })
    };
    assert_eq!(step.binds(), bound(before.stored()) != bound(step.after().stored()), "{event:?}");
}

#[test]
fn expired_resets_take_nothing_but_finish_and_close() {
    for &channel in Channel::ALL {
        for &state in State::ALL {
            for event in events() {
                let before = reset(channel, state, Some(ProofKind::Message));
                let allowed = next(&before, &event, before.expires_at()).is_ok();
                let late = matches!(event, Event::Finish { .. } | Event::Close(_));
                assert_eq!(allowed, late && expected(channel, state, &event).is_some(), "{state:?} {event:?}");
                let last_moment = before.expires_at() - Duration::from_millis(1);
                // A code that was sent for a second proof ends before its reset does.
                if matches!(event, Event::RequireStepUp { wants: StepUp::Code, .. }) && state == State::AwaitingCode {
                    continue;
                }
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
    let message_received = reset(page, State::Verified, Some(ProofKind::Message));
    let claimed = next(&message_received, &claim, at(2)).expect("the message is not claimed yet");
    assert!(next(&claimed, &claim, at(2)).is_err());
}

#[test]
fn opening_a_link_again_leaves_the_first_proof_on_record() {
    let typed = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Code));
    let opened = next(&typed, &Event::Prove { proof: ProofKind::Link, until: at(900) }, at(2)).expect("allowed");
    assert_eq!(opened.stored().proved_by, Some(ProofKind::Code));
}

#[test]
fn a_step_adds_and_removes_tasks() {
    let asked = reset(Channel::EmailLink, State::Requested, None);
    let issue = Event::Issue { binding: binding(), subject: digest(6) };
    let step = Step::new(&asked, &issue, at(2), Vec::new()).expect("allowed");
    assert_eq!((step.adds(), step.removes()), (Tasks::SEND, Tasks::RESOLVE));
    let proof = Event::Prove { proof: ProofKind::Link, until: at(900) };
    let proved = Step::new(step.after(), &proof, at(3), Vec::new()).expect("allowed");
    assert_eq!((proved.adds(), proved.removes()), (Tasks::NONE, Tasks::SEND));
    assert!(proved.refuses_expired() && !proved.closes_siblings());
}

#[test]
fn a_second_attempt_gets_its_own_check() {
    let verified = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    let first = Step::new(&verified, &apply(30), at(2), Vec::new()).expect("allowed");
    let second = Step::new(first.after(), &apply(40), at(12), Vec::new()).expect("allowed");
    assert_eq!((second.adds(), second.after().stored().due_at), (Tasks::FINISH, Some(at(40))));
    assert_eq!(second.after().stored().hash_digests.len(), 2);
}

#[test]
fn setting_at_once_leaves_the_tasks_of_setting_in_two_steps() {
    let before = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    let apply = apply(30);
    let was = crate::identity::account::Account::new("7", crate::identity::account::AccountStatus::Active);
    let change = PasswordChange::new(was, crate::identity::password_hash::PasswordHash::new("h"), at(2));
    let step = Step::apply(&before, &apply, &finish(None), change, at(2), Vec::new()).expect("allowed");
    let (_, at_once) = step.with_account().expect("both forms");
    assert_eq!(at_once.from_version(), before.version());
    assert!(at_once.refuses_expired() && at_once.closes_siblings());
    let in_two = next(step.after(), &finish(None), at(2)).expect("allowed");
    assert_eq!(at_once.after(), &in_two);
    assert_eq!(step.adds(), Tasks::FINISH);
    assert_eq!(at_once.adds(), Tasks::SESSIONS.and(Tasks::NOTICES));
}

fn issue(link: u64, code: u64) -> Event {
    let binding = Binding::new(AccountId::new("7"), digest(5), at(1), at(link), at(code));
    Event::Issue { binding, subject: digest(6) }
}

fn apply(check: u64) -> Event {
    Event::Apply { hash: digest(7), check_at: at(check), device: None }
}

fn finish(lockable_until: Option<u64>) -> Event {
    Event::Finish { lockable_until: lockable_until.map(at) }
}

fn half(wants: StepUp) -> Event {
    Event::RequireStepUp { proof: ProofKind::Link, wants, until: at(600) }
}

/// A proved reset with tasks, and when they are due.
fn proved(tasks: Tasks, due_at: Option<u64>) -> Reset {
    let mut reset = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    reset.row.tasks = tasks;
    reset.row.due_at = due_at.map(at);
    reset
}

#[test]
fn what_every_step_asks_of_a_store() {
    let proof = Event::Prove { proof: ProofKind::Link, until: at(900) };
    let requested = State::Requested;
    // Refuses expired rows; closes siblings.
    let asks = [
        (requested, issue(1_801, 601), (true, false)),
        (requested, Event::Suppress, (true, false)),
        (State::CodeIssued, proof.clone(), (true, false)),
        (State::Verified, proof, (true, false)),
        (State::Verified, apply(30), (true, false)),
        (State::CodeIssued, half(StepUp::Code), (true, false)),
        (State::Applying, finish(None), (false, true)),
        (State::PasswordSet, Event::Lock { until: at(9_000) }, (true, true)),
        (State::CodeIssued, Event::Close(CloseReason::Cancelled), (false, false)),
        (State::Verified, Event::Close(CloseReason::AttemptsExhausted), (false, false)),
        (State::Applying, Event::Close(CloseReason::AccountChanged), (false, false)),
        (State::Verified, Event::Close(CloseReason::OtherResetWon), (false, false)),
    ];
    for (state, event, expected) in asks {
        let before = reset(Channel::EmailLink, state, (state != State::Requested).then_some(ProofKind::Link));
        let step = Step::new(&before, &event, at(2), Vec::new()).expect("allowed");
        assert_eq!((step.refuses_expired(), step.closes_siblings()), expected, "{state:?} {event:?}");
        assert_eq!((step.from_version(), step.at()), (before.version(), at(2)));
        assert!(step.with_account().is_none());
    }
}

#[test]
fn closing_forgives_what_would_lead_to_a_password_and_nothing_else() {
    let tasks = [Tasks::RESOLVE, Tasks::SEND, Tasks::FINISH, Tasks::SESSIONS, Tasks::NOTICES];
    let all = tasks.into_iter().fold(Tasks::NONE, Tasks::and);
    let close = Event::Close(CloseReason::AccountChanged);
    let step = Step::new(&proved(all, Some(5)), &close, at(2), Vec::new()).expect("allowed");
    assert_eq!(step.after().tasks(), Tasks::SESSIONS.and(Tasks::NOTICES));
    assert_eq!((step.adds(), step.removes()), (Tasks::NONE, Tasks::RESOLVE.and(Tasks::SEND).and(Tasks::FINISH)));
}

#[test]
fn finishing_removes_the_check_and_adds_what_follows_at_once() {
    let applied = next(&proved(Tasks::NONE, None), &apply(32), at(2)).expect("allowed");
    let late = applied.expires_at() + Duration::from_secs(60);
    let step = Step::new(&applied, &finish(None), late, Vec::new()).expect("however late");
    assert_eq!((step.adds(), step.removes()), (Tasks::SESSIONS.and(Tasks::NOTICES), Tasks::FINISH));
    assert_eq!((step.after().set_at(), step.after().stored().due_at), (Some(late), Some(late)));
}

#[test]
fn a_reset_lives_until_the_last_of_what_was_issued_has_expired() {
    let asked = reset(Channel::EmailLink, State::Requested, None);
    assert_eq!(asked.expires_at(), at(1_800));
    for (link, code, expires) in [(1_801, 601, 1_801), (2_000, 3_000, 3_000), (900, 600, 1_800)] {
        let issued = next(&asked, &issue(link, code), at(2)).expect("allowed");
        assert_eq!(issued.expires_at(), at(expires), "{link} {code}");
        assert_eq!((issued.subject(), issued.stored().due_at), (&digest(6), Some(at(2))));
        assert_eq!(issued.shown_until(), asked.shown_until(), "what the requester token shows knows no account");
    }
    for (until, expires) in [(900, 1_800), (2_700, 2_700)] {
        let proof = Event::Prove { proof: ProofKind::Link, until: at(until) };
        assert_eq!(next(&proved(Tasks::NONE, None), &proof, at(2)).expect("allowed").expires_at(), at(expires));
    }
}

#[test]
fn a_channel_that_sends_nothing_when_issued_has_no_send_task() {
    let inbound = Channel::WhatsAppInbound(InboundMode::PageAdvances);
    for channel in [Channel::CurrentPassword, inbound] {
        let mut asked = reset(channel, State::Requested, None);
        asked.row.due_at = Some(at(1));
        let step = Step::new(&asked, &issue(1_801, 601), at(2), Vec::new()).expect("allowed");
        // A store leaves the time where a step adds no task.
        assert_eq!(
            (step.adds(), step.after().tasks(), step.after().stored().due_at),
            (Tasks::NONE, Tasks::NONE, Some(at(1)))
        );
    }
}

#[test]
fn the_check_for_a_password_delays_no_other_task_and_is_delayed_by_none() {
    let others = Tasks::SEND;
    let cases = [
        (Tasks::NONE, None, 32),
        (Tasks::NONE, Some(5), 32), // a time that is left over from a task that was acknowledged
        (Tasks::FINISH, Some(5), 32), // the look of an earlier try
        (others, Some(5), 5),
        (others, Some(100), 32),
        (others, None, 32),
        (others.and(Tasks::FINISH), Some(5), 5),
    ];
    for (tasks, due_at, expected) in cases {
        let step = Step::new(&proved(tasks, due_at), &apply(32), at(2), Vec::new()).expect("allowed");
        assert_eq!(step.after().stored().due_at, Some(at(expected)), "{tasks:?} {due_at:?}");
        assert_eq!((step.after().tasks(), step.adds()), (tasks.and(Tasks::FINISH), Tasks::FINISH));
    }
}

#[test]
fn a_reset_takes_so_many_hashes_and_no_more() {
    let mut reset = proved(Tasks::NONE, None);
    reset.row.hash_digests = vec![digest(8); 63];
    let full = next(&reset, &apply(32), at(2)).expect("the 64th");
    assert_eq!(full.stored().hash_digests.len(), 64);
    assert!(full.has_tried(&digest(7)) && full.has_tried(&digest(8)), "none is forgotten");
    let refused = next(&full, &apply(32), at(2)).expect_err("the 65th");
    assert_eq!((refused.state, refused.event), (State::Applying, "apply"));
    assert!(next(&full, &finish(None), at(2)).is_ok());
}

#[test]
fn a_version_that_cannot_be_raised_takes_no_step() {
    let mut last = proved(Tasks::NONE, None);
    last.row.version = i64::MAX;
    assert!(next(&last, &apply(32), at(2)).is_err());
}

#[test]
fn a_partial_proof_adds_the_step_up_code_once() {
    let issued = reset(Channel::EmailLink, State::CodeIssued, None);
    let step = Step::new(&issued, &half(StepUp::Code), at(2), Vec::new()).expect("allowed");
    let waits = step.after();
    let row = waits.stored();
    assert_eq!((step.adds(), row.proved_by, row.step_up), (Tasks::STEP_UP_CODE, Some(ProofKind::Link), None));
    assert_eq!(waits.binding().map(|binding| (binding.link_until(), binding.code_until())), Some((at(1_801), at(600))));
    // Pressed again, it is the same code, and only while that lives.
    let again = Step::new(waits, &half(StepUp::Code), at(3), Vec::new()).expect("allowed");
    assert_eq!((again.adds(), again.after().binding()), (Tasks::NONE, waits.binding()));
    assert!(next(waits, &half(StepUp::Code), at(600)).is_err());
    let second = Event::Prove { proof: ProofKind::StepUpCode, until: at(900) };
    let both = Step::new(waits, &second, at(4), Vec::new()).expect("allowed");
    assert_eq!((both.removes(), both.after().state()), (Tasks::STEP_UP_CODE, State::Verified));
    assert_eq!(
        (both.after().stored().proved_by, both.after().stored().step_up),
        (Some(ProofKind::Link), Some(ProofKind::StepUpCode))
    );
    // The link alone, once more: both are wanted again.
    let half_again = Step::new(both.after(), &half(StepUp::Code), at(5), Vec::new()).expect("allowed");
    assert_eq!((half_again.adds(), half_again.after().stored().step_up), (Tasks::STEP_UP_CODE, None));
    let factor = next(waits, &half(StepUp::HostFactor), at(6)).expect("the risk policy may change its mind");
    assert_eq!((factor.state(), factor.tasks()), (State::AwaitingFactor, Tasks::NONE));
}

#[test]
fn a_cancelled_reset_has_notices_and_one_that_ends_otherwise_has_none() {
    for (why, pending) in [
        (CloseReason::Cancelled, Tasks::NOTICES),
        (CloseReason::ContactChanged, Tasks::NOTICES),
        (CloseReason::AttemptsExhausted, Tasks::NONE),
        (CloseReason::AccountChanged, Tasks::NONE),
        (CloseReason::OtherResetWon, Tasks::NONE),
    ] {
        let with_tasks = proved(Tasks::SEND.and(Tasks::LIVE_NOTICES).and(Tasks::STEP_UP_CODE), Some(5));
        assert_eq!(next(&with_tasks, &Event::Close(why), at(2)).expect("allowed").tasks(), pending, "{why:?}");
    }
    let unknown = reset(Channel::EmailLink, State::Requested, None);
    let closed = next(&unknown, &Event::Close(CloseReason::Cancelled), at(2)).expect("allowed");
    assert_eq!(closed.tasks(), Tasks::NONE, "there is no account to notify");
}

#[test]
fn a_step_carries_where_it_came_from_into_both_of_its_forms() {
    let before = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    let was = crate::identity::account::Account::new("7", crate::identity::account::AccountStatus::Active);
    let change = PasswordChange::new(was, crate::identity::password_hash::PasswordHash::new("h"), at(2));
    let apply = Event::Apply { hash: digest(7), check_at: at(30), device: Some("x".repeat(100)) };
    let step = Step::apply(&before, &apply, &finish(Some(9_000)), change, at(2), Vec::new()).expect("allowed");
    let (_, at_once) = step.with_account().expect("both forms");
    let device = Some("x".repeat(80));
    assert_eq!((&step.after().stored().device, &at_once.after().stored().device), (&device, &device));
    assert_eq!((step.after().expires_at(), at_once.after().expires_at()), (at(1_800), at(9_000)));
}
