//! Rows, quotas and attempts.

use std::time::Duration;

use password_reset::flow::{AuditEvent, AuditRow, CloseReason, Event, Reset, State, next};
use password_reset::ports::{
    Ack, Acknowledged, Attempt, AttemptKind, Attempted, Digest, Due, Leased, Opened, PermitTaken, Quota, ResetStore,
};
use password_reset::{AccountId, CallingCode, Channel, Identifier, Locale, ResetId, StepUp};

use super::{StoreFixture, acknowledged, counted, loaded, moved, newest, stored};
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
        for locale in [Locale::ENGLISH, Locale::INDONESIAN, Locale::ARABIC] {
            for &channel in Channel::ALL {
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
    for &wants in StepUp::ALL {
        let reset = stored(&*store, sample::issued(&account, at)).await;
        let first = sample::require_step_up(&reset, wants, after(at, 1));
        assert_eq!(moved(&*store, &first).await, *first.after(), "after a first proof");
        let prove = sample::prove(first.after(), after(at, 2));
        assert_eq!(moved(&*store, &prove).await, *prove.after(), "after the step-up");
        let words = "Peramban \u{201c}a\u{201d} di ponsel, o'neil".repeat(4);
        let apply = sample::step(
            prove.after(),
            &Event::Apply { hash: sample::digest(), check_at: at, device: Some(words) },
            after(at, 3),
        );
        assert_eq!(moved(&*store, &apply).await, *apply.after(), "with where it came from");
        let finish =
            sample::step(apply.after(), &Event::Finish { lockable_until: Some(after(at, 86_400_000)) }, after(at, 4));
        assert_eq!(moved(&*store, &finish).await, *finish.after(), "with the time in which it can be locked");
        let lock = sample::lock(finish.after(), after(at, 5));
        assert_eq!(moved(&*store, &lock).await, *lock.after(), "after it was locked");
        assert_eq!(loaded(&*other, lock.after()).await, *lock.after());
    }
    let reset = stored(&*store, sample::requested(at)).await;
    let suppress = sample::step(&reset, &Event::Suppress, at);
    assert_eq!(moved(&*store, &suppress).await, *suppress.after(), "after it was suppressed");
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
    let source = source(sample::digest(), 1, 0);
    let audit = [sample::audit(AuditEvent::Requested, &second, noon()).account(&account)];
    for permit in [Some(&source), None] {
        let refused = store.open(&second, permit, None, &audit).await.expect_err("an id that is taken must be refused");
        assert!(!refused.is_transient(), "it stays taken: {refused}");
    }
    assert_eq!(loaded(&*store, &first).await, first);
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
    // Nor was the permit of the source taken.
    let third = sample::requested(noon());
    assert_eq!(store.open(&third, Some(&source), None, &[]).await.unwrap(), Opened::Stored);
}

/// The audit rows of `open` are there when the reset is.
pub async fn opening_writes_its_audit_rows(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let reset = sample::requested(noon());
    let row = sample::audit(AuditEvent::Requested, &reset, noon()).account(&account).detail("form");
    store.open(&reset, None, None, std::slice::from_ref(&row)).await.unwrap();
    assert_eq!(store.audit(&newest(&account, 10)).await.unwrap(), [row]);
}

async fn open_from(store: &dyn ResetStore, source: &Quota) -> (Opened, bool, usize) {
    let account = sample::account_id();
    let reset = sample::requested(source.at);
    let row = sample::audit(AuditEvent::Requested, &reset, source.at).account(&account);
    let opened = store.open(&reset, Some(source), None, &[row]).await.unwrap();
    let found = store.load(reset.id()).await.unwrap().is_some();
    (opened, found, store.audit(&newest(&account, 10)).await.unwrap().len())
}

fn source(key: Digest, burst: u32, millis: i64) -> Quota {
    Quota::new(key, burst, Duration::from_secs(60), after(noon(), millis))
}

/// A source gets as many resets as its quota has permits; without one there is neither row nor audit row.
pub async fn a_source_over_its_limit_stores_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let key = sample::digest();
    for _ in 0..3 {
        assert_eq!(open_from(&*store, &source(key, 3, 0)).await, (Opened::Stored, true, 1));
    }
    let next_at = after(noon(), 60_000);
    for millis in [0, 59_999] {
        let limited = open_from(&*store, &source(key, 3, millis)).await;
        assert_eq!(limited, (Opened::RateLimited { next_at }, false, 0));
    }
    assert_eq!(open_from(&*store, &source(sample::digest(), 3, 0)).await.0, Opened::Stored, "sources do not share");
    assert_eq!(open_from(&*store, &source(key, 3, 60_000)).await, (Opened::Stored, true, 1), "one more came");
    let closed = open_from(&*store, &source(sample::digest(), 0, 0)).await;
    assert!(matches!(closed, (Opened::RateLimited { .. }, false, 0)), "a burst of zero lets nothing in");
    // A smaller burst of the same quota is used up earlier, and takes nothing away.
    assert!(matches!(open_from(&*store, &source(key, 2, 60_000)).await.0, Opened::RateLimited { .. }));
    // Without a quota nothing is limited.
    stored(&*store, sample::requested(noon())).await;
}

