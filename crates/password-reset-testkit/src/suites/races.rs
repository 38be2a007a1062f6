//! What must hold when many come at once.
//!
//! Every task waits at a barrier, so that they start at one moment; half of them come from another node. A round may
//! go well by chance, so there are many.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use password_reset::ResetId;
use password_reset::flow::{AuditEvent, CloseReason, Reset, State, Step, Tasks};
use password_reset::ports::{
    Ack, Acknowledged, Attempt, AttemptKind, Attempted, Due, Opened, PermitTaken, Quota, ResetStore, Transitioned,
};

use super::fixtures::node;
use super::{StoreFixture, acknowledged, all_at_once, counted, loaded, newest, stored};
use crate::sample::{self, after, noon};

const TASKS: usize = 64;
const ROUNDS: usize = 20;

/// Carries out one step for each task, all at once.
async fn transition_all(fixture: &impl StoreFixture, steps: Vec<Step>) -> Vec<Transitioned> {
    let steps = Arc::new(steps);
    all_at_once(steps.len(), |number| {
        let (store, steps) = (node(fixture, number), Arc::clone(&steps));
        async move { store.transition(&steps[number]).await.expect("transition must succeed, also under contention") }
    })
    .await
}

fn count_of(results: &[Transitioned], expected: Transitioned) -> usize {
    results.iter().filter(|result| **result == expected).count()
}

/// One secret brought many times at once: the step is taken once.
pub async fn one_of_many_equal_steps_is_taken(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let account = sample::account_id();
        let reset = stored(&*store, sample::issued(&account, noon())).await;
        let step = sample::prove(&reset, noon());
        let results = transition_all(fixture, vec![step.clone(); TASKS]).await;
        assert_eq!(count_of(&results, Transitioned::Moved { lease: None }), 1);
        assert_eq!(count_of(&results, Transitioned::Conflict), TASKS - 1);
        assert_eq!(loaded(&*store, &reset).await, *step.after());
        assert_eq!(store.audit(&newest(&account, 100)).await.unwrap().len(), 1, "one audit row for the one step");
    }
}

/// A proof, a password and a cancellation at once: one of them is taken, and the row is that one's.
pub async fn one_of_many_different_steps_is_taken(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let reset = stored(&*store, sample::verified(&sample::account_id(), noon())).await;
        let steps: Vec<Step> = (0..TASKS)
            .map(|number| match number % 3 {
                0 => sample::prove(&reset, after(noon(), i64::try_from(number).unwrap())),
                1 => sample::apply(&reset, noon()),
                _ => sample::close(&reset, CloseReason::Cancelled, noon()),
            })
            .collect();
        let results = transition_all(fixture, steps.clone()).await;
        assert_eq!(count_of(&results, Transitioned::Moved { lease: None }), 1);
        assert_eq!(count_of(&results, Transitioned::Conflict), TASKS - 1);
        let winner = results.iter().position(|result| *result == Transitioned::Moved { lease: None }).unwrap();
        assert_eq!(loaded(&*store, &reset).await, *steps[winner].after());
    }
}

/// All resets of one account finish at once: exactly one sets the password, and all others are closed.
pub async fn one_of_many_resets_sets_the_password(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let account = sample::account_id();
        let mut resets = Vec::new();
        for _ in 0..TASKS {
            resets.push(stored(&*store, sample::applying(&account, noon())).await);
        }
        let steps = resets.iter().map(|reset| sample::finish(reset, after(noon(), 1))).collect();
        let results = transition_all(fixture, steps).await;
        assert_eq!(
            count_of(&results, Transitioned::Moved { lease: None }),
            1,
            "exactly one of all secrets of an account sets a password"
        );
        assert_eq!(count_of(&results, Transitioned::Conflict), TASKS - 1);
        for (before, result) in resets.iter().zip(results) {
            let reset = loaded(&*store, before).await;
            let (state, tasks) = match result {
                Transitioned::Moved { lease: None } => (State::PasswordSet, Tasks::SESSIONS.and(Tasks::NOTICES)),
                _ => (State::Closed(CloseReason::OtherResetWon), Tasks::NONE),
            };
            assert_eq!((reset.state(), reset.tasks(), reset.version()), (state, tasks, before.version() + 1));
        }
        let history = store.audit(&newest(&account, 1_000)).await.unwrap();
        let count = |event| history.iter().filter(|row| row.event == event).count();
        assert_eq!((count(AuditEvent::PasswordSet), count(AuditEvent::Closed)), (1, TASKS - 1));
    }
}

