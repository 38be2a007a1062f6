//! Steps: the compare-and-set, and all that comes with it.

use std::time::Duration;

use password_reset::flow::{AuditEvent, CloseReason, Event, Reset, State, Step, Tasks};
use password_reset::ports::{
    Ack, Acknowledged, Attempt, AttemptKind, Due, LeaseRequest, Leased, Quota, ResetStore, Transitioned,
};
use password_reset::{AccountId, Channel, InboundMode, StepUp};

use super::{StoreFixture, acknowledged, counted, loaded, moved, newest, stored};
use crate::sample::{self, after, noon};

/// The same step twice: the second finds another version, and writes nothing.
pub async fn a_step_is_taken_once(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = sample::account_id();
    let reset = stored(&*store, sample::requested(noon())).await;
    let step = sample::issue(&reset, &account, noon());
    let issued = moved(&*store, &step).await;
    assert_eq!(other.transition(&step).await.unwrap(), Transitioned::Conflict);
    assert_eq!(loaded(&*store, &reset).await, issued);
    assert_eq!(store.audit(&newest(&account, 10)).await.unwrap(), step.audit(), "one audit row for one step");
}

/// A step from an older version, or from one that never was, leaves row, run, siblings and audit trail as they are.
pub async fn a_step_from_another_version_changes_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let sibling = stored(&*store, sample::verified(&account, noon())).await;
    let older = stored(&*store, sample::applying(&account, noon())).await;
    store.attempt(&Attempt::new(older.id(), AttemptKind::Code, 5)).await.unwrap();
    let present = moved(&*store, &sample::apply(&older, after(noon(), 5))).await;
    let never = sample::altered(&present, |row| row.version += 1);
    for before in [&older, &never] {
        let step = sample::finish(before, after(noon(), 9));
        assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Conflict);
    }
    assert_eq!(loaded(&*store, &present).await, present);
    assert_eq!(loaded(&*store, &sibling).await, sibling);
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
    let (older, _) = counted(&*store, &Attempt::new(older.id(), AttemptKind::Code, 5)).await;
    assert_eq!(older.stored().code_attempts, 2);
}

/// A step of a reset that is not stored is a conflict, and stores nothing.
pub async fn a_step_of_an_unknown_reset_changes_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let step = sample::finish(&sample::applying(&account, noon()), noon());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Conflict);
    assert!(store.load(step.after().id()).await.unwrap().is_none());
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
}

/// The three steps that an expired reset must not take, made as if it expired an hour later than it does.
fn steps_of_a_longer_life(account: &AccountId, at_of: impl Fn(&Reset) -> i64) -> Vec<(Reset, Step)> {
    let rows = [sample::requested(noon()), sample::issued(account, noon()), sample::verified(account, noon())];
    rows.into_iter()
        .map(|reset| {
            let at = after(reset.expires_at(), at_of(&reset));
            let longer = sample::altered(&reset, |row| row.expires_at = after(row.expires_at, 3_600_000));
            let step = match reset.state() {
                State::Requested => sample::issue(&longer, account, at),
                State::CodeIssued => sample::prove(&longer, at),
                _ => sample::apply(&longer, at),
            };
            (reset, step)
        })
        .collect()
}

/// The store itself compares the row's `expires_at` with the step's time: one millisecond before it the step is taken,
/// at it and after it is refused.
pub async fn a_step_is_refused_from_the_millisecond_of_expiry(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    for millis in [0, 1, 86_400_000 / 48] {
        for (reset, step) in steps_of_a_longer_life(&account, |_| millis) {
            stored(&*store, reset.clone()).await;
            assert_eq!(
                store.transition(&step).await.unwrap(),
                Transitioned::Conflict,
                "{:?}, {millis} ms",
                reset.state()
            );
            assert_eq!(loaded(&*store, &reset).await, reset);
        }
    }
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
    for (reset, step) in steps_of_a_longer_life(&account, |_| -1) {
        stored(&*store, reset.clone()).await;
        assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None }, "{:?}", reset.state());
    }
}