/// Attempts of each kind count by themselves up to the limit, and not beyond; nothing else of the row changes.
pub async fn attempts_are_counted_up_to_the_limit(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let before = stored(&*store, sample::issued(&sample::account_id(), noon())).await;
    for kind in KINDS {
        let attempt = |limit| Attempt::new(before.id(), kind, limit);
        let limited = async |limit| matches!(store.attempt(&attempt(limit)).await.unwrap(), Attempted::LimitReached);
        assert!(limited(0).await, "none are allowed");
        for count in 1..=3 {
            let (reset, permits) = counted(&*store, &attempt(3)).await;
            assert_eq!((count_of(&reset, kind), permits), (count, Vec::new()));
            assert_eq!(reset, loaded(&*store, &before).await, "the row after counting is the row that is stored");
        }
        assert!(limited(1).await && limited(3).await);
        // A higher limit finds what was counted, and only that.
        counted(&*store, &attempt(4)).await;
    }
    let expected = sample::altered(&before, |row| {
        (row.code_attempts, row.step_up_attempts, row.completion_attempts) = (4, 4, 4);
    });
    assert_eq!(loaded(&*store, &before).await, expected, "counting changes the counters and nothing else");
}

const KINDS: [AttemptKind; 3] = [AttemptKind::Code, AttemptKind::StepUp, AttemptKind::Completion];

fn count_of(reset: &Reset, kind: AttemptKind) -> u32 {
    match kind {
        AttemptKind::Code => reset.stored().code_attempts,
        AttemptKind::StepUp => reset.stored().step_up_attempts,
        AttemptKind::Completion => reset.stored().completion_attempts,
    }
}

/// A reset that does not exist has no attempts, and they take no permit.
pub async fn attempts_of_an_unknown_reset_are_not_counted(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let quota = source(sample::digest(), 1, 0);
    for kind in KINDS {
        let attempt = Attempt::new(ResetId::from_bytes([7; 16]), kind, 5).taking([quota]);
        assert!(matches!(store.attempt(&attempt).await.unwrap(), Attempted::Unknown));
    }
    assert!(matches!(store.take_permit(&quota).await.unwrap(), PermitTaken::Granted { .. }));
}

/// An attempt takes a permit of each of its quotas that has one, is counted also where one has none, and takes none at the
/// limit. Quotas span resets.
pub async fn an_attempt_takes_a_permit_of_each_quota(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = sample::account_id();
    let first = stored(&*store, sample::issued(&account, noon())).await;
    let second = stored(&*store, sample::issued(&account, noon())).await;
    let (one, two) = (source(sample::digest(), 1, 0), source(sample::digest(), 2, 0));
    let attempt = |reset: &Reset, limit| Attempt::new(reset.id(), AttemptKind::Code, limit).taking([one, two]);
    let next_at = after(noon(), 60_000);
    let (granted, last) = (PermitTaken::Granted { next_at: None }, PermitTaken::Granted { next_at: Some(next_at) });
    let limited = PermitTaken::RateLimited { next_at };
    assert_eq!(counted(&*store, &attempt(&first, 5)).await.1, [last, granted]);
    assert!(matches!(store.attempt(&attempt(&first, 1)).await.unwrap(), Attempted::LimitReached));
    assert_eq!(counted(&*other, &attempt(&second, 5)).await.1, [limited, last]);
    let (reset, permits) = counted(&*store, &attempt(&first, 5)).await;
    assert_eq!((reset.stored().code_attempts, permits), (2, vec![limited, limited]));
}

