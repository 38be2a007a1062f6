//! Setting the password.

use std::sync::Arc;
use std::time::Duration;

use password_reset::flow::AuditEvent;
use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{HashPool, NewPassword, Password, PasswordHash, PasswordPolicy, SetPasswordError};
use password_reset_testkit::{FakeClock, MemoryStore};

use crate::support::{App, EMAIL, NEW, OLD, OTHER, cheap_hash, id, start};

#[tokio::test]
async fn the_new_password_signs_in_and_nothing_used_works_again() {
    for app in App::both() {
        app.accounts.begin_session(&id(), start() - Duration::from_secs(60));
        let (requester_token, mail) = app.mailed().await;
        let (_, sibling) = app.mailed().await;
        let grant = app.verify_link(&mail).await.unwrap();
        let set = app.set(grant, NEW).await.unwrap();
        assert!(!set.repeated);
        assert!(app.signs_in_with(NEW) && !app.signs_in_with(OLD));
        assert!(app.verify_link(&mail).await.is_err(), "the used link");
        assert!(app.verify_code(&requester_token, mail.code().unwrap()).await.is_err(), "the code beside it");
        assert!(app.verify_link(&sibling).await.is_err(), "the link of the other reset");
        app.worker.run_once().await.unwrap();
        assert!(app.accounts.sessions(&id()).is_empty(), "sessions ended");
        let notice = app.mail.last().unwrap();
        assert_eq!((notice.kind(), notice.to.value()), ("password_changed", EMAIL));
        assert!(notice.link().is_none(), "a notice holds no secret");
        let ended = app.store.resets().unwrap();
        assert!(ended.iter().all(|reset| reset.tasks().is_empty() && !reset.state().is_open()));
    }
}

#[tokio::test]
async fn the_same_try_again_gets_the_same_success_without_a_second_write_or_notice() {
    for app in App::both() {
        let token = app.proved().await.into_token().expose().to_owned();
        let first = app.set(app.granted(&token).await.unwrap(), NEW).await.unwrap();
        let hash = app.account().hash().cloned();
        app.clock.advance(Duration::from_secs(119));
        let second = app.set(app.granted(&token).await.unwrap(), NEW).await.unwrap();
        assert!(second.repeated && second.at == first.at);
        assert_eq!(app.account().hash().cloned(), hash, "no second write");
        let other = app.set(app.granted(&token).await.unwrap(), OTHER).await;
        assert!(matches!(other, Err(SetPasswordError::Refused)), "another password is not the same try");
        app.worker.run_once().await.unwrap();
        let notices = app.mail.delivered().iter().filter(|sent| sent.kind() == "password_changed").count();
        assert_eq!(notices, 1);
        app.clock.advance(Duration::from_secs(1));
        assert!(app.granted(&token).await.is_err(), "two minutes are over");
    }
}

/// Takes five seconds for a hash.
#[derive(Clone, Debug)]
struct SlowHasher(FakeClock);

impl PasswordHasher for SlowHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(self.clone())
    }
}

impl HashWorker for SlowHasher {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        self.0.advance(Duration::from_secs(5));
        Ok(cheap_hash(password.expose(), 1))
    }

    fn verify(&mut self, _: &Password, _: &PasswordHash) -> Result<Verdict, HashError> {
        Ok(Verdict::Mismatch)
    }
}

#[tokio::test]
async fn a_session_that_began_with_the_old_password_during_the_hash_ends_too() {
    for app in App::both() {
        let pool =
            HashPool::new(Arc::new(SlowHasher(app.clock.clone())), HashPoolConfig::default().threads(1)).unwrap();
        let (slow, _worker) = app.rebuilt(|builder| builder.hash_pool(pool));
        let grant = app.proved().await;
        app.accounts.begin_session(&id(), start() + Duration::from_secs(3));
        let set = slow.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
        assert_eq!(set.at, start() + Duration::from_secs(5));
        assert_eq!(app.store.resets().unwrap()[0].set_at(), Some(set.at));
        app.worker.run_once().await.unwrap();
        assert!(app.accounts.sessions(&id()).is_empty());
    }
}

#[tokio::test]
async fn a_refused_password_spends_nothing_and_all_violations_come_at_once() {
    let app = App::with(MemoryStore::new(), |builder| builder.policy(PasswordPolicy::four_classes()));
    let grant = app.proved().await;
    let error = app.reset.set_password(grant, NewPassword::confirmed("abc", "abd")).await.unwrap_err();
    let SetPasswordError::Rejected { violations, grant } = error else { panic!("{error:?}") };
    for code in ["too_short", "needs_upper", "needs_digit", "needs_symbol", "not_confirmed"] {
        assert!(violations.codes().contains(&code), "{code} in {:?}", violations.codes());
    }
    assert!(app.set(grant, "Kertas-Biru-71!").await.is_ok());
}

#[tokio::test]
async fn a_password_of_ten_mebibytes_is_refused_without_a_hash() {
    let app = App::new();
    let grant = app.proved().await;
    let huge = "ä".repeat(5 * 1024 * 1024);
    let error = app.set(grant, &huge).await.unwrap_err();
    let SetPasswordError::Rejected { violations, grant } = error else { panic!("{error:?}") };
    assert_eq!(violations.codes(), ["too_many_bytes"]);
    assert_eq!((app.hasher.hashed(), app.hasher.verified()), (0, 0));
    assert!(app.set(grant, NEW).await.is_ok());
}

#[tokio::test]
async fn twenty_attempts_of_any_kind_and_the_reset_is_over() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let token = app.verify_link(&mail).await.unwrap().into_token().expose().to_owned();
    for _ in 0..20 {
        let outcome = app.set(app.granted(&token).await.unwrap(), "short").await;
        assert!(matches!(outcome, Err(SetPasswordError::Rejected { .. })));
    }
    let grant = app.granted(&token).await.unwrap();
    assert!(matches!(app.set(grant, NEW).await, Err(SetPasswordError::Refused)));
    assert!(app.granted(&token).await.is_err());
    assert!(app.verify_link(&mail).await.is_err());
    assert!(app.signs_in_with(OLD));
    assert!(app.events().contains(&AuditEvent::LimitHit));
}

#[tokio::test]
async fn no_password_is_hashed_for_a_grant_that_is_over() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let grant = app.verify_link(&mail).await.unwrap();
    app.reset.cancel(&crate::support::cancel(&mail)).await.unwrap();
    assert!(matches!(app.set(grant, NEW).await, Err(SetPasswordError::Refused)));
    assert_eq!(app.hasher.hashed(), 0);
}

#[tokio::test]
async fn an_account_without_a_password_gets_its_first() {
    for app in App::both() {
        assert!(app.accounts.update(&id(), |_| {
            password_reset::Account::new("7", password_reset::AccountStatus::Active)
                .with_contact(password_reset::Contact::email(EMAIL))
        }));
        app.reset_to(NEW).await;
        assert!(app.signs_in_with(NEW));
    }
}
