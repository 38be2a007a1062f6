//! A caller that goes away in the middle leaves neither half a call nor a transaction behind.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use password_reset::AccountId;
use password_reset::flow::{AuditEvent, State};
use password_reset::ports::{Accounts, Attempt, AttemptKind, Quota, ResetStore, Transitioned};

use crate::common::{World, apply, digest, noon, note, store_request, verified};

/// Polls a future `polls` times, giving the thread that writes a little time in between, and drops it. `true` if it ended
/// before.
async fn dropped_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_call_at_any_moment_leaves_all_of_it_or_nothing() {
    let world = World::new().await;
    let store = world.writing();
    let accounts = store.accounts("users");
    let id = AccountId::new("1");
    let mut dropped = 0;
    for polls in 0..200 {
        let was = accounts.load(&id).await.unwrap().unwrap();
        let reset = verified(&store).await;
        let step = apply(&reset, &was, &format!("hash {polls}"));
        if !dropped_after(polls * polls, store.transition(&step)).await {
            dropped += 1;
        }
        // Calls are carried out in the order in which they came, so the one before has ended when this has.
        store.record(&note(AuditEvent::Requested)).await.unwrap();
        let (row, account) =
            (store.load(reset.id()).await.unwrap().unwrap().reset, accounts.load(&id).await.unwrap().unwrap());
        assert_eq!(row.state() == State::PasswordSet, account.hash() != was.hash(), "after {polls} polls");
        assert_eq!(world.number("select count(*) from password_reset_resets"), i64::try_from(polls).unwrap() + 1);
    }
    assert!(dropped > 3, "only {dropped} calls were dropped in the middle");
    for polls in 0..60 {
        let reset = store_request(&store).await;
        dropped_after(polls, store.attempt(&Attempt::new(reset.id(), AttemptKind::Code, 5))).await;
        dropped_after(polls, store.take_permit(&Quota::new(digest(7), 3, Duration::from_secs(60), noon()))).await;
    }
    // Another process can write at once.
    let other = world.writing();
    let reset = verified(&other).await;
    let was = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(other.transition(&apply(&reset, &was, "last")).await.unwrap(), Transitioned::Finished { lease: None });
}
