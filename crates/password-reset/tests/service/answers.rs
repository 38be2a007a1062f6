//! The same answer and the same work for every requester.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, State};
use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::secret::{Code, RequesterToken};
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, Identifier, PortError, Proof, ResetRequest,
    SeveralAccounts, Stage,
};
use password_reset_testkit::{Faults, MemoryAccounts, MemoryStore};

use crate::support::{App, EMAIL, cheap_hash, email, id, keys, site, source};

/// One account of every kind that must not be told from the others.
fn crowd() -> (MemoryAccounts, Vec<(&'static str, Identifier, &'static str)>) {
    let accounts = MemoryAccounts::new();
    let with = |id: &str, status, address: &str| {
        Account::new(id, status).with_contact(Contact::email(address)).with_hash(cheap_hash("x", 1))
    };
    accounts.add(with("disabled", AccountStatus::Disabled, "barred@toko.example"));
    accounts.add(with("twin-1", AccountStatus::Active, "twins@toko.example"));
    accounts.add(with("twin-2", AccountStatus::Active, "twins@toko.example"));
    accounts.add_named("unconfirmed", Account::new("unconfirmed", AccountStatus::Active));
    accounts.add_named("budi", with("budi", AccountStatus::Active, "budi@toko.example"));
    accounts.add(with("squatted", AccountStatus::Active, "squatted@toko.example"));
    accounts.add(with("nobodys", AccountStatus::Disabled, "nobodys@toko.example"));
    for (id, address) in [
        ("sign-up-1", "squatted@toko.example"),
        ("sign-up-2", "unproven@toko.example"),
        ("sign-up-3", "nobodys@toko.example"),
        ("sign-up-4", "nobodys@toko.example"),
    ] {
        let own = [Contact::phone("+6281200000055"), Contact::email(format!("{id}@own.example"))];
        let sign_up = Account::new(id, AccountStatus::Active);
        accounts.add(own.into_iter().fold(sign_up, |account, contact| account.with_contact(contact)));
        assert!(accounts.add_unconfirmed(&AccountId::new(id), Contact::email(address)));
    }
    let name = |name| Identifier::username(name).unwrap();
    let cases = vec![
        ("known", email(EMAIL), ""),
        ("known by username", name("budi"), ""),
        ("unknown", email("nobody@toko.example"), "unknown"),
        ("disabled", email("barred@toko.example"), "disabled"),
        ("known, and a sign-up has the address too", email("squatted@toko.example"), ""),
        ("only a sign-up has the address", email("unproven@toko.example"), "no_contact"),
        ("two sign-ups and a disabled account", email("nobodys@toko.example"), "disabled"),
        ("ambiguous", email("twins@toko.example"), "ambiguous"),
        ("no confirmed contact", name("unconfirmed"), "no_contact"),
    ];
    (accounts, cases)
}

#[tokio::test]
async fn only_an_account_that_may_be_reset_gets_a_message_and_the_rest_say_why_to_administrators() {
    let (accounts, cases) = crowd();
    let app = App::on(accounts, MemoryStore::new(), |builder| builder);
    for (what, identifier, why) in cases {
        let before = app.mail.delivered().len();
        app.mailed_for(identifier).await;
        let sent = app.mail.delivered().len() - before;
        assert_eq!(sent, usize::from(why.is_empty()), "{what}");
        if !why.is_empty() {
            assert_eq!(app.details(AuditEvent::Suppressed).last().unwrap(), why, "{what}");
        }
    }
    let states: Vec<_> = app.store.resets().unwrap().iter().map(password_reset::flow::Reset::state).collect();
    assert_eq!(states.iter().filter(|state| **state == State::Requested).count(), 6, "decoys stay requested");
    let to: Vec<_> = app.mail.delivered().iter().map(|sent| sent.to.value().to_owned()).collect();
    assert_eq!(to, [EMAIL, "budi@toko.example", "squatted@toko.example"], "only the accounts' own addresses");
}

#[tokio::test]
async fn a_scripted_walk_sees_the_same_for_every_identifier() {
    for several in [SeveralAccounts::Nothing, SeveralAccounts::MailEach, SeveralAccounts::MailList] {
        a_walk_sees_the_same(several).await;
    }
}

async fn a_walk_sees_the_same(several: SeveralAccounts) {
    let (accounts, cases) = crowd();
    let app = App::on(accounts, MemoryStore::new(), |builder| builder.several_accounts(several));
    let mut transcripts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (what, identifier, _) in cases {
        let asked_at = app.clock_now();
        let requester_token = app.ask_for(identifier).await;
        let mut seen = format!("{:?}\n", requester_token.shown_until - asked_at);
        app.worker.run_once().await.unwrap();
        for _ in 0..7 {
            let status = app.reset.status(&requester_token.requester_token).await.unwrap().unwrap();
            seen += &format!("{:?} {}\n", status.stage, status.code_attempts_left);
            let wrong = Proof::Code {
                requester_token: RequesterToken::parse(requester_token.requester_token.expose()).unwrap(),
                code: Code::parse("00000000").unwrap(),
            };
            seen += &format!("{}\n", app.reset.verify(wrong).await.unwrap_err());
        }
        app.later(30);
        let status = app.reset.status(&requester_token.requester_token).await.unwrap().unwrap();
        assert_eq!(status.stage, Stage::Expired);
        seen += &format!("{:?} {}\n", status.stage, status.code_attempts_left);
        transcripts.entry(seen).or_default().push(what);
    }
    assert_eq!(transcripts.len(), 1, "{transcripts:#?}");
}

#[tokio::test]
async fn the_worker_makes_the_same_calls_for_every_identifier_but_for_the_notifier() {
    the_worker_makes_the_same_calls(SeveralAccounts::Nothing).await;
    // For an address that several accounts have it does the work of several, unseen.
    the_worker_makes_the_same_calls(SeveralAccounts::MailList).await;
}

