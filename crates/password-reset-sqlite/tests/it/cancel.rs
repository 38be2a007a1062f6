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

#[tokio::test]
async fn a_call_whose_caller_has_gone_before_it_began_is_not_carried_out() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    // The application itself is writing: the first call waits for the file, the second for the first.
    let writing = world.writing_elsewhere();
    {
        let attempt = Attempt::new(reset.id(), AttemptKind::Code, 5);
        let mut first = pin!(store.attempt(&attempt));
        let mut second = pin!(store.attempt(&attempt));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..50 {
            assert!(first.as_mut().poll(&mut context).is_pending());
            assert!(second.as_mut().poll(&mut context).is_pending());
            tokio::task::yield_now().await;
        }
    }
    writing.execute_batch("commit").unwrap();
    let counted = store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 5)).await.unwrap();
    assert!(matches!(counted, password_reset::ports::Attempted::Counted { .. }), "{counted:?}");
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset.stored().code_attempts, 0);
}
