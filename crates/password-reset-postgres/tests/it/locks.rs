//! Calls that wait for each other's locks.

use std::time::Duration;

use password_reset::ports::{Ack, Acknowledged, Due, Quota, ResetStore, Transitioned};

use crate::common::{World, after, digest, issue, store_request};

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