async fn the_worker_makes_the_same_calls(several: SeveralAccounts) {
    let (accounts, mut cases) = crowd();
    cases.retain(|(what, ..)| several == SeveralAccounts::Nothing || *what != "ambiguous");
    let app = App::on(accounts, MemoryStore::new(), |builder| builder);
    let mut calls: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (what, identifier, _) in cases {
        let faults = Faults::none();
        let (reset, worker) = crate::faults::faulty_with(&app, &faults, |builder| builder.several_accounts(several));
        reset.request(ResetRequest::email_link(identifier, source())).await.unwrap();
        worker.run_once().await.unwrap();
        let made = faults.calls().into_iter().filter(|call| *call != "notifier.deliver").collect();
        calls.entry(made).or_default().push(what);
    }
    assert_eq!(calls.len(), 1, "{calls:#?}");
}

#[tokio::test]
async fn no_account_is_read_for_what_a_stranger_asks() {
    let accounts = MemoryAccounts::new();
    let app = App::on(accounts.clone(), MemoryStore::writing(accounts), |builder| builder);
    let (token, _) = app.mailed().await;
    let faults = Faults::none();
    let (reset, _worker) = crate::faults::faulty(&app, &faults);
    reset.status(&token).await.unwrap().unwrap();
    let requester_token = RequesterToken::parse(token.expose()).unwrap();
    let wrong = Proof::Code { requester_token, code: Code::parse("00000000").unwrap() };
    reset.verify(wrong).await.unwrap_err();
    drop(reset.watch(token).await.unwrap().unwrap());
    let calls = faults.calls();
    let reads_an_account = |call: &&str| call.starts_with("accounts.") || *call == "store.load";
    assert!(!calls.is_empty() && !calls.iter().any(reads_an_account), "{calls:?}");
}

/// Accounts that must not be asked anything.
#[derive(Debug)]
struct Untouchable;

#[async_trait]
impl Accounts for Untouchable {
    fn home_country(&self) -> Option<CallingCode> {
        None
    }

    async fn find(&self, _: &Identifier) -> Result<Vec<Account>, PortError> {
        panic!("a request looked something up")
    }

    async fn load(&self, _: &AccountId) -> Result<Option<Account>, PortError> {
        panic!("a request looked something up")
    }

    async fn set_password(&self, _: &PasswordChange) -> Result<Changed, PortError> {
        panic!("a request wrote something")
    }

    async fn end_sessions(&self, _: &AccountId, _: DateTime<Utc>) -> Result<(), PortError> {
        panic!("a request ended something")
    }
}

#[tokio::test]
async fn a_request_looks_nothing_up_and_sends_nothing() {
    let app = App::new();
    let builder = app.service_on(Untouchable, Arc::clone(&app.store), keys(), site());
    let (reset, _worker) = builder.notifier(app.mail.clone()).build().unwrap();
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    assert!(app.mail.tried().is_empty());
    assert_eq!(app.events(), [AuditEvent::Requested]);
}

#[tokio::test]
async fn asking_changes_nothing_about_the_account() {
    let app = App::new();
    let before = app.account();
    for _ in 0..50 {
        app.ask().await;
    }
    app.worker.run_once().await.unwrap();
    assert_eq!(app.account(), before);
    assert!(app.accounts.ended().is_empty());
}

#[tokio::test]
async fn a_double_click_gets_the_same_reset_and_one_message() {
    let app = App::new();
    let first = app.ask().await;
    let again = || {
        ResetRequest::email_link(email(EMAIL), source())
            .again(RequesterToken::parse(first.requester_token.expose()).unwrap())
    };
    let second = app.reset.request(again()).await.unwrap();
    assert_eq!(second.requester_token.expose(), first.requester_token.expose());
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1);
    let other = ResetRequest::email_link(email("budi@toko.example"), source());
    let other = other.again(RequesterToken::parse(first.requester_token.expose()).unwrap());
    assert_ne!(
        app.reset.request(other).await.unwrap().requester_token.expose(),
        first.requester_token.expose(),
        "another identifier"
    );
    app.later(1);
    let later = app.reset.request(again()).await.unwrap();
    assert_ne!(
        later.requester_token.expose(),
        first.requester_token.expose(),
        "who asks again later wants another message"
    );
}

#[tokio::test]
async fn what_was_typed_never_decides_where_the_message_goes() {
    let app = App::new();
    assert!(app.accounts.update(&id(), |_| {
        Account::new("7", AccountStatus::Active)
            .with_contact(Contact::email("Ani.First@Toko.Example"))
            .with_contact(Contact::email("ANI@toko.example"))
            .with_hash(cheap_hash("x", 1))
    }));
    app.mailed_for(email("ani@TOKO.example")).await;
    assert_eq!(app.mail.last().unwrap().to.value(), "ANI@toko.example", "the stored bytes of the address typed");
    app.mailed_for(Identifier::username("ani").unwrap()).await;
    assert_eq!(app.mail.last().unwrap().to.value(), "Ani.First@Toko.Example", "the address on record");
}

/// What is stored is also a label of metrics: a stranger must not choose it freely.
#[tokio::test]
async fn a_request_in_a_language_that_the_site_does_not_have_is_one_in_its_first() {
    let app = App::new();
    for asked in ["xx", "id", "ar"] {
        let request = ResetRequest::email_link(email(EMAIL), source()).locale(asked.parse().unwrap());
        app.reset.request(request).await.unwrap();
    }
    let mut kept: Vec<_> = app.store.resets().unwrap().iter().map(|reset| reset.locale().tag().to_owned()).collect();
    kept.sort();
    assert_eq!(kept, ["en", "en", "id"]);
}