/// However late: a password that is in force is said to be, and a reset can be closed.
pub async fn finishing_and_closing_do_not_mind_expiry(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let closing = stored(&*store, sample::issued(&account, noon())).await;
    let late = after(closing.expires_at(), 3_600_000);
    let closed = moved(&*store, &sample::close(&closing, CloseReason::Cancelled, late)).await;
    assert_eq!(closed.state(), State::Closed(CloseReason::Cancelled));
    let finishing = stored(&*store, sample::applying(&account, noon())).await;
    let finished = moved(&*store, &sample::finish(&finishing, late)).await;
    assert_eq!(finished.state(), State::PasswordSet);
}

/// Attempts that were counted, and tasks that were acknowledged, after a step's row was read stay as they are.
pub async fn a_step_leaves_counters_alone(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let before = stored(&*store, sample::issued(&account, noon())).await;
    for (kind, attempts) in [(AttemptKind::Code, 2), (AttemptKind::Completion, 3), (AttemptKind::StepUp, 1)] {
        for _ in 0..attempts {
            store.attempt(&Attempt::new(before.id(), kind, 9)).await.unwrap();
        }
    }
    let leased = lease_all(&*store).await;
    let mut ack = Ack::new(&leased[0], noon());
    (ack.notified, ack.delivery_attempts) = (0b101, 4);
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    let verified = moved(&*store, &sample::prove(&before, noon())).await;
    let counters = (
        verified.stored().code_attempts,
        verified.stored().completion_attempts,
        verified.delivery_attempts(),
        verified.stored().notified,
    );
    assert_eq!(counters, (2, 3, 4, 0b101));
    assert_eq!(verified.stored().step_up_attempts, 1);
}

async fn lease_all(store: &dyn ResetStore) -> Vec<Leased> {
    store.lease(&Due::new(after(noon(), 120_000), after(noon(), 240_000), 1_000)).await.unwrap()
}

/// A task that was acknowledged after a step's row was read does not come back, and the row's other tasks stay.
pub async fn a_step_adds_and_removes_and_does_not_overwrite(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let with_tasks = Tasks::RESOLVE.and(Tasks::SESSIONS).and(Tasks::NOTICES);
    let reset = sample::altered(&sample::requested(noon()), |row| row.tasks = with_tasks);
    let before = stored(&*store, reset).await;
    let leased = lease_all(&*store).await;
    let mut ack = Ack::new(&leased[0], noon());
    ack.done = Tasks::SESSIONS;
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    let issued = moved(&*store, &sample::issue(&before, &sample::account_id(), noon())).await;
    assert_eq!(issued.tasks(), Tasks::SEND.and(Tasks::NOTICES));
}

/// A step that adds tasks says when they are due; one that adds none leaves the time that the worker set.
pub async fn a_step_without_new_tasks_leaves_the_time_to_look(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let issued = sample::issued(&sample::account_id(), noon());
    let before = stored(&*store, sample::altered(&issued, |row| row.tasks = Tasks::SEND.and(Tasks::NOTICES))).await;
    let leased = lease_all(&*store).await;
    let mut ack = Ack::new(&leased[0], noon());
    ack.done = Tasks::SEND;
    ack.retry_at = after(noon(), 7_777);
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    let verified = moved(&*store, &sample::prove(&before, noon())).await;
    assert_eq!((verified.tasks(), verified.stored().due_at), (Tasks::NOTICES, Some(after(noon(), 7_777))));
    let apply = sample::apply(&verified, noon());
    let applying = moved(&*store, &apply).await;
    assert_eq!(applying.tasks(), Tasks::NOTICES.and(Tasks::FINISH));
    assert_eq!(applying.stored().due_at, apply.after().stored().due_at);
}

