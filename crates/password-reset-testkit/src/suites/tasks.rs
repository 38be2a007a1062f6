//! Pending tasks: leases, and how they end.

use password_reset::ResetId;
use password_reset::flow::{AuditEvent, CloseReason, Reset, Tasks};
use password_reset::ports::{Ack, Acknowledged, Due, Leased, ResetStore};

use super::{StoreFixture, acknowledged, loaded, moved, newest, stored};
use crate::sample::{self, after, noon};

const MINUTE: i64 = 60_000;

/// The rows that are due at a time, leased for a minute.
async fn due(store: &dyn ResetStore, millis: i64, limit: u32) -> Vec<Leased> {
    let at = after(noon(), millis);
    store.lease(&Due::new(at, after(at, 60_000), limit)).await.unwrap()
}

fn ids(leased: &[Leased]) -> Vec<ResetId> {
    leased.iter().map(|leased| leased.reset.id()).collect()
}

/// A row with pending tasks is leased from its time on and not before; one without is never leased.
pub async fn a_row_is_due_from_its_time_on(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let reset = stored(&*store, sample::requested(noon())).await;
    let account = sample::account_id();
    stored(&*store, sample::verified(&account, noon())).await;
    stored(&*store, sample::close(&sample::requested(noon()), CloseReason::Cancelled, noon()).after().clone()).await;
    assert!(due(&*store, -1, 10).await.is_empty());
    let leased = due(&*store, 0, 10).await;
    assert_eq!(ids(&leased), [reset.id()]);
    assert_eq!(leased[0].reset, reset, "a lease changes nothing of the row");
    assert_eq!(loaded(&*store, &reset).await, reset);
    // A later state is leased like an early one.
    let set = sample::finish(&sample::applying(&account, noon()), after(noon(), 5)).after().clone();
    stored(&*store, set.clone()).await;
    assert_eq!(ids(&due(&*store, 5, 10).await), [set.id()]);
}

/// What has waited longest comes first, and no more than was asked for.
pub async fn rows_that_wait_longest_come_first(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let mut expected = Vec::new();
    for waited in [3_i64, 1, 4, 2, 5] {
        let reset = stored(&*store, sample::requested(after(noon(), -waited * 1_000))).await;
        expected.push((-waited, reset.id()));
    }
    expected.sort_unstable();
    let expected: Vec<ResetId> = expected.into_iter().map(|(_, id)| id).collect();
    assert!(due(&*store, 0, 0).await.is_empty());
    assert_eq!(ids(&due(&*store, 0, 2).await), expected[..2]);
    assert_eq!(ids(&due(&*store, 0, 10).await), expected[2..]);
}

/// A leased row goes to no other worker until the lease has expired; then it is leased again under a higher number.
pub async fn a_lease_holds_until_it_runs_out(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    stored(&*store, sample::requested(noon())).await;
    let first = due(&*store, 0, 10).await;
    assert_eq!(first.len(), 1);
    for millis in [0, 59_999] {
        assert!(due(&*store, millis, 10).await.is_empty());
        assert!(due(&*other, millis, 10).await.is_empty());
    }
    let second = due(&*other, 60_000, 10).await;
    assert_eq!(ids(&second), ids(&first));
    assert!(second[0].lease > first[0].lease);
}

/// What is due later than a task can be put off was written before the clock was set back, and is due now, after what else is; a
/// lease that ends later than a lease can has run out. A little later, as clocks of nodes differ, is neither.
pub async fn what_was_put_off_or_leased_before_the_clock_was_set_back_is_due(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let hour = 3_600_000;
    let ahead = stored(&*store, sample::requested(noon())).await;
    let now = stored(&*store, sample::requested(after(noon(), -hour))).await;
    assert!(due(&*store, -hour - 1, 10).await.iter().all(|leased| leased.reset.id() == ahead.id()));
    let mut asked = Due::new(after(noon(), -hour), after(noon(), -hour + 60_000), 10);
    asked.furthest = noon();
    assert_eq!(ids(&store.lease(&asked).await.unwrap()), [now.id()], "the other is not due later than a task can be");
    let leased_ahead = due(&*store, hour, 10).await;
    assert_eq!(leased_ahead.len(), 2, "leased until an hour and a minute from noon");
    for node in [&store, &other] {
        assert!(due(&**node, hour - 30 * MINUTE, 10).await.is_empty(), "as clocks differ");
    }
    let again = due(&*other, -hour, 10).await;
    assert_eq!(ids(&again), [now.id(), ahead.id()], "what is due by its own time comes first");
    for (again, before) in again.iter().zip(&leased_ahead) {
        assert!(again.lease > before.lease);
        assert_eq!(acknowledged(&*store, &Ack::new(before, noon())).await, Acknowledged::LeaseLost);
    }
    assert!(due(&*store, -hour, 10).await.is_empty(), "leased by the clock as it is now");
}

