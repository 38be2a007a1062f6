//! Whether an account was recovered a moment ago.

use std::time::Duration;

use password_reset::AccountId;

use crate::support::{App, NEW, OLD, OTHER, id};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn recovered(app: &App, within: Duration) -> bool {
    app.reset.login().recently_recovered(&id(), within).await.unwrap()
}

#[tokio::test]
async fn a_reset_is_a_recovery_for_as_long_as_the_application_says() {
    for app in App::both() {
        let grant = app.proved().await;
        assert!(!recovered(&app, DAY).await, "a proof is no password");
        app.set(grant, NEW).await.unwrap();
        assert!(recovered(&app, DAY).await);
        app.later(61);
        assert!(recovered(&app, DAY).await && !recovered(&app, Duration::from_secs(3600)).await);
        assert!(!app.reset.login().recently_recovered(&AccountId::new("8"), DAY).await.unwrap());
    }
}

#[tokio::test]
async fn a_change_with_the_current_password_is_none() {
    let app = App::new();
    let grant = app.current(OLD).await.unwrap();
    app.set(grant, OTHER).await.unwrap();
    assert!(!recovered(&app, DAY).await);
}

#[tokio::test]
async fn no_noise_pushes_a_recovery_out_of_sight() {
    let app = App::new();
    app.reset_to(NEW).await;
    let noise = password_reset::flow::AuditRow::new(app.clock_now(), password_reset::flow::AuditEvent::Suppressed)
        .account(&id());
    for _ in 0..1_000 {
        password_reset::ports::ResetStore::record(&*app.store, &noise).await.unwrap();
    }
    assert!(recovered(&app, DAY).await);
    app.later(60 * 25);
    assert!(!recovered(&app, DAY).await, "what is older than that is not asked for");
}