/// Resets are issued while another reset of the account finishes. One that was issued before the finish began is
/// closed by it. One whose issue began after the finish was done is not: its fingerprint is of the account as it is now, or
/// it fails by it. One in between is either, and whole: closed with an audit row, or issued without one.
pub async fn a_sibling_is_closed_if_it_was_there(fixture: &impl StoreFixture) {
    const NOT_YET: usize = 0;
    const BEGUN: usize = 1;
    const DONE: usize = 2;
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let account = sample::account_id();
        let winner = stored(&*store, sample::applying(&account, noon())).await;
        let mut resets = vec![winner];
        for _ in 1..TASKS {
            resets.push(stored(&*store, sample::requested(noon())).await);
        }
        let resets = Arc::new(resets);
        let finish = Arc::new(AtomicUsize::new(NOT_YET));
        let results = all_at_once(TASKS, |number| {
            let (store, resets, finish) = (node(fixture, number), Arc::clone(&resets), Arc::clone(&finish));
            let account = account.clone();
            async move {
                let reset = &resets[number];
                let before = finish.load(Ordering::SeqCst);
                let advanced = if number == 0 {
                    let step = sample::finish(reset, noon());
                    finish.store(BEGUN, Ordering::SeqCst);
                    let advanced = store.transition(&step).await;
                    finish.store(DONE, Ordering::SeqCst);
                    advanced
                } else {
                    store.transition(&sample::issue(reset, &account, noon())).await
                };
                assert_eq!(advanced.unwrap(), Transitioned::Moved { lease: None }, "none of these is in another's way");
                (before, finish.load(Ordering::SeqCst))
            }
        })
        .await;
        let history = store.audit(&newest(&account, 1_000)).await.unwrap();
        for (reset, (before, afterwards)) in resets.iter().zip(results).skip(1) {
            let now = loaded(&*store, reset).await;
            let closed = now.state() == State::Closed(CloseReason::OtherResetWon);
            if afterwards == NOT_YET {
                assert!(closed, "it was issued before the other finished, and must be closed");
            }
            if before == DONE {
                assert!(!closed, "it was issued after the other had finished, and must not be closed");
            }
            let noted = history.iter().any(|row| row.event == AuditEvent::Closed && row.reset == Some(now.id()));
            let expected = if closed { (3, true, Tasks::NONE) } else { (2, false, Tasks::SEND) };
            assert_eq!((now.version(), noted, now.tasks()), expected, "in the state {:?}", now.state());
        }
    }
}

/// A thousand guesses at once on a limit of five: five are counted, so no more than five are ever compared.
pub async fn no_more_attempts_than_the_limit(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for kind in [AttemptKind::Code, AttemptKind::Completion] {
        let reset = stored(&*store, sample::issued(&sample::account_id(), noon())).await;
        let id = reset.id();
        let results = all_at_once(1_000, |number| {
            let store = node(fixture, number);
            async move {
                store.attempt(&Attempt::new(id, kind, 5)).await.expect("counting must succeed, also under contention")
            }
        })
        .await;
        let mut counts = BTreeSet::new();
        let mut spent = 0;
        for result in &results {
            match result {
                Attempted::Counted { loaded, .. } => {
                    let reset = &loaded.reset;
                    let attempts = if kind == AttemptKind::Code {
                        reset.stored().code_attempts
                    } else {
                        reset.stored().completion_attempts
                    };
                    assert!(counts.insert(attempts), "two tries were told the same count");
                }
                Attempted::LimitReached => spent += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((counts, spent), ((1..=5).collect(), 995));
        let now = loaded(&*store, &reset).await;
        assert_eq!(now.stored().code_attempts + now.stored().completion_attempts, 5);
        assert_eq!(now.version(), reset.version());
    }
}

/// Wrong codes on many resets of one account at once: as many find a permit as its quota has.
pub async fn no_more_attempts_than_a_quota_has_permits(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let account = sample::account_id();
        let mut ids = Vec::new();
        for _ in 0..8 {
            ids.push(stored(&*store, sample::issued(&account, noon())).await.id());
        }
        let quota = Quota::new(sample::subject(&account), 50, Duration::from_secs(60), noon());
        let permits = all_at_once(TASKS, |number| {
            let (store, id) = (node(fixture, number), ids[number % ids.len()]);
            async move { counted(&*store, &Attempt::new(id, AttemptKind::Code, 1_000).taking([quota])).await.1 }
        })
        .await;
        let granted = permits.iter().flatten().filter(|permit| matches!(permit, PermitTaken::Granted { .. })).count();
        assert_eq!(granted, 50);
    }
}

/// Tries are counted while the reset moves on: neither undoes the other.
pub async fn attempts_and_steps_leave_each_other_alone(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let before = stored(&*store, sample::issued(&sample::account_id(), noon())).await;
        let (id, step) = (before.id(), Arc::new(sample::prove(&before, noon())));
        all_at_once(16, |number| {
            let (store, step) = (node(fixture, number), Arc::clone(&step));
            async move {
                if number == 5 {
                    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
                } else {
                    let kind = if number % 2 == 0 { AttemptKind::Code } else { AttemptKind::Completion };
                    assert!(matches!(
                        store.attempt(&Attempt::new(id, kind, 1_000)).await.unwrap(),
                        Attempted::Counted { .. }
                    ));
                }
            }
        })
        .await;
        let expected = sample::altered(step.after(), |row| (row.code_attempts, row.completion_attempts) = (8, 7));
        assert_eq!(loaded(&*store, &before).await, expected);
    }
}

