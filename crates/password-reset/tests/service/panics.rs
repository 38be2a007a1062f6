//! Ports that panic: a failed try of one call, and nothing more.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::admin::DeliveryOutcome;
use password_reset::flow::AuditEvent;
use password_reset::ports::{
    AccountLock, AccountLocker, Accounts, AdminDecision, Changed, Delivery, Notifier, PasswordChange,
};
use password_reset::{
    Account, AccountId, AccountStatus, Builder, CallingCode, Contact, ContactKind, Identifier, Message, NewPassword,
    PasswordReset, PortError, Proof, SetPasswordError, VerifyError, Worker,
};
use password_reset_testkit::{Fault, Faults, FaultyStore, Hook, MemoryAccounts, RecordingNotifier};

use crate::refusals::{lines, listening};
use crate::support::{App, EMAIL, NEW, OLD, cheap_hash, deciding, email, id, keys, link, site};

const BAD: &str = "bad@toko.example";

/// Panics with the address, for one address.
#[derive(Debug)]
struct PanicsFor(&'static str, RecordingNotifier);

#[async_trait]
impl Notifier for PanicsFor {
    fn reaches(&self) -> ContactKind {
        self.1.reaches()
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        assert_ne!(message.to().value(), self.0, "a port that panics, on purpose");
        self.1.deliver(message).await
    }
}

/// The same application with another notifier, and what else a test changes.
fn built(app: &App, notifier: impl Notifier, change: impl FnOnce(Builder) -> Builder) -> (PasswordReset, Worker) {
    built_on(app, app.accounts.clone(), notifier, change)
}

fn built_on(
    app: &App,
    accounts: impl Accounts,
    notifier: impl Notifier,
    change: impl FnOnce(Builder) -> Builder,
) -> (PasswordReset, Worker) {
    let builder = app.service_on(accounts, Arc::clone(&app.store), keys(), site());
    change(builder.notifier(notifier)).build().unwrap()
}

fn another(address: &str) -> Account {
    Account::new("8", AccountStatus::Active).with_contact(Contact::email(address)).with_hash(cheap_hash(OLD, 1))
}

fn request(address: &str) -> password_reset::ResetRequest {
    password_reset::ResetRequest::email_link(email(address), crate::support::source())
}

#[tokio::test]
async fn a_notifier_that_panics_for_one_address_is_backed_off_and_given_up_in_sight() {
    let (log, _guard) = listening();
    let app = App::new();
    app.accounts.add_named("bad", another(BAD));
    let (reset, worker) = built(&app, PanicsFor(BAD, app.mail.clone()), |builder| builder);
    let said = async || {
        let last = reset.admin().deliveries(&AccountId::new("8")).await.unwrap().remove(0);
        (last.outcome, last.why.unwrap_or_default())
    };
    reset.request(request(BAD)).await.unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(said().await, (DeliveryOutcome::Delayed, "panicked".to_owned()));
    assert_eq!(worker.run_once().await.unwrap(), 0, "not at once again");
    reset.request(request(EMAIL)).await.unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1, "the others get theirs");
    let mut tries = 1;
    for _ in 0..1_800 {
        app.clock.advance(Duration::from_secs(1));
        tries += worker.run_once().await.unwrap();
    }
    assert!((8..=14).contains(&tries), "5 s, 10 s, 20 s … and then every five minutes: {tries}");
    assert_eq!(said().await, (DeliveryOutcome::GivenUp, "panicked".to_owned()));
    assert_eq!(app.details(AuditEvent::SendFailed), ["expired panicked"]);
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
    let lines = lines(&log);
    let errors: Vec<&String> = lines.iter().filter(|line| line.contains("ERROR")).collect();
    assert!(errors.iter().any(|line| line.contains("panicked")), "{errors:?}");
    assert!(errors.len() <= tries, "{errors:?}");
    assert!(lines.iter().all(|line| !line.contains("toko.example")), "{lines:?}");
}

#[tokio::test]
async fn a_notice_that_panics_keeps_no_other_notice_and_no_session() {
    let app = App::new();
    let account = app.account().with_contact(Contact::email(BAD));
    app.accounts.add_named("ani", account);
    let (reset, worker) = built(&app, PanicsFor(BAD, app.mail.clone()), |builder| builder);
    reset.request(request(EMAIL)).await.unwrap();
    worker.run_once().await.unwrap();
    let grant = reset.verify(Proof::Link(link(&app.mail.last().unwrap()))).await.unwrap();
    reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(app.mail.last().unwrap().kind(), "password_changed");
    assert_eq!(app.accounts.ended().len(), 1);
    // A day later the notice is given up.
    for _ in 0..300 {
        app.later(5);
        worker.run_once().await.unwrap();
    }
    assert_eq!(app.details(AuditEvent::NoticeFailed), ["gave_up"]);
    let last = reset.admin().deliveries(&id()).await.unwrap();
    let bad = last.iter().find(|last| last.contact.value() == BAD).unwrap();
    assert_eq!(bad.outcome, DeliveryOutcome::GivenUp);
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
}

