//! The password of a login.

use std::sync::Arc;

use password_reset::hashing::HashPoolConfig;
use password_reset::login::SignInError;
use password_reset::policy::Rule;
use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{
    Account, AccountId, AccountStatus, Contact, HashPool, Limits, Password, PasswordHash, PasswordPolicy,
    SetPasswordError,
};
use password_reset_testkit::{
    Fault, Faults, FaultyAccounts, FaultyStore, Hook, MemoryAccounts, MemoryStore, PlainHasher,
};

use crate::support::{App, EMAIL, NEW, OLD, cheap_hash, id, keys, site, wrong};

/// Its hashes with the salt 1 are of an earlier time.
#[derive(Debug)]
struct Aged(PlainHasher);

impl PasswordHasher for Aged {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(AgedWorker(self.0.worker()))
    }
}

struct AgedWorker(Box<dyn HashWorker>);

impl HashWorker for AgedWorker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        self.0.hash(password)
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        // It reads what it wrote, and nothing else.
        if !hash.as_str().starts_with("plain$") {
            return Err(HashError::Unreadable);
        }
        match self.0.verify(password, hash)? {
            Verdict::Match { .. } => Ok(Verdict::Match { outdated: hash.as_str().starts_with("plain$1$") }),
            verdict => Ok(verdict),
        }
    }
}

fn aged() -> HashPool {
    HashPool::new(Arc::new(Aged(PlainHasher::salted())), HashPoolConfig::default().threads(1)).unwrap()
}

fn is_signed_in(app: &App, session: &str) -> bool {
    app.account().hash().is_some_and(|hash| app.reset.login().is_session_auth_hash(session, &id(), hash))
}

fn wrong_password(answer: Result<password_reset::login::SignedIn, SignInError>) -> bool {
    answer.is_err_and(|error| matches!(error, SignInError::WrongPassword) && error.status() == 403)
}

#[tokio::test]
async fn the_right_password_signs_in_until_it_changes() {
    let app = App::new();
    let signed_in = app.reset.login().sign_in(Some(&id()), Password::new(OLD)).await.unwrap();
    assert!(!signed_in.rehashed && is_signed_in(&app, &signed_in.session_auth_hash));
    let (_, mail) = app.mailed().await;
    app.set(app.verify_link(&mail).await.unwrap(), NEW).await.unwrap();
    assert!(!is_signed_in(&app, &signed_in.session_auth_hash));
    assert!(wrong_password(app.reset.login().sign_in(Some(&id()), Password::new(OLD)).await));
    app.reset.login().sign_in(Some(&id()), Password::new(NEW)).await.unwrap();
}

#[tokio::test]
async fn it_lifts_a_pause_of_codes_and_a_wrong_password_does_not() {
    for (password, lifts) in [(OLD, true), (NEW, false)] {
        let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().wrong_code_burst(5)));
        let (attacker, mail) = app.mailed().await;
        for _ in 0..5 {
            assert!(app.verify_code(&attacker, &wrong(mail.code().unwrap())).await.is_err());
        }
        assert_eq!(app.reset.login().sign_in(Some(&id()), Password::new(password)).await.is_ok(), lifts);
        let (owner, mail) = app.mailed().await;
        assert_eq!(app.verify_code(&owner, mail.code().unwrap()).await.is_ok(), lifts);
    }
}

