//! Every call of every port fails once, in six ways, and nothing is lost (I7).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use password_reset::flow::State;
use password_reset::ports::SystemRandom;
use password_reset::secret::GrantToken;
use password_reset::{Builder, Grant, NewPassword, PasswordReset, Proof, ResetRequest, Worker};
use password_reset_testkit::{
    Fault, Faults, FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore, Hook, MemoryAccounts, MemoryStore,
};

use crate::support::{App, EMAIL, NEW, OLD, email, id, keys, link, site, source};

/// The same application, with faults in its ports.
pub(crate) fn faulty(app: &App, faults: &Faults) -> (PasswordReset, Worker) {
    faulty_with(app, faults, |builder| builder)
}

/// As [`faulty`], with other settings.
pub(crate) fn faulty_with(
    app: &App,
    faults: &Faults,
    change: impl FnOnce(Builder) -> Builder,
) -> (PasswordReset, Worker) {
    let accounts = FaultyAccounts::new(Arc::new(app.accounts.clone()), faults);
    let store = FaultyStore::new(Arc::clone(&app.store), faults);
    let builder = app
        .service_on(accounts, store, keys(), site())
        .notifier(FaultyNotifier::new(Arc::new(app.mail.clone()), faults))
        .random(FaultyRandom::new(Arc::new(SystemRandom), faults));
    change(builder).build().unwrap()
}

fn new_password() -> NewPassword {
    NewPassword::confirmed(NEW, NEW)
}

/// What the browser keeps between its requests: a grant.
type Cookie = Mutex<Option<String>>;

/// A person who tries each step again when it fails, and a worker that runs now and then.
async fn walk(app: &App, reset: &PasswordReset, worker: &Worker, cookie: &Cookie) {
    for _ in 0..3 {
        if reset.request(ResetRequest::email_link(email(EMAIL), source())).await.is_ok() {
            break;
        }
    }
    for _ in 0..4 {
        let _maybe = worker.run_once().await;
        if app.mail.last().is_some() {
            break;
        }
        app.later(1);
    }
    let mail = app.mail.last().expect("the mail comes, sooner or later");
    let grant = proved(reset, || Proof::Link(link(&mail))).await.expect("a link that opens");
    let token = cookie.lock().unwrap().insert(grant.into_token().expose().to_owned()).clone();
    for _ in 0..3 {
        let Some(grant) = proved(reset, || Proof::Grant(GrantToken::parse(&token).unwrap())).await else { break };
        if reset.set_password(grant, new_password()).await.is_ok() {
            break;
        }
    }
    for _ in 0..4 {
        let _maybe = worker.run_once().await;
        app.later(1);
    }
}

async fn proved(reset: &PasswordReset, proof: impl Fn() -> Proof) -> Option<Grant> {
    for _ in 0..3 {
        if let Ok(grant) = reset.verify(proof()).await {
            return Some(grant);
        }
    }
    None
}

/// What must hold however it went: now, or as soon as the person goes on and the worker runs.
async fn finishes(app: &App, cookie: Cookie, what: &str) {
    app.worker.run_once().await.unwrap();
    if app.signs_in_with(OLD) {
        // The old password and a reset that can still finish; or none was stored, and the person asks again.
        let proof = match (cookie.into_inner().unwrap(), app.mail.last()) {
            (Some(token), _) => Proof::Grant(GrantToken::parse(&token).unwrap()),
            (None, Some(mail)) => Proof::Link(link(&mail)),
            (None, None) => Proof::Link(link(&app.mailed().await.1)),
        };
        let grant = app.reset.verify(proof).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        app.set(grant, NEW).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert!(app.signs_in_with(NEW), "{what}");
    app.later(10);
    app.worker.run_once().await.unwrap();
    let resets = app.store.resets().unwrap();
    assert_eq!(resets.iter().filter(|reset| reset.state() == State::PasswordSet).count(), 1, "{what}: {resets:#?}");
    assert!(resets.iter().all(|reset| reset.tasks().is_empty()), "{what}: {resets:#?}");
    assert!(app.accounts.sessions(&id()).is_empty(), "{what}: sessions ended");
    let mut notices: Vec<_> = app.mail.delivered().into_iter().filter(|sent| sent.link().is_none()).collect();
    assert!(!notices.is_empty(), "{what}: told");
    notices.dedup_by_key(|sent| sent.id.clone());
    assert_eq!(notices.len(), 1, "{what}: told once, or the same again");
}

fn apps() -> [(&'static str, App); 2] {
    let apart = App::new();
    let accounts = MemoryAccounts::new();
    let together = App::on(accounts.clone(), MemoryStore::writing(accounts), |builder| builder);
    for app in [&apart, &together] {
        app.accounts.begin_session(&id(), crate::support::start() - Duration::from_secs(60));
    }
    [("apart", apart), ("together", together)]
}

#[tokio::test]
async fn nothing_is_lost_whichever_call_fails() {
    let mut tried = 0;
    let panics: Hook = Arc::new(|| panic!("a port that panics, on purpose"));
    let stops = [Fault::StopBefore, Fault::StopAfter];
    let fails = [Fault::FailBefore, Fault::FailAfter, Fault::RunBefore(Arc::clone(&panics)), Fault::RunAfter(panics)];
    for (fault, goes_on) in fails.map(|fault| (fault, true)).into_iter().chain(stops.map(|fault| (fault, false))) {
        let mut left = [true, true];
        for call in 1.. {
            for (at, (kind, app)) in apps().into_iter().enumerate().filter(|(at, _)| left[*at]).collect::<Vec<_>>() {
                let faults = Faults::at(call, fault.clone());
                let (reset, worker) = faulty(&app, &faults);
                let cookie = Cookie::default();
                if goes_on {
                    walk(&app, &reset, &worker, &cookie).await;
                } else {
                    // A process that stops in the middle of a call, and another that starts later.
                    tokio::select! {
                        biased;
                        () = faults.until_struck() => {}
                        () = walk(&app, &reset, &worker, &cookie) => {}
                    }
                }
                left[at] = faults.struck();
                tried += usize::from(left[at]);
                app.later(4);
                let called = faults.calls().get(call - 1).copied().unwrap_or("none");
                finishes(&app, cookie, &format!("{kind}, {fault:?} at call {call} ({called})")).await;
            }
            if left == [false, false] {
                break;
            }
        }
    }
    assert!(tried > 225, "only {tried} faults were tried");
}