/// The limit is of all that is leased at once.
pub async fn what_is_due_now_and_what_is_ahead_share_the_limit(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for hours in [2, 0, 2, 0] {
        stored(&*store, sample::requested(after(noon(), hours * 3_600_000))).await;
    }
    assert_eq!(due(&*store, 0, 3).await.len(), 3);
    assert_eq!(due(&*store, 0, 3).await.len(), 1);
}

/// A step of a leased row, also one that adds tasks, does not take the lease away.
pub async fn a_step_leaves_the_lease_alone(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let reset = stored(&*store, sample::requested(noon())).await;
    let leased = due(&*store, 0, 10).await;
    moved(&*store, &sample::issue(&reset, &sample::account_id(), noon())).await;
    assert!(due(&*store, 1_000, 10).await.is_empty());
    assert_eq!(acknowledged(&*store, &Ack::new(&leased[0], noon())).await, Acknowledged::MoreTasks { kept: None });
}

/// An acknowledgement takes tasks off, adds the notified contacts, replaces the failed attempts, writes its audit rows, and
/// lets the row be leased again from the stated time on.
pub async fn an_ack_takes_tasks_off_and_gives_the_lease_back(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let set = sample::finish(&sample::applying(&account, noon()), noon()).after().clone();
    let reset = stored(&*store, sample::altered(&set, |row| (row.notified, row.delivery_attempts) = (0b001, 7))).await;
    let leased = due(&*store, 0, 10).await;
    let mut ack = Ack::new(&leased[0], after(noon(), 10));
    ack.done = Tasks::SESSIONS;
    ack.notified = 0b100;
    ack.delivery_attempts = 2;
    ack.retry_at = after(noon(), 5_000);
    ack.audit = vec![
        sample::audit(AuditEvent::SessionsEnded, &reset, after(noon(), 10)),
        sample::audit(AuditEvent::NoticeSent, &reset, after(noon(), 11)),
    ];
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    let expected = sample::altered(&reset, |row| {
        row.tasks = Tasks::NOTICES;
        (row.notified, row.delivery_attempts, row.due_at) = (0b101, 2, Some(after(noon(), 5_000)));
    });
    assert_eq!(loaded(&*store, &reset).await, expected, "the version stays, and so does everything else");
    let events: Vec<_> = store.audit(&newest(&account, 10)).await.unwrap().iter().map(|row| row.event).collect();
    assert_eq!(events, [AuditEvent::NoticeSent, AuditEvent::SessionsEnded]);
    assert!(due(&*store, 4_999, 10).await.is_empty());
    let again = due(&*store, 5_000, 10).await;
    assert_eq!(ids(&again), [reset.id()]);
    assert!(again[0].lease > leased[0].lease);
    let mut ack = Ack::new(&again[0], after(noon(), 5_001));
    ack.done = Tasks::NOTICES;
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::Done);
    assert!(loaded(&*store, &reset).await.tasks().is_empty());
    assert!(due(&*store, 86_400_000, 10).await.is_empty(), "an acknowledged task is never due again");
}