/// Accounts that panic for one name, and in one call that all flows make.
#[derive(Debug)]
struct PanicsIn(&'static str, MemoryAccounts);

#[async_trait]
impl Accounts for PanicsIn {
    fn home_country(&self) -> Option<CallingCode> {
        self.1.home_country()
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        assert!(self.0 != "find" || identifier.as_str() != BAD, "a port that panics, on purpose");
        self.1.find(identifier).await
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        assert!(self.0 != "load", "a port that panics, on purpose");
        self.1.load(account).await
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        assert!(self.0 != "set_password", "a port that panics, on purpose");
        self.1.set_password(change).await
    }

    async fn end_sessions(&self, account: &AccountId, before: DateTime<Utc>) -> Result<(), PortError> {
        assert!(self.0 != "end_sessions", "a port that panics, on purpose");
        self.1.end_sessions(account, before).await
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_looked_up_is_given_up_when_the_reset_expires() {
    let (log, _guard) = listening();
    let app = App::new();
    let accounts = PanicsIn("find", app.accounts.clone());
    let (reset, worker) = built_on(&app, accounts, app.mail.clone(), |builder| builder);
    reset.request(request(BAD)).await.unwrap();
    reset.request(request(EMAIL)).await.unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1);
    for _ in 0..36 {
        app.later(1);
        worker.run_once().await.unwrap();
    }
    assert_eq!(app.details(AuditEvent::SendFailed), ["expired"]);
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
    let ends = lines(&log).into_iter().filter(|line| line.contains("ERROR") && line.contains("could be looked up"));
    assert_eq!(ends.count(), 1);
}

#[tokio::test]
async fn accounts_that_panic_in_a_verb_are_an_error_and_the_grant_comes_back() {
    for call in ["load", "set_password"] {
        let app = App::new();
        let grant = app.proved().await;
        let (reset, _worker) =
            built_on(&app, PanicsIn(call, app.accounts.clone()), app.mail.clone(), |builder| builder);
        let failed = reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap_err();
        let SetPasswordError::Unavailable { error, grant } = failed else { panic!("{failed:?}") };
        assert!(error.is_transient());
        assert!(!format!("{error:?}").contains("on purpose"), "what panics say may name an address");
        app.set(grant, NEW).await.unwrap();
        assert!(app.signs_in_with(NEW));
    }
    let app = App::new();
    let (reset, _worker) = built_on(&app, PanicsIn("load", app.accounts.clone()), app.mail.clone(), |builder| builder);
    assert!(reset.admin().erase(&id()).await.unwrap_err().is_transient());
    assert!(reset.admin().deliveries(&id()).await.unwrap_err().is_transient());
    assert!(reset.contacts().changed(&id(), &[]).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn sessions_whose_end_panics_keep_no_notice() {
    let app = App::new();
    app.reset_to(NEW).await;
    let accounts = PanicsIn("end_sessions", app.accounts.clone());
    let (_reset, worker) = built_on(&app, accounts, app.mail.clone(), |builder| builder);
    worker.run_once().await.unwrap();
    assert_eq!(app.mail.last().unwrap().kind(), "password_changed");
    app.clock.advance(Duration::from_secs(5));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.accounts.ended().len(), 1, "a worker whose port works ends them");
    assert!(app.store.resets().unwrap()[0].tasks().is_empty());
}

#[derive(Debug)]
struct Panics;

#[async_trait]
impl AccountLocker for Panics {
    async fn lock(&self, _: &AccountLock) -> Result<(), PortError> {
        panic!("a port that panics, on purpose")
    }
}

#[tokio::test]
async fn a_policy_that_panics_is_an_error_and_the_proof_stays_usable() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let (reset, _worker) = built(&app, app.mail.clone(), |builder| {
        builder.risk_policy(deciding(|_| panic!("a port that panics, on purpose"), |_| AdminDecision::Deny))
    });
    let failed = reset.verify(Proof::Link(link(&mail))).await.unwrap_err();
    assert!(matches!(&failed, VerifyError::Unavailable(error) if error.is_transient()), "{failed:?}");
    assert!(app.verify_link(&mail).await.is_ok());
}

#[tokio::test]
async fn a_locker_that_panics_is_tried_again() {
    let app = App::new();
    let (reset, worker) = built(&app, app.mail.clone(), |builder| builder.account_locker(Panics));
    reset.request(request(EMAIL)).await.unwrap();
    worker.run_once().await.unwrap();
    let grant = reset.verify(Proof::Link(link(&app.mail.last().unwrap()))).await.unwrap();
    reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
    worker.run_once().await.unwrap();
    let secret = app.mail.last().unwrap().lock_secret().unwrap().to_owned();
    reset.lock(&password_reset::secret::LockToken::parse(&secret).unwrap()).await.unwrap();
    for tried in 1..=3 {
        assert_eq!(worker.run_once().await.unwrap(), 1, "try {tried}");
        assert!(!app.events().contains(&AuditEvent::Locked));
        app.later(1);
    }
}

/// The worker itself calls the store to lease, to acknowledge and to purge.
#[tokio::test]
async fn a_store_that_panics_does_not_end_the_worker() {
    let hook: Hook = Arc::new(|| panic!("a port that panics, on purpose"));
    for call in 1..12 {
        let app = App::new();
        app.ask().await;
        let faults = Faults::at(call, Fault::RunBefore(Arc::clone(&hook)));
        let store = FaultyStore::new(Arc::clone(&app.store), &faults);
        let (_reset, worker) = app.builder_on(store).notifier(app.mail.clone()).build().unwrap();
        let mut running = tokio::spawn(worker.run());
        for _ in 0..300 {
            tokio::select! {
                () = app.clock.until_asleep(Duration::from_millis(500)) => {}
                ended = &mut running => panic!("call {call}: {ended:?}"),
            }
            app.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        assert!(faults.struck(), "call {call}");
        // Where the end of a message could not be recorded, the same message comes again.
        let mut sent = app.mail.delivered();
        sent.dedup_by_key(|sent| sent.id.clone());
        assert_eq!(sent.len(), 1, "call {call}");
        running.abort();
    }
}
