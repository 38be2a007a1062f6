//! What is written is read back, and a finished reset leaves what it should.

use std::time::Duration;

use password_reset::flow::{AuditEvent, CloseReason, State, Tasks};
use password_reset::ports::{
    Accounts, Ack, Acknowledged, AuditFilter, Due, Leased, Quota, ResetStore, Transitioned, UserTable,
};
use password_reset::{AccountId, PasswordHash};

use crate::common::{World, after, apply, digest, issue, note, prove, request, store_request, verified};

#[tokio::test]
async fn a_reset_is_read_back_as_it_was_written() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    let step = issue(&reset, "1");
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, *step.after());
    let step = prove(step.after());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, *step.after());
    assert!(store.load(request().id()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_finished_reset_and_its_account_are_written_together() {
    let world = World::new().await;
    let store = world.writing();
    let (reset, sibling) = (verified(&store).await, verified(&store).await);
    let id = AccountId::new("1");
    let was = world.accounts().load(&id).await.unwrap().unwrap();
    assert_eq!(
        store.transition(&apply(&reset, &was, "new hash")).await.unwrap(),
        Transitioned::Finished { lease: None }
    );
    let finished = store.load(reset.id()).await.unwrap().unwrap().reset;
    assert_eq!(finished.state(), State::PasswordSet);
    assert!(finished.tasks().contains(Tasks::SESSIONS.and(Tasks::NOTICES)));
    let sibling = store.load(sibling.id()).await.unwrap().unwrap().reset;
    assert_eq!(sibling.state(), State::Closed(CloseReason::OtherResetWon));
    assert!(sibling.tasks().is_empty());
    let now = world.accounts().load(&id).await.unwrap().unwrap();
    assert_eq!(now.hash(), Some(&PasswordHash::new("new hash")));
    let history = store.audit(&AuditFilter::Newest { account: id.clone(), limit: 10 }).await.unwrap();
    assert_eq!(history.iter().filter(|row| row.event == AuditEvent::PasswordSet).count(), 1);
    let due = store.lease(&Due::new(after(4), after(64), 10)).await.unwrap();
    assert_eq!(due.iter().map(|leased| leased.reset.id()).collect::<Vec<_>>(), [reset.id()]);
}

#[tokio::test]
async fn a_store_that_writes_the_account_keeps_its_earlier_hash_too() {
    let world = World::new().await;
    world.run("alter table users add column before text").await;
    let accounts = world.accounts_in(UserTable::new("users").with_earlier_hashes_column("before"));
    let store = world.store().writing(accounts.clone());
    let reset = verified(&store).await;
    let id = AccountId::new("1");
    let was = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(
        store.transition(&apply(&reset, &was, "new hash")).await.unwrap(),
        Transitioned::Finished { lease: None }
    );
    let now = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(now.hash(), Some(&PasswordHash::new("new hash")));
    assert_eq!(now.earlier_hashes(), [PasswordHash::new("old hash")]);
}

#[tokio::test]
async fn nothing_is_written_when_the_account_is_not_as_it_was() {
    let world = World::new().await;
    let store = world.writing();
    let reset = verified(&store).await;
    let was = world.accounts().load(&AccountId::new("1")).await.unwrap().unwrap();
    world.run("update users set password_hash = 'set elsewhere' where id = 1").await;
    assert_eq!(store.transition(&apply(&reset, &was, "new hash")).await.unwrap(), Transitioned::StaleAccount);
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    assert_eq!(world.number("select count(*) from users where password_hash = 'set elsewhere'").await, 1);
    assert_eq!(world.number("select count(*) from password_reset_audit where event = 'password_set'").await, 0);
}

#[tokio::test]
async fn a_store_that_does_not_write_accounts_leaves_them_alone() {
    let world = World::new().await;
    let store = world.store();
    let reset = verified(&store).await;
    let was = world.accounts().load(&AccountId::new("1")).await.unwrap().unwrap();
    assert_eq!(store.transition(&apply(&reset, &was, "new hash")).await.unwrap(), Transitioned::Moved { lease: None });
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset.state(), State::Applying);
    assert_eq!(world.number("select count(*) from users where password_hash = 'old hash'").await, 1);
}

/// A worker may hold an ack of a lease that ran out beside one of the lease that followed it.
#[tokio::test]
async fn an_ack_of_an_earlier_lease_changes_nothing_beside_one_of_the_last() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let ack = |leased: &Leased| {
        let mut ack = Ack::new(leased, after(70));
        ack.done = ack.seen;
        ack.audit.push(note(AuditEvent::Sent).of(&reset).account(&"1".into()));
        ack
    };
    let first = store.lease(&Due::new(after(1), after(60), 10)).await.unwrap();
    let second = store.lease(&Due::new(after(61), after(120), 10)).await.unwrap();
    let acks = [ack(&first[0]), ack(&second[0]), ack(&second[0])];
    let expected = [Acknowledged::LeaseLost, Acknowledged::Done, Acknowledged::LeaseLost];
    assert_eq!(store.acknowledge(&acks).await.unwrap(), expected);
    assert_eq!(world.number("select count(*) from password_reset_audit").await, 1);
}

