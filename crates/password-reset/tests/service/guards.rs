//! Small conditions on which the invariants hang, each met in the moment in which it decides.
//!
//! What another node does between two calls of a port is played by a hook before the second.

mod worker;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use password_reset::flow::{AuditEvent, CloseReason, Event, Reset, State, Step};
use password_reset::policy::Rule;
use password_reset::ports::{Digest, ResetStore, Transitioned};
use password_reset::{
    CancelError, Grant, NewPassword, PasswordHash, PasswordIsSet, PasswordPolicy, PasswordReset, Proof,
    SetPasswordError, VerifyError,
};
use password_reset_testkit::{Fault, Faults, MemoryStore};

use crate::faults::faulty;
use crate::support::{App, NEW, OTHER, cancel, cheap_hash, id, link};

/// The outcome of something that only calls ports in memory, which never wait.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("nothing in memory waits")
}

fn meanwhile(app: &Arc<App>, run: impl Fn(&App) + Send + Sync + 'static) -> Fault {
    let app = Arc::clone(app);
    Fault::RunBefore(Arc::new(move || run(&app)))
}

fn only(app: &App) -> Reset {
    let mut resets = app.store.resets().unwrap();
    assert_eq!(resets.len(), 1);
    resets.remove(0)
}

async fn set(reset: &PasswordReset, grant: Grant) -> Result<PasswordIsSet, SetPasswordError> {
    reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await
}

/// The hash that the first try of a test makes.
fn first_hash() -> PasswordHash {
    cheap_hash(NEW, 1000)
}

fn put(app: &App, hash: PasswordHash) {
    assert!(app.accounts.update(&id(), |account| account.with_hash(hash)));
}

/// Another try to set a password, on another node, that saw the account before it was written.
fn another_try(app: &App) {
    let now = app.clock_now();
    let event =
        Event::Apply { hash: Digest::from_bytes([9; 32]), check_at: now + Duration::from_secs(30), device: None };
    let step = Step::new(&only(app), &event, now, Vec::new()).unwrap();
    assert_eq!(at_once(app.store.transition(&step)).unwrap(), Transitioned::Moved { lease: None });
}

/// Sets the password on another node, with a fault that strikes.
async fn set_with(app: &App, grant: Grant, faults: Faults) -> Result<PasswordIsSet, SetPasswordError> {
    let outcome = set(&faulty(app, &faults).0, grant).await;
    assert!(faults.struck(), "{:?}", faults.calls());
    outcome
}

/// Leaves a reset whose password is about to be written, by a node that was killed before it could write.
async fn applying(app: &App) -> String {
    let token = app.proved().await.into_token().expose().to_owned();
    let grant = app.granted(&token).await.unwrap();
    let faults = Faults::at_nth("store.transition", 1, Fault::StopAfter);
    let (killed, _worker) = faulty(app, &faults);
    tokio::select! {
        biased;
        () = faults.until_struck() => {}
        outcome = set(&killed, grant) => panic!("{outcome:?}"),
    }
    assert_eq!(only(app).state(), State::Applying);
    token
}

#[tokio::test]
async fn a_password_that_was_set_elsewhere_in_the_last_moment_stays() {
    let app = Arc::new(App::new());
    let grant = app.proved().await;
    let elsewhere = meanwhile(&app, |app| put(app, cheap_hash(OTHER, 9)));
    let outcome = set_with(&app, grant, Faults::at_nth("accounts.set_password", 1, elsewhere)).await;
    assert!(matches!(outcome, Err(SetPasswordError::Refused)), "{outcome:?}");
    assert!(app.signs_in_with(OTHER));
    assert_eq!(only(&app).state(), State::Closed(CloseReason::AccountChanged));
}

