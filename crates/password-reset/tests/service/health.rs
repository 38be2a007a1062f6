//! What a probe learns of the database, the worker, the notifiers and the clocks.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use password_reset::operations::HealthProblem;
use password_reset::{Account, AccountStatus, Contact, ContactKind, ResetRequest};
use password_reset_testkit::mocks::MockResetStore;
use password_reset_testkit::{FakeClock, Fault, Faults, MemoryAccounts, RecordingNotifier};

use crate::faults::faulty;
use crate::support::{App, EMAIL, cheap_hash, email, keys, others_run, site, source, start};

async fn problems(app: &App) -> Vec<HealthProblem> {
    app.reset.operations().health().await.problems()
}

#[tokio::test]
async fn a_service_that_works_has_no_problem() {
    let app = App::new();
    app.mailed().await;
    let health = app.reset.operations().health().await;
    assert_eq!((health.at, health.problems()), (start(), Vec::new()));
    assert_eq!((health.worker_runs, health.worker_turn), (false, Some(start())), "it is run by a timer");
    assert_eq!(health.clock_ahead, None, "memory has no clock");
    let [notifier] = &health.notifiers[..] else { panic!("{health:?}") };
    assert_eq!((notifier.reaches, notifier.is_failing, &notifier.last_failure), (ContactKind::Email, false, &None));
}

#[tokio::test]
async fn a_store_that_fails_or_does_not_answer_is_unavailable() {
    let app = App::new();
    let (reset, _worker) = faulty(&app, &Faults::from_call(1, Fault::FailBefore));
    assert_eq!(reset.operations().health().await.problems(), [HealthProblem::StoreUnavailable]);
    let (reset, _worker) = faulty(&app, &Faults::at(1, Fault::StopBefore));
    let clock = app.clock.clone();
    let looking = tokio::spawn(async move { reset.operations().health().await.problems() });
    clock.until_asleep(Duration::from_secs(3)).await;
    clock.advance(Duration::from_secs(3));
    assert_eq!(looking.await.unwrap(), [HealthProblem::StoreUnavailable]);
}

/// What a schema of another version is.
#[tokio::test]
async fn a_store_that_cannot_work_until_it_is_repaired_is_unusable() {
    let health = of_store(|store| {
        store.expect_health().returning(|_| Err(password_reset::PortError::permanent("not migrated")));
    });
    assert_eq!(health.await.problems(), [HealthProblem::StoreUnusable]);
}

#[tokio::test]
async fn tasks_without_a_worker_are_a_problem_after_a_minute() {
    let app = App::new();
    app.ask().await;
    app.clock.advance(Duration::from_secs(60));
    assert!(problems(&app).await.is_empty());
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(problems(&app).await, [HealthProblem::WorkerBehind]);
    assert_eq!(
        app.another_node().operations().health().await.problems(),
        [HealthProblem::WorkerBehind],
        "on every node"
    );
    let store = app.reset.operations().health().await.store.unwrap();
    assert_eq!((store.overdue, store.oldest_due_at), (1, Some(start())));
    app.worker.run_once().await.unwrap();
    assert!(problems(&app).await.is_empty());
}

#[tokio::test]
async fn a_worker_that_does_not_get_to_look_is_stuck() {
    let app = App::new();
    let clock = app.clock.clone();
    // The third call of the store is a lease that never answers.
    let (reset, worker) = faulty(&app, &Faults::at(3, Fault::StopBefore));
    let running = tokio::spawn(worker.run());
    for _ in 0..3 {
        others_run().await;
        clock.advance(Duration::from_millis(500));
    }
    let health = reset.operations().health().await;
    assert!(health.worker_runs && health.worker_turn.is_some() && health.problems().is_empty(), "{health:?}");
    clock.advance(Duration::from_secs(61));
    assert_eq!(reset.operations().health().await.problems(), [HealthProblem::WorkerStuck]);
    running.abort();
    assert!(running.await.is_err());
    assert!(!reset.operations().health().await.worker_runs);
}

#[tokio::test]
async fn a_notifier_that_has_to_be_corrected_fails_until_it_accepts_a_message() {
    let app = App::new();
    app.mail.later_until_corrected("535 5.7.8");
    app.mailed_now().await;
    assert_eq!(problems(&app).await, [HealthProblem::NotifierFails(ContactKind::Email)]);
    let failure = |health: password_reset::operations::Health| health.notifiers[0].last_failure.clone().unwrap();
    assert_eq!(failure(app.reset.operations().health().await).code, "535 5.7.8");
    app.later(1);
    app.worker.run_once().await.unwrap();
    let health = app.reset.operations().health().await;
    assert!(health.problems().is_empty(), "it accepted the message");
    assert_eq!(failure(health).at, start(), "the last failure stays to be seen");
}

/// A stranger who asks for an account whose mailbox is full takes no site out of its load balancer.
#[tokio::test]
async fn one_recipient_that_is_refused_is_no_failure_of_the_notifier_and_three_are() {
    let app = App::new();
    for at in 0..3 {
        assert!(problems(&app).await.is_empty(), "{at}");
        app.mail.never("552 5.2.2");
        let name = format!("full{at}@toko.example");
        let account = Account::new(format!("full {at}"), AccountStatus::Active).with_hash(cheap_hash("other", 1));
        app.accounts.add(account.with_contact(Contact::email(&name)));
        app.reset.request(ResetRequest::email_link(email(&name), source())).await.unwrap();
        app.worker.run_once().await.unwrap();
    }
    assert_eq!(problems(&app).await, [HealthProblem::NotifierFails(ContactKind::Email)]);
    app.mailed().await;
    assert!(problems(&app).await.is_empty());
}

async fn of_store(expect: impl FnOnce(&mut MockResetStore)) -> password_reset::operations::Health {
    let mut store = MockResetStore::new();
    expect(&mut store);
    let builder = password_reset::PasswordReset::builder(MemoryAccounts::new(), Arc::new(store), keys(), site())
        .notifier(RecordingNotifier::new())
        .clock(FakeClock::at(start()));
    builder.build().unwrap().0.operations().health().await
}

#[tokio::test]
async fn clocks_that_are_over_a_minute_apart_are_a_problem() {
    for (ahead, problems) in [
        (TimeDelta::seconds(60), vec![]),
        (TimeDelta::seconds(-60), vec![]),
        (TimeDelta::milliseconds(60_001), vec![HealthProblem::ClocksDiffer]),
        (TimeDelta::milliseconds(-60_001), vec![HealthProblem::ClocksDiffer]),
    ] {
        let health = of_store(|store| {
            store.expect_health().returning(move |at| {
                Ok(password_reset::ports::StoreHealth::new(at.checked_add_signed(ahead), 0, None))
            });
        })
        .await;
        assert_eq!((health.clock_ahead, health.problems()), (Some(ahead), problems));
    }
}

#[tokio::test]
async fn a_problem_has_a_word_and_nothing_of_it_is_personal() {
    let app = App::new();
    app.mail.never("550 5.1.1");
    app.mailed_now().await;
    let health = format!("{:?}", app.reset.operations().health().await);
    assert!(!health.contains(EMAIL) && !health.contains("toko"), "{health}");
    assert_eq!(HealthProblem::NotifierFails(ContactKind::Phone).code(), "phone_fails");
}