/// A caller whose lease went to another worker, was given back, or never was, changes nothing.
pub async fn an_ack_without_the_lease_changes_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let reset = stored(&*store, sample::issued(&account, noon())).await;
    let running = |leased: &Leased| {
        let mut ack = Ack::new(leased, after(noon(), 70_000));
        ack.done = Tasks::SEND;
        (ack.notified, ack.delivery_attempts) = (1, 1);
        ack.audit = vec![sample::audit(AuditEvent::Sent, &reset, noon())];
        ack
    };
    let first = due(&*store, 0, 10).await;
    let second = due(&*store, 60_000, 10).await;
    let unknown = Leased::new(sample::issued(&account, noon()), 1);
    let next = Leased::new(reset.clone(), second[0].lease + 1);
    for leased in [&first[0], &unknown, &next] {
        assert_eq!(acknowledged(&*store, &running(leased)).await, Acknowledged::LeaseLost);
    }
    assert_eq!(loaded(&*store, &reset).await, reset);
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
    assert!(due(&*store, 70_000, 10).await.is_empty(), "the second lease still holds");
    assert_eq!(acknowledged(&*store, &running(&second[0])).await, Acknowledged::Done);
    let done = loaded(&*store, &reset).await;
    assert_eq!(
        acknowledged(&*store, &running(&second[0])).await,
        Acknowledged::LeaseLost,
        "a lease is given back once"
    );
    assert_eq!(loaded(&*store, &reset).await, done);
    assert_eq!(store.audit(&newest(&account, 10)).await.unwrap().len(), 1);
}

/// What a step added while the row was leased stays pending, and is due at once, whatever later time the worker names.
pub async fn an_ack_keeps_tasks_that_came_meanwhile(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let reset: Reset = stored(&*store, sample::requested(noon())).await;
    let leased = due(&*store, 0, 10).await;
    let issued = moved(&*store, &sample::issue(&reset, &sample::account_id(), noon())).await;
    assert_eq!(issued.tasks(), Tasks::SEND);
    let mut ack = Ack::new(&leased[0], after(noon(), 10));
    ack.done = Tasks::RESOLVE;
    ack.retry_at = after(noon(), 3_600_000);
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::MoreTasks { kept: None });
    let settled = loaded(&*store, &reset).await;
    assert_eq!((settled.tasks(), settled.stored().due_at), (Tasks::SEND, Some(after(noon(), 10))));
    assert_eq!((settled.version(), settled.state()), (issued.version(), issued.state()));
    assert_eq!(ids(&due(&*store, 10, 10).await), [reset.id()]);
}

/// A worker that keeps the lease gets the row as it is now, under the same lease, and no other worker gets it.
pub async fn an_ack_may_keep_the_lease_for_what_came_meanwhile(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (reset, other) =
        (stored(&*store, sample::requested(noon())).await, stored(&*store, sample::requested(noon())).await);
    let leased = due(&*store, 0, 10).await;
    let [of_reset, of_other] = [&reset, &other].map(|reset| leased.iter().find(|one| one.reset.id() == reset.id()));
    let issued = moved(&*store, &sample::issue(&reset, &sample::account_id(), noon())).await;
    let ack = |leased: Option<&Leased>| {
        let mut ack = Ack::new(leased.unwrap(), after(noon(), 10));
        ack.done = Tasks::RESOLVE;
        (ack.notified, ack.keep_until) = (0b10, Some(after(noon(), 60_000)));
        ack
    };
    // The other has nothing more to do, so its lease is given back.
    let answers = store.acknowledge(&[ack(of_reset), ack(of_other)]).await.unwrap();
    let expected = sample::altered(&issued, |row| (row.notified, row.due_at) = (0b10, Some(after(noon(), 10))));
    let kept = Box::new(Leased::new(expected, of_reset.unwrap().lease));
    assert_eq!(answers, [Acknowledged::MoreTasks { kept: Some(kept.clone()) }, Acknowledged::Done]);
    assert!(due(&*store, 59_999, 10).await.is_empty(), "leased until then");
    let mut sent = Ack::new(&kept, after(noon(), 20));
    sent.done = Tasks::SEND;
    assert_eq!(acknowledged(&*store, &sent).await, Acknowledged::Done);
    assert_eq!(acknowledged(&*store, &sent).await, Acknowledged::LeaseLost);
    assert!(loaded(&*store, &reset).await.tasks().is_empty());
}

