//! Rows, sources and tries.

use std::time::Duration;

use password_reset::flow::{Event, next};
use password_reset::ports::{AttemptKind, Counted, Opened, ResetStore, SourceCount};
use password_reset::{
    AccountId, AuditEvent, CallingCode, Channel, CloseReason, Identifier, Locale, Reset, ResetId, State, StepUp,
};

use super::{StoreFixture, loaded, moved, stored};
use crate::sample::{self, after, noon};

/// Every column of every channel, kind of name, language and state is read as it was written, to the millisecond.
pub async fn every_column_comes_back(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    // A time between two milliseconds, a name and an account that SQL would trip over.
    let at = noon() + Duration::from_nanos(456_789);
    let account = AccountId::new("o'neil\"; drop table resets; -- \u{a66e}\u{1f511}");
    let names = [
        Identifier::email("o'neil+x@example.com").unwrap(),
        Identifier::username("'; drop table resets; -- %_\\ \u{e9}\u{a66e}").unwrap(),
        Identifier::phone("0812-0000-0001", CallingCode::INDONESIA).unwrap(),
    ];
    let reasons = [
        CloseReason::Cancelled,
        CloseReason::AttemptsExhausted,
        CloseReason::AccountChanged,
        CloseReason::OtherResetWon,
        CloseReason::ContactChanged,
    ];
    for name in &names {
        for locale in Locale::ALL {
            for channel in Channel::ALL {
                let mut new = sample::new_reset(at);
                (new.identifier, new.locale, new.channel) = (name.clone(), locale, channel);
                new.inbound_key = channel.is_inbound().then(sample::digest);
                let mut reset = stored(&*store, Reset::open(new)).await;
                assert_eq!(loaded(&*other, &reset).await, reset, "as it was opened");
                let issue = sample::issue(&reset, &account, at);
                reset = moved(&*store, &issue).await;
                assert_eq!(reset, *issue.after(), "after it was issued");
                while reset.state() != State::Verified {
                    let prove = sample::prove(&reset, after(at, 1));
                    reset = moved(&*store, &prove).await;
                    assert_eq!(reset, *prove.after(), "after a proof");
                }
                for _ in 0..3 {
                    let apply = sample::apply(&reset, after(at, 2));
                    reset = moved(&*store, &apply).await;
                    assert_eq!(reset, *apply.after(), "after a hash");
                }
                let finish = sample::finish(&reset, after(at, 3));
                reset = moved(&*store, &finish).await;
                assert_eq!(reset, *finish.after(), "after the password was set");
                assert_eq!(loaded(&*other, &reset).await, reset);
            }
        }
    }
    for reason in reasons {
        for reset in [sample::requested(at), sample::issued(&account, at), sample::applying(&account, at)] {
            let reset = stored(&*store, reset).await;
            assert_eq!(loaded(&*store, &reset).await, reset, "opened in any state");
            if next(&reset, &Event::Close(reason), at).is_err() {
                continue;
            }
            let close = sample::close(&reset, reason, at);
            assert_eq!(moved(&*store, &close).await, *close.after(), "after it was closed");
        }
    }
    for wants in StepUp::ALL {
        let reset = stored(&*store, sample::issued(&account, at)).await;
        let half = sample::require_step_up(&reset, wants, after(at, 1));
        assert_eq!(moved(&*store, &half).await, *half.after(), "after half a proof");
        let prove = sample::prove(half.after(), after(at, 2));
        assert_eq!(moved(&*store, &prove).await, *prove.after(), "after the other half");
        let words = "Peramban \u{201c}a\u{201d} di ponsel, o'neil".repeat(4);
        let apply = sample::apply(prove.after(), after(at, 3)).from_device(Some(&words));
        assert_eq!(moved(&*store, &apply).await, *apply.after(), "with where it came from");
        let finish = sample::finish(apply.after(), after(at, 4)).lockable_until(after(at, 86_400_000));
        assert_eq!(moved(&*store, &finish).await, *finish.after(), "with the time to undo it");
        let lock = sample::lock(finish.after(), after(at, 5));
        assert_eq!(moved(&*store, &lock).await, *lock.after(), "after it was undone");
        assert_eq!(loaded(&*other, lock.after()).await, *lock.after());
    }
    let reset = stored(&*store, sample::requested(at)).await;
    let suppress = sample::step(&reset, &Event::Suppress, at);
    assert_eq!(moved(&*store, &suppress).await, *suppress.after(), "after it was held");
}