/// Another call may hold a row until its commit is on the disk; the acks of other rows do not wait for that.
#[tokio::test]
async fn acks_do_not_wait_for_a_row_that_another_call_has() {
    let world = World::new().await;
    let store = world.store();
    let held = store_request(&store).await;
    for _ in 0..2 {
        store_request(&store).await;
    }
    let leased = store.lease(&Due::new(after(1), after(60), 10)).await.unwrap();
    let mut holding = world.pool.begin().await.unwrap();
    let locked = sqlx::query("select * from password_reset_resets where id = $1 for update");
    locked.bind(sqlx::types::Uuid::from_bytes(*held.id().as_bytes())).execute(&mut *holding).await.unwrap();
    let acks: Vec<Ack> = leased
        .iter()
        .map(|leased| {
            let mut ack = Ack::new(leased, after(2));
            ack.done = ack.seen;
            ack
        })
        .collect();
    let acknowledging = tokio::spawn({
        let store = store.clone();
        async move { store.acknowledge(&acks).await }
    });
    let acknowledged =
        async { while world.number("select count(*) from password_reset_resets where tasks = 0").await < 2 {} };
    tokio::time::timeout(Duration::from_secs(30), acknowledged).await.expect("the other two are acknowledged");
    assert!(!acknowledging.is_finished());
    holding.rollback().await.unwrap();
    assert_eq!(acknowledging.await.unwrap().unwrap(), [Acknowledged::Done, Acknowledged::Done, Acknowledged::Done]);
}

/// The statement of the step sees the quota as it was when it began, and waits for the row; the quota goes meanwhile.
#[tokio::test]
async fn a_step_claims_no_permit_of_a_quota_that_is_refilled_while_it_waits() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let quota = Quota::new(digest(7), 3, Duration::from_secs(60), after(1));
    store.take_permit(&quota).await.unwrap();
    let state = store.account_state(&"1".into(), &[quota.key], after(1)).await.unwrap();
    let (claim, _) = quota.claim(state.full_at[0]).unwrap();
    let step = issue(&reset, "1").claiming(claim);
    let mut holding = world.pool.begin().await.unwrap();
    sqlx::query("select * from password_reset_resets for update").fetch_all(&mut *holding).await.unwrap();
    let refilling = async {
        let waiting = "select count(*) from pg_stat_activity where datname = current_database() \
                       and wait_event_type = 'Lock'";
        while world.number(waiting).await == 0 {}
        store.refill(&[quota.key]).await.unwrap();
        holding.rollback().await.unwrap();
    };
    let (transitioned, ()) = tokio::join!(store.transition(&step), refilling);
    assert_eq!(transitioned.unwrap(), Transitioned::Conflict);
    assert_eq!(world.number("select count(*) from password_reset_quotas").await, 0);
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
}

/// The step has the reset, and its quota is new or refilled: `erase` waits for it, and then deletes what it wrote.
#[tokio::test]
async fn an_account_is_erased_with_the_quota_that_a_step_claims_meanwhile() {
    for is_full in [true, false] {
        let world = World::new().await;
        let store = world.store();
        let reset = store_request(&store).await;
        let quota = Quota::new(digest(7), 3, Duration::from_secs(60), after(1));
        if !is_full {
            store.take_permit(&quota).await.unwrap();
        }
        let state = store.account_state(&"1".into(), &[quota.key], after(1)).await.unwrap();
        let (claim, _) = quota.claim(state.full_at[0]).unwrap();
        let step = issue(&reset, "1").claiming(claim);
        let mut holding = world.pool.begin().await.unwrap();
        sqlx::query("select * from password_reset_resets for update").fetch_all(&mut *holding).await.unwrap();
        let waiting = async |calls: i64| {
            let waiting = "select count(*) from pg_stat_activity where datname = current_database() \
                           and wait_event_type = 'Lock'";
            while world.number(waiting).await < calls {}
        };
        let erasing = async {
            waiting(1).await;
            store.erase(&"1".into(), &[reset.stored().subject, quota.key]).await
        };
        let releasing = async {
            waiting(2).await;
            holding.rollback().await.unwrap();
        };
        let (transitioned, erased, ()) = tokio::join!(store.transition(&step), erasing, releasing);
        erased.unwrap();
        assert_eq!(transitioned.unwrap(), Transitioned::Moved { lease: None });
        for left in ["resets", "quotas", "audit"].map(|table| format!("select count(*) from password_reset_{table}")) {
            let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(left.clone())).fetch_one(&world.pool).await.unwrap();
            assert_eq!(rows, 0, "{left}");
        }
    }
}