/// A quota that is refilled is full again, and no other is.
pub async fn quotas_are_refilled(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let quotas = [source(sample::digest(), 1, 0), source(sample::digest(), 1, 0), source(sample::digest(), 1, 0)];
    for quota in &quotas {
        store.take_permit(quota).await.unwrap();
    }
    store.refill(&[quotas[0].key, quotas[2].key, sample::digest()]).await.unwrap();
    store.refill(&[]).await.unwrap();
    for (at, quota) in quotas.iter().enumerate() {
        let granted = matches!(store.take_permit(quota).await.unwrap(), PermitTaken::Granted { .. });
        assert_eq!(granted, at != 1);
    }
}

/// The contacts whose last outcome is that they do not exist, the locked resets, and when quotas are full again: of this
/// account, in the order that was asked for.
pub async fn the_state_of_an_account_is_its_own(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let (account, another) = (sample::account_id(), sample::account_id());
    let (fails, mended) = (sample::digest(), sample::digest());
    let about =
        |account, contact, event, millis| AuditRow::new(after(noon(), millis), event).account(account).contact(contact);
    for row in [
        about(&account, fails, AuditEvent::Sent, 0),
        about(&account, fails, AuditEvent::NoSuchContact, 1),
        about(&account, mended, AuditEvent::NoSuchContact, 0),
        about(&account, mended, AuditEvent::Sent, 1),
        about(&another, mended, AuditEvent::NoSuchContact, 2),
    ] {
        store.record(&row).await.unwrap();
    }
    let set = |account| sample::finish(&sample::applying(account, noon()), noon()).after().clone();
    let locked = stored(&*store, sample::lock(&set(&account), noon()).after().clone()).await;
    stored(&*store, sample::lock(&set(&another), noon()).after().clone()).await;
    stored(&*store, sample::issued(&account, noon())).await;
    let (taken, full) = (source(sample::digest(), 3, 0), sample::digest());
    store.take_permit(&taken).await.unwrap();
    let state = other.account_state(&account, &[full, taken.key], noon()).await.unwrap();
    assert_eq!((state.failing, state.locked), (vec![fails], vec![locked.clone()]));
    assert_eq!(state.full_at, [None, Some(after(noon(), 60_000))]);
    let late = other.account_state(&account, &[], locked.expires_at()).await.unwrap();
    assert!(late.locked.is_empty() && late.full_at.is_empty(), "a lock ends when it expires");
    let none = other.account_state(&sample::account_id(), &[full], noon()).await.unwrap();
    assert!(none.failing.is_empty() && none.locked.is_empty() && none.full_at == [None]);
}

/// A row that is opened under a lease is the opener's until the lease runs out, and its first lease is number 1.
pub async fn a_row_that_is_opened_under_a_lease_is_not_due(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let reset = sample::requested(noon());
    let until = after(noon(), 10_000);
    assert_eq!(store.open(&reset, None, Some(until), &[]).await.unwrap(), Opened::Stored);
    assert_eq!(loaded(&*store, &reset).await, reset);
    let due = async |millis| {
        let at = after(noon(), millis);
        other.lease(&Due::new(at, after(at, 60_000), 10)).await.unwrap()
    };
    assert!(due(9_999).await.is_empty());
    let mut ack = Ack::new(&Leased::new(reset.clone(), 1), noon());
    ack.retry_at = after(noon(), 5);
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done, "the opener holds lease 1");
    assert_eq!(due(5).await.len(), 1);
}