/// A reset that was never stored is `None`.
pub async fn a_reset_that_is_not_there_is_not_found(fixture: &impl StoreFixture) {
    let store = fixture.store();
    stored(&*store, sample::requested(noon())).await;
    assert!(store.load(ResetId::from_bytes([7; 16])).await.unwrap().is_none());
}

/// A second reset with the id of a first is an error, and neither the first nor anything else changes.
pub async fn an_id_is_taken_once(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let first = stored(&*store, sample::requested(noon())).await;
    let mut second = sample::new_reset(noon());
    second.id = first.id();
    let second = Reset::open(second);
    let source = SourceCount::new(sample::digest(), 1, Duration::from_secs(3600), noon());
    let audit = [sample::audit(AuditEvent::Requested, &second, noon()).account(&account)];
    store.open(&second, Some(&source), &audit).await.expect_err("an id that is taken must be refused");
    assert_eq!(loaded(&*store, &first).await, first);
    assert!(store.history(&account, 10).await.unwrap().is_empty());
    // Nor was the source counted: its one request is still to be had.
    let third = sample::requested(noon());
    assert_eq!(store.open(&third, Some(&source), &[]).await.unwrap(), Opened::Stored);
}

/// The audit rows of `open` are there when the reset is.
pub async fn opening_writes_its_audit_rows(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let reset = sample::requested(noon());
    let row = sample::audit(AuditEvent::Requested, &reset, noon()).account(&account).detail("form");
    store.open(&reset, None, std::slice::from_ref(&row)).await.unwrap();
    assert_eq!(store.history(&account, 10).await.unwrap(), [row]);
}

async fn open_from(store: &dyn ResetStore, source: &SourceCount) -> (Opened, bool, usize) {
    let account = sample::account_id();
    let reset = sample::requested(source.at);
    let row = sample::audit(AuditEvent::Requested, &reset, source.at).account(&account);
    let opened = store.open(&reset, Some(source), &[row]).await.unwrap();
    let found = store.load(reset.id()).await.unwrap().is_some();
    (opened, found, store.history(&account, 10).await.unwrap().len())
}

/// A source gets as many resets a window as its limit says; over it there is neither row nor audit row.
pub async fn a_source_over_its_limit_stores_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let source = SourceCount::new(sample::digest(), 3, Duration::from_secs(3600), noon());
    for _ in 0..3 {
        assert_eq!(open_from(&*store, &source).await, (Opened::Stored, true, 1));
    }
    for _ in 0..2 {
        assert_eq!(open_from(&*store, &source).await, (Opened::RateLimited, false, 0));
    }
    let another = SourceCount::new(sample::digest(), 3, Duration::from_secs(3600), noon());
    assert_eq!(open_from(&*store, &another).await, (Opened::Stored, true, 1), "sources do not share");
    let closed = SourceCount::new(sample::digest(), 0, Duration::from_secs(3600), noon());
    assert_eq!(open_from(&*store, &closed).await, (Opened::RateLimited, false, 0), "a limit of zero lets nothing in");
    // Without a source nothing is counted, and nothing limited.
    stored(&*store, sample::requested(noon())).await;
}

/// A window counts from its start to the millisecond before its end.
pub async fn a_window_ends_when_it_says(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let digest = sample::digest();
    let at = |at| SourceCount::new(digest, 1, Duration::from_secs(3600), at);
    let window = at(noon());
    assert_eq!(open_from(&*store, &at(window.window_start())).await.0, Opened::Stored);
    assert_eq!(open_from(&*store, &at(after(window.window_end(), -1))).await.0, Opened::RateLimited);
    assert_eq!(open_from(&*store, &at(window.window_end())).await.0, Opened::Stored);
    assert_eq!(open_from(&*store, &at(after(window.window_start(), -1))).await.0, Opened::Stored);
}

