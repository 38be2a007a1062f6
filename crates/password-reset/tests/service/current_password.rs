//! Changing the password with the current one.

use std::time::Duration;

use password_reset::flow::AuditEvent;
use password_reset::{AccountId, AccountStatus, Channel, Password, ProofKind, VerifyError};

use crate::support::{App, NEW, OLD, id, source, start};

#[tokio::test]
async fn the_current_password_changes_the_password_and_closes_live_resets() {
    for app in App::both() {
        app.accounts.begin_session(&id(), start() - Duration::from_secs(60));
        let (_, mail) = app.mailed().await;
        let grant = app.current(OLD).await.unwrap();
        assert_eq!(grant.proved_by(), ProofKind::CurrentPassword);
        app.set(grant, NEW).await.unwrap();
        assert!(app.signs_in_with(NEW));
        assert!(app.verify_link(&mail).await.is_err());
        app.worker.run_once().await.unwrap();
        assert_eq!(app.mail.last().unwrap().kind(), "password_changed");
        assert!(app.accounts.sessions(&id()).is_empty(), "sessions from before end");
    }
}

#[tokio::test]
async fn wrong_ones_are_limited_and_the_limit_passes() {
    let app = App::new();
    for _ in 0..5 {
        assert!(matches!(app.current("not it").await, Err(VerifyError::WrongPassword)));
    }
    let Err(VerifyError::TooMany { retry_after }) = app.current(OLD).await else { panic!("limited") };
    app.clock.advance(retry_after);
    assert!(app.current(OLD).await.is_ok());
    let audit = app.store.trail();
    let wrong: Vec<_> = audit.iter().filter(|row| row.event == AuditEvent::WrongCurrentPassword).collect();
    assert_eq!(wrong.len(), 5);
    assert!(wrong.iter().all(|row| row.channel == Some(Channel::CurrentPassword) && row.source.is_some()));
}

#[tokio::test]
async fn no_disabled_account_or_one_without_a_password_proves_anything() {
    let app = App::new();
    assert!(app.accounts.set_standing(&id(), AccountStatus::Disabled));
    assert!(matches!(app.current(OLD).await, Err(VerifyError::Refused)));
    assert!(app.accounts.update(&id(), |_| password_reset::Account::new("7", AccountStatus::Active)));
    assert!(matches!(app.current("").await, Err(VerifyError::Refused)));
}

/// Asking who is signed in once more is no reset, and has the same limit.
#[tokio::test]
async fn it_is_compared_without_a_reset_and_with_the_same_limit() {
    let app = App::new();
    let id = id();
    app.reset.login().check_current_password(&id, Password::new(OLD), source()).await.unwrap();
    assert!(app.store.resets().unwrap().is_empty() && app.events().is_empty());
    for _ in 0..4 {
        let outcome = app.reset.login().check_current_password(&id, Password::new("not it"), source()).await;
        assert!(matches!(outcome, Err(VerifyError::WrongPassword)));
    }
    let outcome = app.reset.login().check_current_password(&id, Password::new(OLD), source()).await;
    assert!(matches!(outcome, Err(VerifyError::TooMany { .. })));
    assert!(matches!(app.current(OLD).await, Err(VerifyError::TooMany { .. })), "one limit for both");
    let wrong = AuditEvent::WrongCurrentPassword;
    assert_eq!(app.events(), [wrong, wrong, wrong, wrong, AuditEvent::LimitHit, AuditEvent::LimitHit]);
    let unknown = app.reset.login().check_current_password(&AccountId::new("8"), Password::new(OLD), source()).await;
    assert!(matches!(unknown, Err(VerifyError::Refused)));
}