#[tokio::test]
async fn the_same_password_from_elsewhere_is_not_the_same_try() {
    for app in App::both() {
        let token = app.proved().await.into_token().expose().to_owned();
        let grant = async || app.granted(&token).await.unwrap();
        app.set(grant().await, NEW).await.unwrap();
        put(&app, cheap_hash(NEW, 9));
        let outcome = app.set(grant().await, NEW).await;
        assert!(matches!(outcome, Err(SetPasswordError::Refused)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_try_whose_reset_was_closed_before_it_could_finish_is_refused() {
    let app = Arc::new(App::new());
    let grant = app.proved().await;
    // The password was written; then another one elsewhere, and a worker looked before this try could say so.
    let closed = meanwhile(&app, |app| {
        put(app, cheap_hash(OTHER, 9));
        app.later(1);
        at_once(app.worker.run_once()).unwrap();
        assert_eq!(only(app).state(), State::Closed(CloseReason::AccountChanged));
    });
    let outcome = set_with(&app, grant, Faults::at_nth("store.transition", 2, closed)).await;
    assert!(matches!(outcome, Err(SetPasswordError::Refused)), "{outcome:?}");
    assert!(app.signs_in_with(OTHER));
}

#[tokio::test]
async fn a_try_that_others_finish_or_overtake_is_the_first_all_the_same() {
    type Meanwhile = fn(&App);
    let finished: Meanwhile = |app| {
        app.later(1);
        at_once(app.worker.run_once()).unwrap();
        assert_eq!(only(app).state(), State::PasswordSet);
    };
    for happens in [finished, another_try] {
        let app = Arc::new(App::new());
        let grant = app.proved().await;
        let faults = Faults::at_nth("store.transition", 2, meanwhile(&app, happens));
        let set = set_with(&app, grant, faults).await.unwrap();
        assert!(!set.repeated);
        assert_eq!(only(&app).state(), State::PasswordSet);
        assert_eq!(only(&app).set_at(), Some(set.at));
        assert_eq!(app.events().iter().filter(|event| **event == AuditEvent::PasswordSet).count(), 1);
    }
}

#[tokio::test]
async fn a_conflict_costs_no_second_hash() {
    let app = Arc::new(App::new());
    let (_, mail) = app.mailed().await;
    let grant = app.verify_link(&mail).await.unwrap();
    let opened_again = meanwhile(&app, move |app| drop(at_once(app.verify_link(&mail)).unwrap()));
    let set = set_with(&app, grant, Faults::at_nth("store.transition", 1, opened_again)).await.unwrap();
    assert!(!set.repeated && app.signs_in_with(NEW));
    assert_eq!(app.hasher.hashed(), 1);
}

#[tokio::test]
async fn a_stored_hash_that_cannot_be_read_keeps_its_owner_not_out() {
    let policy = || PasswordPolicy::four_classes().with(Rule::NotEarlier(2));
    let app = App::with(MemoryStore::new(), |builder| builder.policy(policy()));
    let earlier = "Kertas-Biru-71!";
    assert!(app.accounts.update(&id(), |account| {
        let account = account.with_hash(PasswordHash::new("garbled"));
        account.with_earlier_hash(PasswordHash::new("garbled too")).with_earlier_hash(cheap_hash(earlier, 3))
    }));
    let error = app.set(app.proved().await, earlier).await.unwrap_err();
    let SetPasswordError::Rejected { violations, grant } = error else { panic!("{error:?}") };
    assert_eq!(violations.codes(), ["used_before"], "the readable ones count as ever");
    app.set(grant, "Payung-Hitam-72!").await.unwrap();
    assert!(app.signs_in_with("Payung-Hitam-72!"));
}

#[tokio::test]
async fn a_reset_that_is_cancelled_in_the_last_moment_yields_no_grant() {
    let app = Arc::new(App::new());
    let (_, mail) = app.mailed().await;
    let token = link(&mail);
    let cancelled = meanwhile(&app, move |app| at_once(app.reset.cancel(&cancel(&mail))).unwrap());
    let faults = Faults::at_nth("store.transition", 1, cancelled);
    let outcome = faulty(&app, &faults).0.verify(Proof::Link(token)).await;
    assert!(faults.struck());
    assert!(matches!(outcome, Err(VerifyError::Refused)), "{outcome:?}");
    assert_eq!(only(&app).state(), State::Closed(CloseReason::Cancelled));
}

#[tokio::test]
async fn a_link_that_is_opened_twice_at_once_opens_twice() {
    let app = Arc::new(App::new());
    let (_, mail) = app.mailed().await;
    let token = link(&mail);
    let opened = meanwhile(&app, move |app| drop(at_once(app.verify_link(&mail)).unwrap()));
    let faults = Faults::at_nth("store.transition", 1, opened);
    let grant = faulty(&app, &faults).0.verify(Proof::Link(token)).await.unwrap();
    assert!(faults.struck());
    app.set(grant, NEW).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_for_the_same_password_alone() {
    let app = App::new();
    let token = app.proved().await.into_token().expose().to_owned();
    let grant = async || app.granted(&token).await.unwrap();
    let faults = Faults::at_nth("accounts.set_password", 1, Fault::StopAfter);
    let (killed, _worker) = faulty(&app, &faults);
    tokio::select! {
        biased;
        () = faults.until_struck() => {}
        outcome = set(&killed, grant().await) => panic!("{outcome:?}"),
    }
    assert_eq!(only(&app).state(), State::Applying);
    let other = app.set(grant().await, OTHER).await;
    assert!(matches!(other, Err(SetPasswordError::Refused)), "{other:?}");
    assert!(app.set(grant().await, NEW).await.unwrap().repeated);
    assert!(app.signs_in_with(NEW));
    assert_eq!(app.hasher.hashed(), 1);
}

#[tokio::test]
async fn no_cancel_stops_a_write_and_its_grant_allows_another_attempt() {
    let app = App::new();
    let token = applying(&app).await;
    let late = app.reset.cancel(&cancel(&app.mail.last().unwrap())).await;
    assert!(matches!(late, Err(CancelError::Refused)), "{late:?}");
    let grant = app.granted(&token).await.unwrap();
    assert!(!app.set(grant, OTHER).await.unwrap().repeated);
    assert!(app.signs_in_with(OTHER));
}

#[tokio::test]
async fn cancelling_says_what_came_of_it_whatever_happens_meanwhile() {
    type Meanwhile = fn(&App);
    let opened: Meanwhile = |app| drop(at_once(app.verify_link(&app.mail.last().unwrap())).unwrap());
    let set: Meanwhile = |app| {
        opened_and_set(app);
        assert_eq!(only(app).state(), State::PasswordSet);
    };
    for (happens, state) in [(opened, State::Closed(CloseReason::Cancelled)), (set, State::PasswordSet)] {
        let app = Arc::new(App::new());
        let (_, mail) = app.mailed().await;
        let faults = Faults::at_nth("store.transition", 1, meanwhile(&app, happens));
        let outcome = faulty(&app, &faults).0.cancel(&cancel(&mail)).await;
        assert!(faults.struck());
        assert_eq!((outcome.is_ok(), only(&app).state()), (state != State::PasswordSet, state), "{outcome:?}");
    }
}

/// A whole reset on another node, without its hash.
fn opened_and_set(app: &App) {
    drop(at_once(app.verify_link(&app.mail.last().unwrap())).unwrap());
    another_try(app);
    let step = Step::new(&only(app), &Event::Finish { lockable_until: None }, app.clock_now(), Vec::new()).unwrap();
    assert_eq!(at_once(app.store.transition(&step)).unwrap(), Transitioned::Moved { lease: None });
}