/// Several workers look for work at once: each row goes to one of them, and none is forgotten.
pub async fn a_due_row_is_leased_once(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for round in 0..ROUNDS {
        // The rows of the rounds before stay leased for a day, and so are due to no worker.
        let at = after(noon(), i64::try_from(round).unwrap());
        let mut expected = BTreeSet::new();
        for _ in 0..TASKS {
            expected.insert(stored(&*store, sample::requested(at)).await.id());
        }
        let leased: Vec<Vec<ResetId>> = all_at_once(8, |number| {
            let store = node(fixture, number);
            async move {
                let mut mine = Vec::new();
                loop {
                    let leased = store.lease(&Due::new(at, after(at, 86_400_000), 5)).await.unwrap();
                    if leased.is_empty() {
                        return mine;
                    }
                    mine.extend(leased.iter().map(|leased| leased.reset.id()));
                    assert!(mine.len() <= TASKS, "rows are leased again and again");
                }
            }
        })
        .await;
        let all: Vec<ResetId> = leased.into_iter().flatten().collect();
        assert_eq!(all.len(), TASKS, "each row is leased exactly once");
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}

/// One lease given back many times at once is given back once.
pub async fn a_lease_is_given_back_once(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let account = sample::account_id();
        let reset = stored(&*store, sample::issued(&account, noon())).await;
        let leased = store.lease(&Due::new(noon(), after(noon(), 60_000), 1)).await.unwrap();
        let mut ack = Ack::new(&leased[0], noon());
        ack.done = Tasks::SEND;
        ack.audit = vec![sample::audit(AuditEvent::Sent, &reset, noon())];
        let ack = Arc::new(ack);
        let results = all_at_once(16, |number| {
            let (store, ack) = (node(fixture, number), Arc::clone(&ack));
            async move { acknowledged(&*store, &ack).await }
        })
        .await;
        assert_eq!(results.into_iter().filter(|settled| *settled == Acknowledged::Done).count(), 1);
        assert_eq!(store.audit(&newest(&account, 10)).await.unwrap().len(), 1);
    }
}

/// The worker acknowledges while a step is taken: whichever is first, what it acknowledged is gone and what was added is pending.
pub async fn acks_and_steps_leave_each_other_alone(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS * 3 {
        let with_tasks = |reset: &Reset| sample::altered(reset, |row| row.tasks = row.tasks.and(Tasks::SESSIONS));
        let before = stored(&*store, with_tasks(&sample::requested(noon()))).await;
        let leased = store.lease(&Due::new(noon(), after(noon(), 60_000), 1)).await.unwrap();
        let mut ack = Ack::new(&leased[0], noon());
        ack.done = Tasks::SESSIONS;
        ack.notified = 1;
        let step = sample::issue(&before, &sample::account_id(), noon());
        let both = Arc::new((ack, step));
        all_at_once(2, |number| {
            let (store, both) = (node(fixture, number), Arc::clone(&both));
            async move {
                if number == 0 {
                    assert_ne!(acknowledged(&*store, &both.0).await, Acknowledged::LeaseLost);
                } else {
                    assert_eq!(store.transition(&both.1).await.unwrap(), Transitioned::Moved { lease: None });
                }
            }
        })
        .await;
        let now = loaded(&*store, &before).await;
        assert_eq!((now.state(), now.tasks(), now.stored().notified), (State::CodeIssued, Tasks::SEND, 1));
        // Pay the rest, so that the next round finds only its own row.
        let rest = store.lease(&Due::new(noon(), after(noon(), 60_000), 1)).await.unwrap();
        let mut ack = Ack::new(&rest[0], noon());
        ack.done = Tasks::SEND;
        assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    }
}