/// Nothing that a stranger can time or read says which of them it was.
#[tokio::test]
async fn each_refusal_is_one_answer_and_one_comparison() {
    let app = App::new();
    let account = |id: &str, status| Account::new(id, status).with_contact(Contact::email("budi@toko.example"));
    app.accounts.add(account("8", AccountStatus::Disabled).with_hash(cheap_hash(OLD, 1)));
    app.accounts.add(account("9", AccountStatus::Active));
    app.accounts.add(account("10", AccountStatus::Active).with_hash(PasswordHash::new("!")));
    // The first login also makes what the others are compared with.
    assert!(wrong_password(app.reset.login().sign_in(None, Password::new(OLD)).await));
    let cases = [
        (None, OLD),
        (Some("7"), NEW),
        (Some("7"), ""),
        (Some("8"), OLD),
        (Some("9"), OLD),
        (Some("9"), ""),
        (Some("11"), OLD),
        (None, "no account has this hash"),
        (Some("8"), "no account has this hash"),
    ];
    for (id, password) in cases {
        let before = app.hasher.verified();
        let id = id.map(AccountId::new);
        assert!(wrong_password(app.reset.login().sign_in(id.as_ref(), Password::new(password)).await), "{id:?}");
        assert_eq!(app.hasher.verified(), before + 1, "{id:?}");
    }
    // A hash that cannot be read costs no time by itself.
    let before = app.hasher.verified();
    assert!(wrong_password(app.reset.login().sign_in(Some(&AccountId::new("10")), Password::new(OLD)).await));
    assert_eq!(app.hasher.verified(), before + 2);
    assert_eq!(app.hasher.hashed(), 1, "once in the life of the service");
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_and_sessions_and_resets_live_on() {
    let accounts = MemoryAccounts::new();
    for (accounts, store) in
        [(MemoryAccounts::new(), MemoryStore::new()), (accounts.clone(), MemoryStore::writing(accounts))]
    {
        let policy = PasswordPolicy::default().with(Rule::NotCurrent);
        let app = App::on(accounts, store, |builder| builder.hash_pool(aged()).policy(policy));
        let old = app.account().hash().unwrap().clone();
        let elsewhere = app.reset.login().session_auth_hash(&id(), &old);
        let (_, link) = app.mailed().await;
        let signed_in = app.reset.login().sign_in(Some(&id()), Password::new(OLD)).await.unwrap();
        assert!(signed_in.rehashed);
        assert_ne!(app.account().hash(), Some(&old));
        assert_eq!(app.account().earlier_hashes(), [], "the weak hash is gone");
        assert!(is_signed_in(&app, &elsewhere) && is_signed_in(&app, &signed_in.session_auth_hash));
        let again = app.reset.login().sign_in(Some(&id()), Password::new(OLD)).await.unwrap();
        assert!(!again.rehashed, "once is enough");
        // A link that was mailed before still opens, and what it sets is another password.
        let grant = app.verify_link(&link).await.unwrap();
        let Err(SetPasswordError::Rejected { violations, grant }) = app.set(grant, OLD).await else {
            panic!("the present password is refused")
        };
        assert_eq!(violations.codes(), ["same_as_current"]);
        app.set(grant, NEW).await.unwrap();
        assert!(!is_signed_in(&app, &elsewhere));
        let earlier = app.account();
        let earlier: Vec<_> = earlier.earlier_hashes().iter().map(PasswordHash::as_str).collect();
        assert!(earlier.len() == 1 && earlier[0].ends_with(OLD), "{earlier:?}");
    }
}

/// The owner's old link is opened, and the hash is replaced while the new password is being set.
#[tokio::test]
async fn a_reset_that_meets_a_new_hash_of_the_same_password_goes_on() {
    let app = App::new();
    let grant = app.proved().await;
    let (other, rehash) = app.rebuilt(|builder| builder.hash_pool(aged()));
    drop(rehash);
    assert!(other.login().sign_in(Some(&id()), Password::new(OLD)).await.unwrap().rehashed);
    app.set(grant, NEW).await.unwrap();
    assert!(app.signs_in_with(NEW));
}

#[tokio::test]
async fn a_new_hash_that_cannot_be_stored_does_not_refuse_the_login() {
    let panics: Hook = Arc::new(|| panic!("a port that panics, on purpose"));
    for fault in [Fault::FailBefore, Fault::FailAfter, Fault::RunBefore(panics)] {
        let app = App::new();
        let faults = Faults::at_nth("accounts.set_password", 1, fault);
        let accounts = FaultyAccounts::new(Arc::new(app.accounts.clone()), &faults);
        let builder = app.service_on(accounts, Arc::clone(&app.store), keys(), site()).hash_pool(aged());
        let (reset, _worker) = builder.notifier(app.mail.clone()).build().unwrap();
        let signed_in = reset.login().sign_in(Some(&id()), Password::new(OLD)).await.unwrap();
        assert!(faults.struck() && !signed_in.rehashed);
        assert!(is_signed_in(&app, &signed_in.session_auth_hash));
        reset.login().sign_in(Some(&id()), Password::new(OLD)).await.unwrap();
        assert!(!app.account().hash().unwrap().as_str().contains("plain$1$"), "the next login tried again");
    }
}

/// What the store is asked tells no account from another, nor from none.
#[tokio::test]
async fn a_login_waits_for_the_store_whether_there_is_an_account_or_not() {
    let app = App::new();
    app.accounts.add_named("off", Account::new("8", AccountStatus::Disabled).with_contact(Contact::email(EMAIL)));
    let (disabled, unknown) = (AccountId::new("8"), AccountId::new("9"));
    for account in [Some(&id()), Some(&disabled), Some(&unknown), None] {
        let faults = Faults::none();
        let store = FaultyStore::new(Arc::<MemoryStore>::clone(&app.store), &faults);
        let builder = app.service_on(app.accounts.clone(), store, keys(), site());
        let (reset, _worker) = builder.notifier(app.mail.clone()).build().unwrap();
        assert!(wrong_password(reset.login().sign_in(account, Password::new(NEW)).await));
        assert_eq!(faults.calls(), ["store.account_state"], "{account:?}");
    }
}

#[tokio::test]
async fn a_busy_pool_says_when_to_retry() {
    let app = App::new();
    let pool = HashPool::new(Arc::new(PlainHasher::salted()), HashPoolConfig::default().threads(1).queue(0)).unwrap();
    let (reset, _worker) = app.rebuilt(|builder| builder.hash_pool(pool.clone()));
    let slot = pool.slot().unwrap();
    let busy = reset.login().sign_in(None, Password::new(OLD)).await.unwrap_err();
    assert!(matches!(busy, SignInError::Busy { .. }) && busy.status() == 503 && busy.retry_after().is_some());
    drop(slot);
    assert!(wrong_password(reset.login().sign_in(None, Password::new(OLD)).await));
}

/// Letters and accents apart, as some keyboards send them.
#[tokio::test]
async fn the_password_is_compared_in_the_policys_form() {
    let app = App::with(MemoryStore::new(), |builder| builder.hash_pool(PlainHasher::salted().pool()));
    assert!(app.accounts.update(&id(), |was| was.with_hash(cheap_hash("caf\u{e9} di tepi sawah", 2))));
    app.reset.login().sign_in(Some(&id()), Password::new("cafe\u{301} di tepi sawah")).await.unwrap();
}