/// Finishing closes every other open reset of the account, in whatever open state, lets it owe nothing of its own any
/// more, and says so in the audit trail. Other accounts, resets not yet of an account, and those that are done stay.
pub async fn finishing_closes_the_siblings(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (account, another) = (sample::account_id(), sample::account_id());
    let inbound = sample::requested_by(Channel::WhatsAppInbound(InboundMode::TypeBack), noon());
    let inbound = sample::issue(&inbound, &account, noon()).after().clone();
    let message_received = sample::prove(&inbound, noon()).after().clone();
    let siblings = [
        sample::issued(&account, noon()),
        message_received,
        sample::verified(&account, noon()),
        sample::applying(&account, noon()),
        sample::require_step_up(&sample::issued(&account, noon()), StepUp::Code, noon()).after().clone(),
        sample::require_step_up(&sample::issued(&account, noon()), StepUp::HostFactor, noon()).after().clone(),
        // What the owner said of another password is over when a new one is set.
        sample::lock(sample::finish(&sample::applying(&account, noon()), noon()).after(), noon()).after().clone(),
        // Expired, but open: a store goes by the state.
        sample::issued(&account, after(noon(), -86_400_000)),
    ];
    let set = sample::finish(&sample::applying(&account, noon()), noon()).after().clone();
    let bystanders = [
        sample::requested(noon()),
        sample::issued(&another, noon()),
        sample::applying(&another, noon()),
        sample::close(&sample::issued(&account, noon()), CloseReason::Cancelled, noon()).after().clone(),
        set,
    ];
    for reset in siblings.iter().chain(&bystanders) {
        stored(&*store, reset.clone()).await;
    }
    let winner = stored(&*store, sample::applying(&account, noon())).await;
    let at = after(noon(), 500);
    let finish = sample::finish(&winner, at);
    assert_eq!(moved(&*store, &finish).await, *finish.after());
    for sibling in &siblings {
        let expected = sample::close(sibling, CloseReason::OtherResetWon, at).after().clone();
        assert_eq!(loaded(&*store, sibling).await, expected, "the sibling was {:?}", sibling.state());
    }
    for bystander in &bystanders {
        assert_eq!(loaded(&*store, bystander).await, *bystander, "the bystander is {:?}", bystander.state());
    }
    let history = store.audit(&newest(&account, 100)).await.unwrap();
    assert_eq!(history.len(), siblings.len() + 1);
    for sibling in &siblings {
        let expected = sample::audit(AuditEvent::Closed, sibling, at).detail("other_reset_won");
        assert_eq!(history.iter().filter(|row| **row == expected).count(), 1, "one audit row for each sibling");
    }
    assert!(history.contains(&finish.audit()[0]));
}

/// A password that its owner reports takes every open reset of the account with it.
pub async fn locking_closes_the_siblings(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let sibling = stored(&*store, sample::verified(&account, noon())).await;
    let set = stored(&*store, sample::finish(&sample::applying(&account, noon()), noon()).after().clone()).await;
    let lock = sample::lock(&set, after(noon(), 500));
    assert_eq!(moved(&*store, &lock).await, *lock.after());
    let closed = sample::close(&sibling, CloseReason::OtherResetWon, after(noon(), 500));
    assert_eq!(loaded(&*store, &sibling).await, *closed.after());
    let live = store.live(&account, after(noon(), 1_000), 10).await.unwrap();
    assert_eq!(live, [lock.after().clone()], "it stays, so that administrators see it");
}

/// Issuing, proving, applying and closing leave the other resets of the account alone.
pub async fn other_steps_close_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let sibling = stored(&*store, sample::issued(&account, noon())).await;
    let mut reset = stored(&*store, sample::requested(noon())).await;
    reset = moved(&*store, &sample::issue(&reset, &account, noon())).await;
    reset = moved(&*store, &sample::prove(&reset, noon())).await;
    reset = moved(&*store, &sample::apply(&reset, noon())).await;
    moved(&*store, &sample::close(&reset, CloseReason::AccountChanged, noon())).await;
    let held = stored(&*store, sample::requested(noon())).await;
    moved(&*store, &sample::step(&held, &Event::Suppress, noon())).await;
    assert_eq!(loaded(&*store, &sibling).await, sibling);
}