/// Many messages at once to one destination: as many tokens as the burst, one of them the last.
pub async fn a_quota_gives_no_more_than_its_burst(fixture: &impl StoreFixture) {
    for _ in 0..ROUNDS {
        let quota = Quota::new(sample::digest(), 3, Duration::from_secs(205 * 60), noon());
        let results = all_at_once(TASKS, |number| {
            let store = node(fixture, number);
            async move { store.take_permit(&quota).await.unwrap() }
        })
        .await;
        let next_at = after(noon(), 205 * 60_000);
        let count = |expected| results.iter().filter(|taken| **taken == expected).count();
        assert_eq!(count(PermitTaken::Granted { next_at: None }), 2);
        assert_eq!(count(PermitTaken::Granted { next_at: Some(next_at) }), 1);
        assert_eq!(count(PermitTaken::RateLimited { next_at }), TASKS - 3);
    }
}

/// A quota is made full while steps claim a permit of it: whichever comes first, the quota is full in the end. A claim that
/// was computed before must not bring the old time back.
pub async fn a_claim_brings_no_quota_back(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS * 3 {
        let account = sample::account_id();
        let quota = Quota::new(sample::digest(), 3, Duration::from_secs(60), noon());
        store.take_permit(&quota).await.unwrap();
        let used = store.account_state(&account, &[quota.key], noon()).await.unwrap().full_at[0];
        let claim = quota.claim(used).unwrap().0;
        let mut steps = Vec::new();
        for _ in 0..3 {
            let reset = stored(&*store, sample::requested(noon())).await;
            steps.push(sample::issue(&reset, &account, noon()).claiming(claim));
        }
        let steps = Arc::new(steps);
        let results = all_at_once(4, |number| {
            let (store, steps) = (node(fixture, number), Arc::clone(&steps));
            async move {
                match number.checked_sub(1).and_then(|number| steps.get(number)) {
                    Some(step) => store.transition(step).await.unwrap().is_done(),
                    None => store.refill(&[quota.key]).await.map(|()| false).unwrap(),
                }
            }
        })
        .await;
        assert!(results.into_iter().filter(|done| *done).count() <= 1);
        assert_eq!(store.account_state(&account, &[quota.key], noon()).await.unwrap().full_at, [None]);
    }
}

/// Many steps at once that claim the same permit: one of them takes it.
pub async fn one_of_many_equal_claims_is_taken(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let account = sample::account_id();
        let quota = Quota::new(sample::digest(), 3, Duration::from_secs(60), noon());
        let claim = quota.claim(None).unwrap().0;
        let mut steps = Vec::new();
        for _ in 0..8 {
            let reset = stored(&*store, sample::requested(noon())).await;
            steps.push(sample::issue(&reset, &account, noon()).claiming(claim));
        }
        let results = transition_all(fixture, steps).await;
        assert_eq!(count_of(&results, Transitioned::Moved { lease: None }), 1);
        assert_eq!(count_of(&results, Transitioned::Conflict), 7);
    }
}

/// Many requests at once from one source: as many rows as its limit.
pub async fn a_source_gets_no_more_than_its_limit(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..ROUNDS {
        let source = Quota::new(sample::digest(), 10, Duration::from_secs(3600), noon());
        let resets: Arc<Vec<Reset>> = Arc::new((0..TASKS).map(|_| sample::requested(noon())).collect());
        let results = all_at_once(TASKS, |number| {
            let (store, resets) = (node(fixture, number), Arc::clone(&resets));
            async move { store.open(&resets[number], Some(&source), None, &[]).await.unwrap() }
        })
        .await;
        assert_eq!(results.iter().filter(|opened| **opened == Opened::Stored).count(), 10);
        for (reset, opened) in resets.iter().zip(results) {
            assert_eq!(store.load(reset.id()).await.unwrap().is_some(), opened == Opened::Stored);
        }
    }
}