/// A lease that was kept runs out like any other.
pub async fn a_kept_lease_runs_out(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let reset = stored(&*store, sample::requested(noon())).await;
    let leased = due(&*store, 0, 10).await;
    moved(&*store, &sample::issue(&reset, &sample::account_id(), noon())).await;
    let mut ack = Ack::new(&leased[0], noon());
    (ack.done, ack.keep_until) = (Tasks::RESOLVE, Some(after(noon(), 60_000)));
    acknowledged(&*store, &ack).await;
    let again = due(&*store, 60_000, 10).await;
    assert_eq!(ids(&again), [reset.id()]);
    assert!(again[0].lease > leased[0].lease);
    assert_eq!(acknowledged(&*store, &ack).await, Acknowledged::LeaseLost);
}

/// Acks of many rows are answered one by one, in the order in which they were given.
pub async fn many_acks_are_answered_in_their_order(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    for _ in 0..3 {
        stored(&*store, sample::issued(&account, noon())).await;
    }
    let leased = due(&*store, 0, 10).await;
    let mut acks: Vec<Ack> = leased.iter().map(|leased| Ack::new(leased, noon())).collect();
    for (ack, leased) in acks.iter_mut().zip(&leased) {
        ack.done = Tasks::SEND;
        ack.audit = vec![sample::audit(AuditEvent::Sent, &leased.reset, noon())];
    }
    acks[1].lease += 1;
    let expected = [Acknowledged::Done, Acknowledged::LeaseLost, Acknowledged::Done];
    assert_eq!(store.acknowledge(&acks).await.unwrap(), expected);
    let tasks = async |at: usize| loaded(&*store, &leased[at].reset).await.tasks();
    assert_eq!((tasks(0).await, tasks(1).await, tasks(2).await), (Tasks::NONE, Tasks::SEND, Tasks::NONE));
    assert_eq!(store.audit(&newest(&account, 10)).await.unwrap().len(), 2);
    assert!(store.acknowledge(&[]).await.unwrap().is_empty());
}

/// Of several acks of one row in one call, only the first that has the row's last lease counts; the others write nothing.
pub async fn of_many_acks_of_one_row_one_counts(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    stored(&*store, sample::issued(&account, noon())).await;
    let earlier = due(&*store, 0, 10).await;
    let last = due(&*store, 60_000, 10).await;
    let ack = |leased: &Leased, word: &str| {
        let mut ack = Ack::new(leased, after(noon(), 60_000));
        ack.done = Tasks::SEND;
        ack.audit = vec![sample::audit(AuditEvent::Sent, &leased.reset, noon()).detail(word)];
        ack
    };
    let acks = [ack(&earlier[0], "earlier"), ack(&last[0], "last"), ack(&last[0], "again")];
    let expected = [Acknowledged::LeaseLost, Acknowledged::Done, Acknowledged::LeaseLost];
    assert_eq!(store.acknowledge(&acks).await.unwrap(), expected);
    let rows = store.audit(&newest(&account, 10)).await.unwrap();
    assert_eq!(rows.iter().filter_map(|row| row.detail.as_deref()).collect::<Vec<_>>(), ["last"]);
}

/// A look counts the rows whose tasks are due and that no worker has leased, says since when the oldest is, and changes nothing.
/// A database with a clock of its own says a time that passes.
pub async fn a_look_finds_what_is_overdue(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let look = async |millis| {
        let health = other.health(after(noon(), millis)).await.unwrap();
        (health.overdue, health.oldest_due_at)
    };
    assert_eq!(look(0).await, (0, None));
    for waited in [3_i64, 1, 4] {
        stored(&*store, sample::requested(after(noon(), -waited * 1_000))).await;
    }
    stored(&*store, sample::verified(&sample::account_id(), noon())).await;
    let since = |seconds: i64| Some(after(noon(), -seconds * 1_000));
    assert_eq!(look(-4_001).await, (0, None));
    assert_eq!(look(-2_000).await, (2, since(4)));
    assert_eq!(look(0).await, (3, since(4)));
    assert_eq!(look(0).await, (3, since(4)), "it takes nothing");
    assert_eq!(due(&*store, 0, 1).await.len(), 1);
    assert_eq!(look(59_999).await, (2, since(3)), "a leased row has a worker");
    assert_eq!(look(60_000).await, (3, since(4)), "until the lease runs out");
    let [first, second] = [store.health(noon()).await.unwrap().clock, other.health(noon()).await.unwrap().clock];
    assert!(first <= second, "{first:?} {second:?}");
}