/// A step that claims a permit takes it if the quota still has the time that the claim was computed from; if not, it changes
/// nothing.
pub async fn a_step_takes_its_permit_or_changes_nothing(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = sample::account_id();
    let quota = Quota::new(sample::digest(), 3, Duration::from_secs(60), noon());
    let full_at = async || store.account_state(&account, &[quota.key], noon()).await.unwrap().full_at[0];
    let reset = stored(&*store, sample::requested(noon())).await;
    let step = |claim| sample::issue(&reset, &account, noon()).claiming(claim);
    let first = quota.claim(None).unwrap().0;
    other.take_permit(&quota).await.unwrap();
    assert_eq!(store.transition(&step(first)).await.unwrap(), Transitioned::Conflict, "another took one meanwhile");
    assert_eq!(loaded(&*store, &reset).await, reset);
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
    let seen = full_at().await;
    assert_eq!(seen, Some(after(noon(), 60_000)), "a step that is not taken takes no permit");
    let second = quota.claim(seen).unwrap().0;
    moved(&*store, &step(second)).await;
    assert_eq!(full_at().await, Some(after(noon(), 120_000)));
    let again = quota.claim(full_at().await).unwrap().0;
    assert_eq!(store.transition(&step(again)).await.unwrap(), Transitioned::Conflict, "the version is another one");
    assert_eq!(full_at().await, Some(after(noon(), 120_000)), "and so no permit is taken");
}

/// A step refills the quotas that it names, and no others.
pub async fn a_step_refills_the_quotas_that_it_says(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let quotas = [(); 3].map(|()| Quota::new(sample::digest(), 1, Duration::from_secs(60), noon()));
    for quota in &quotas {
        store.take_permit(quota).await.unwrap();
    }
    let full = async || {
        let keys = quotas.map(|quota| quota.key);
        let state = store.account_state(&account, &keys, noon()).await.unwrap();
        state.full_at.iter().map(Option::is_none).collect::<Vec<_>>()
    };
    let reset = stored(&*store, sample::issued(&account, noon())).await;
    let step = sample::prove(&reset, noon()).refilling([quotas[0].key, quotas[2].key]);
    assert_eq!(full().await, [false, false, false]);
    moved(&*store, &step).await;
    assert_eq!(full().await, [true, false, true]);
    store.take_permit(&quotas[0]).await.unwrap();
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Conflict);
    assert_eq!(full().await, [false, false, true], "a step that is not taken refills nothing");
}

/// A step takes a lease on a row that is not leased, with what the row has by then; extends the lease that the caller holds;
/// and is taken without one where another caller holds it.
pub async fn a_step_takes_a_lease_that_is_free(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = sample::account_id();
    let reset = stored(&*store, sample::requested(noon())).await;
    let leased = lease_all(&*store).await;
    let held = leased[0].lease;
    let until = after(noon(), 300_000);
    let extends = sample::issue(&reset, &account, noon()).leasing(LeaseRequest::extend(held, until));
    let taken = store.transition(&extends).await.unwrap().lease().expect("the caller holds the lease");
    assert_eq!((taken.lease, taken.tasks), (held, Tasks::SEND));
    let due = async |millis| {
        let at = after(noon(), millis);
        other.lease(&Due::new(at, after(at, 60_000), 10)).await.unwrap().len()
    };
    assert_eq!(due(299_999).await, 0, "it is extended");
    let issued = loaded(&*store, &reset).await;
    let proves = sample::prove(&issued, noon()).leasing(LeaseRequest::take(until));
    assert_eq!(store.transition(&proves).await.unwrap(), Transitioned::Moved { lease: None }, "another holds it");
    let mut ack = Ack::new(&leased[0], noon());
    (ack.seen, ack.done) = (Tasks::SEND, Tasks::SEND);
    (ack.notified, ack.delivery_attempts) = (0b11, 2);
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    let verified = loaded(&*store, &reset).await;
    let applies = sample::apply(&verified, noon()).leasing(LeaseRequest::take(until));
    let taken = store.transition(&applies).await.unwrap().lease().expect("the row is not leased");
    assert_eq!((taken.tasks, taken.notified, taken.delivery_attempts), (Tasks::FINISH, 0b11, 2));
    assert!(taken.lease > held);
    assert_eq!(due(299_999).await, 0, "it is the caller's until it runs out");
    assert_eq!(due(300_000).await, 1);
}
