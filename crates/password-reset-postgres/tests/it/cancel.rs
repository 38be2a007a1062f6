//! A client that goes away in the middle leaves no transaction and no half of one behind.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use password_reset::AccountId;
use password_reset::flow::State;
use password_reset::ports::{Accounts, Attempt, AttemptKind, Quota, ResetStore, Transitioned};

use crate::common::{World, apply, digest, noon, pool, store_request, verified};

/// Polls a future `polls` times, giving the server time to answer in between, and drops it. `true` if it
/// ended before.
async fn dropped_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return true;
        }
        // The answers of the server are counted, not waited for by the clock.
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_call_at_any_await_leaves_the_store_usable() {
    let world = World::new().await;
    // One connection, so that a transaction left open would be met by the next call.
    let pool = pool(world.database.options(), 1).await;
    let accounts = password_reset_postgres::PostgresAccounts::new(&pool, "users");
    let store = password_reset_postgres::PostgresStore::new(&pool).writing(accounts.clone());
    let id = AccountId::new("1");
    let mut dropped = 0;
    for polls in 0..400 {
        let was = accounts.load(&id).await.unwrap().unwrap();
        let reset = verified(&store).await;
        let step = apply(&reset, &was, &format!("hash {polls}"));
        if !dropped_after(polls, store.transition(&step)).await {
            dropped += 1;
        }
        // All of it happened, or nothing.
        let (row, account) =
            (store.load(reset.id()).await.unwrap().unwrap().reset, accounts.load(&id).await.unwrap().unwrap());
        assert_eq!(row.state() == State::PasswordSet, account.hash() != was.hash(), "after {polls} polls");
        assert_eq!(world.number("select count(*) from password_reset_resets").await, i64::try_from(polls).unwrap() + 1);
    }
    assert!(dropped > 10, "only {dropped} calls were dropped in the middle");
    for polls in 0..60 {
        let reset = store_request(&store).await;
        dropped_after(polls, store.attempt(&Attempt::new(reset.id(), AttemptKind::Code, 5))).await;
        dropped_after(polls, store.take_permit(&Quota::new(digest(7), 3, Duration::from_secs(60), noon()))).await;
    }
    // Another pool can write at once.
    let reset = verified(&world.writing()).await;
    let was = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(
        world.writing().transition(&apply(&reset, &was, "last")).await.unwrap(),
        Transitioned::Finished { lease: None }
    );
}