/// Tries of each kind count by themselves up to the limit, and not beyond; nothing else of the row changes (R29).
pub async fn tries_are_counted_up_to_the_limit(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let before = stored(&*store, sample::issued(&sample::account_id(), noon())).await;
    for kind in [AttemptKind::Code, AttemptKind::Completion] {
        assert!(
            matches!(store.count_attempt(before.id(), kind, 0).await.unwrap(), Counted::LimitReached),
            "none are allowed"
        );
        for count in 1..=3 {
            let Counted::Yes { reset, run } = store.count_attempt(before.id(), kind, 3).await.unwrap() else {
                panic!("try {count} of 3 must be counted");
            };
            let (attempts, expected_failures) = match kind {
                AttemptKind::Code => (reset.code_attempts(), count),
                _ => (reset.completion_attempts(), 0),
            };
            assert_eq!((attempts, run), (count, expected_failures));
            assert_eq!(*reset, loaded(&*store, &before).await, "the row after counting is the row that is stored");
        }
        for limit in [1, 3] {
            assert!(matches!(store.count_attempt(before.id(), kind, limit).await.unwrap(), Counted::LimitReached));
        }
        // A higher limit finds what was counted, and only that.
        let Counted::Yes { .. } = store.count_attempt(before.id(), kind, 4).await.unwrap() else {
            panic!("a fourth try under a limit of 4 must be counted");
        };
    }
    let expected = sample::altered(&before, |row| (row.code_attempts, row.completion_attempts) = (4, 4));
    assert_eq!(loaded(&*store, &before).await, expected, "counting changes the counters and nothing else");
}

/// A reset that does not exist has no tries.
pub async fn tries_of_an_unknown_reset_are_not_counted(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for kind in [AttemptKind::Code, AttemptKind::Completion] {
        let counted = store.count_attempt(ResetId::from_bytes([7; 16]), kind, 5).await.unwrap();
        assert!(matches!(counted, Counted::Unknown));
    }
}

async fn failures_of(store: &dyn ResetStore, reset: &Reset) -> u32 {
    match store.count_attempt(reset.id(), AttemptKind::Code, 100).await.unwrap() {
        Counted::Yes { run, .. } => run,
        other => panic!("the try must be counted, not {other:?}"),
    }
}

/// The run of wrong codes belongs to the subject: a new reset does not start it again (R41), and tries that were not
/// counted, or were no codes, do not raise it.
pub async fn a_run_spans_the_resets_of_a_subject(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (account, another) = (sample::account_id(), sample::account_id());
    let first = stored(&*store, sample::issued(&account, noon())).await;
    let second = stored(&*store, sample::issued(&account, noon())).await;
    let foreign = stored(&*store, sample::issued(&another, noon())).await;
    assert_eq!(failures_of(&*store, &first).await, 1);
    assert_eq!(failures_of(&*store, &second).await, 2);
    assert!(matches!(store.count_attempt(second.id(), AttemptKind::Code, 1).await.unwrap(), Counted::LimitReached));
    assert!(matches!(
        store.count_attempt(second.id(), AttemptKind::Completion, 9).await.unwrap(),
        Counted::Yes { run: 0, .. }
    ));
    assert_eq!(failures_of(&*store, &foreign).await, 1);
    assert_eq!(failures_of(&*store, &first).await, 3);
    // Before the account is known, what was typed is the subject.
    let unknown = stored(&*store, sample::requested(noon())).await;
    assert_eq!(failures_of(&*store, &unknown).await, 1);
    moved(&*store, &sample::issue(&unknown, &account, noon())).await;
    assert_eq!(failures_of(&*store, &unknown).await, 4);
}

/// Clearing a run clears that run, and not the tries of a reset.
pub async fn a_run_is_cleared(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (account, another) = (sample::account_id(), sample::account_id());
    let reset = stored(&*store, sample::issued(&account, noon())).await;
    let foreign = stored(&*store, sample::issued(&another, noon())).await;
    for run in 1..=2 {
        assert_eq!(failures_of(&*store, &reset).await, run);
        assert_eq!(failures_of(&*store, &foreign).await, run);
    }
    store.clear_failures(reset.subject()).await.unwrap();
    store.clear_failures(reset.subject()).await.unwrap();
    assert_eq!(failures_of(&*store, &reset).await, 1);
    assert_eq!(failures_of(&*store, &foreign).await, 3);
    assert_eq!(loaded(&*store, &reset).await.code_attempts(), 3);
}
