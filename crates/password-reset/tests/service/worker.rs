//! The worker: every pending task is done, and once, whatever the notifier does.

use std::time::Duration;

use futures_util::FutureExt;
use password_reset::flow::{AuditEvent, CloseReason, State};
use password_reset::{Account, AccountStatus, Contact, Limits, ResetRequest, Retention};
use password_reset_testkit::{Fault, Faults, MemoryStore};

use crate::one_writer::OneWriter;
use crate::support::{App, EMAIL, NEW, OLD, acks_are_written, email, id, others_run, source, start};

#[tokio::test]
async fn a_stalled_notifier_holds_up_no_other_message() {
    let App { reset, worker, mail, accounts, .. } = App::new();
    accounts.add(Account::new("8", AccountStatus::Active).with_contact(Contact::email("budi@toko.example")));
    let stall = mail.stall();
    let running = tokio::spawn(worker.run());
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    stall.reached().await;
    reset.request(ResetRequest::email_link(email("budi@toko.example"), source())).await.unwrap();
    assert_eq!(mail.until_delivered(1).await[0].to.value(), "budi@toko.example");
    stall.release();
    assert_eq!(mail.until_delivered(2).await[1].to.value(), EMAIL);
    running.abort();
}

#[tokio::test]
async fn looking_for_work_does_not_hold_up_acknowledging() {
    let app = App::new();
    let (store, reset, worker) = OneWriter::under(&app);
    let running = tokio::spawn(worker.run());
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    // The first row is being acknowledged, and has the one connection; then the worker looks for what another node opened.
    acks_are_written(&app.clock).await;
    let acknowledging = store.acknowledging().await;
    app.ask().await;
    app.clock.advance(Duration::from_millis(500));
    store.looking().await;
    acknowledging.release();
    others_run().await;
    assert_eq!(app.mail.delivered().len(), 2, "the one goes on although the other waits for it");
    running.abort();
}

#[tokio::test]
async fn what_cannot_be_sent_now_is_sent_later_with_the_same_id_and_the_same_secrets() {
    let app = App::new();
    app.mail.later(None);
    app.mail.later(Some(Duration::from_secs(600)));
    app.mailed_now().await;
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 1, "not before its time");
    app.clock.advance(Duration::from_secs(5));
    app.worker.run_once().await.unwrap();
    app.clock.advance(Duration::from_secs(599));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 2, "the transport said ten minutes");
    app.clock.advance(Duration::from_secs(1));
    app.worker.run_once().await.unwrap();
    let tried = app.mail.tried();
    assert_eq!(tried.len(), 3);
    assert!(tried.windows(2).all(|pair| pair[0].id == pair[1].id && pair[0].link() == pair[1].link()));
    assert!(tried.windows(2).all(|pair| pair[0].code() == pair[1].code()));
    assert!(app.verify_link(&tried[2]).await.is_ok());
    assert_eq!(
        app.events(),
        [AuditEvent::Requested, AuditEvent::Issued, AuditEvent::SendDelayed, AuditEvent::Sent, AuditEvent::Proved]
    );
}

#[tokio::test]
async fn what_will_never_arrive_is_not_tried_again_and_administrators_see_why() {
    let app = App::new();
    app.mail.never("550 5.1.1");
    app.mailed_now().await;
    app.later(10);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 1);
    let history = app.reset.admin().history(&id(), 10).await.unwrap();
    let failed = history.iter().find(|row| row.event == AuditEvent::SendFailed).unwrap();
    assert_eq!(failed.detail.as_deref(), Some("550 5.1.1"));
}

#[tokio::test]
async fn nothing_is_sent_after_the_link_expired() {
    let app = App::new();
    app.mail.later(Some(Duration::MAX));
    app.mailed_now().await;
    app.later(30);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 1);
    assert_eq!(app.details(AuditEvent::SendFailed), ["expired"]);
    app.ask().await;
    app.later(31);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 1, "nor issued");
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
}

#[tokio::test]
async fn nothing_is_sent_once_the_account_changed() {
    let app = App::new();
    app.mail.later(None);
    app.mailed_now().await;
    assert!(app.accounts.remove(&id()));
    app.later(1);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 1);
    assert_eq!(app.store.resets().unwrap()[0].state(), State::Closed(CloseReason::AccountChanged));
}

#[tokio::test]
async fn one_contact_that_cannot_be_notified_keeps_no_other_from_one_notice() {
    let app = App::new();
    let more = |account: Account| account.with_contact(Contact::email("second@toko.example"));
    assert!(app.accounts.update(&id(), more));
    app.reset_to(NEW).await;
    app.mail.later(None);
    app.worker.run_once().await.unwrap();
    let notified = |app: &App| -> Vec<String> {
        let delivered = app.mail.delivered();
        let notices = delivered.iter().filter(|sent| sent.kind() == "password_changed");
        notices.map(|sent| sent.to.value().to_owned()).collect()
    };
    assert_eq!(notified(&app), ["second@toko.example"]);
    app.later(1);
    app.worker.run_once().await.unwrap();
    app.later(1);
    app.worker.run_once().await.unwrap();
    assert_eq!(notified(&app), ["second@toko.example", EMAIL]);
}

#[tokio::test]
async fn old_rows_go_and_rows_with_tasks_stay() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    app.mailed_for(email("nobody@toko.example")).await;
    app.later(60 * 26);
    app.worker.run_once().await.unwrap();
    assert!(app.store.resets().unwrap().is_empty());
    assert!(!app.store.trail().is_empty());
    app.later(60 * 24 * 400);
    app.worker.run_once().await.unwrap();
    assert!(app.store.trail().is_empty());
    assert!(app.verify_link(&mail).await.is_err());
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn audit_rows_that_strangers_cause_at_will_go_after_days_and_the_others_stay() {
    let app = App::new();
    for _ in 0..4 {
        app.ask().await;
    }
    app.mailed_for(email("nobody@toko.example")).await;
    let noise = || app.store.trail().iter().filter(|row| row.is_noise()).count();
    let others = || app.store.trail().len() - noise();
    assert_eq!((noise(), others()), (10, 3), "five requests, of which three are issued and sent, and two suppressed");
    app.later(60 * 24 * 7);
    app.worker.run_once().await.unwrap();
    assert_eq!((noise(), others()), (10, 3));
    app.later(1);
    app.worker.run_once().await.unwrap();
    assert_eq!((noise(), others()), (0, 3));
}

#[tokio::test]
async fn audit_rows_that_strangers_cause_are_never_kept_for_longer_than_all_others() {
    let retention = Retention::default().audit(Duration::from_secs(24 * 60 * 60));
    let app = App::with(MemoryStore::new(), |builder| builder.retention(retention));
    app.mailed().await;
    app.later(60 * 24 + 1);
    app.worker.run_once().await.unwrap();
    assert!(app.store.trail().is_empty());
}

#[tokio::test]
async fn old_rows_go_however_many_there_are() {
    let limits = Limits::default().requests_per_source(10_000).requests_per_minute(100_000);
    let app = App::with(MemoryStore::new(), |builder| builder.limits(limits));
    // More than a purge deletes at once.
    for _ in 0..1_100 {
        app.ask_for(email("nobody@toko.example")).await;
    }
    app.worker.run_once().await.unwrap();
    app.later(60 * 24 * 401);
    app.worker.run_once().await.unwrap();
    assert_eq!((app.store.resets().unwrap().len(), app.store.trail().len()), (0, 0));
}

#[tokio::test]
async fn contacts_that_stall_are_notified_side_by_side_within_one_lease() {
    let app = App::new();
    let more = |account: Account| {
        account.with_contact(Contact::email("b@toko.example")).with_contact(Contact::email("c@toko.example"))
    };
    assert!(app.accounts.update(&id(), more));
    app.reset_to(NEW).await;
    let App { worker, mail, clock, store, .. } = app;
    let stalls = [mail.stall(), mail.stall(), mail.stall()];
    let notifying = tokio::spawn(async move { worker.run_once().await });
    others_run().await;
    for stall in &stalls {
        assert!(stall.reached().now_or_never().is_some(), "none waits for another");
    }
    clock.advance(Duration::from_secs(90));
    notifying.await.unwrap().unwrap();
    let reset = &store.resets().unwrap()[0];
    assert_eq!(
        reset.delivery_attempts(),
        1,
        "it was settled before the lease ran out, and waits before it tries again"
    );
    assert_eq!(reset.stored().due_at, Some(start() + Duration::from_secs(95)));
}

#[tokio::test]
async fn a_notice_waits_as_long_as_the_transport_said_and_not_longer_than_a_day() {
    let app = App::new();
    app.reset_to(NEW).await;
    app.mail.later(Some(Duration::from_secs(600)));
    app.mail.later(Some(Duration::MAX));
    app.worker.run_once().await.unwrap();
    let tried = app.mail.tried().len();
    app.clock.advance(Duration::from_secs(599));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), tried, "the transport said ten minutes");
    app.clock.advance(Duration::from_secs(1));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), tried + 1);
    app.clock.set(start() + Duration::from_millis(24 * 60 * 60 * 1_000 - 1));
    app.mail.later(Some(Duration::MAX));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), tried + 2, "to the last moment of the day");
    app.clock.advance(Duration::from_millis(1));
    app.worker.run_once().await.unwrap();
    assert!(app.store.resets().unwrap()[0].tasks().is_empty());
    assert_eq!(app.details(AuditEvent::NoticeFailed), ["gave_up"]);
}

#[tokio::test]
async fn a_port_that_never_answers_gives_its_place_back_when_the_lease_ends() {
    let app = App::new();
    app.ask().await;
    let faults = Faults::at_nth("accounts.find", 1, Fault::StopBefore);
    let (_reset, worker) = crate::faults::faulty(&app, &faults);
    let running = tokio::spawn(async move { worker.run_once().await.map(drop) });
    faults.until_struck().await;
    app.clock.until_asleep(Duration::from_secs(3 * 60)).await;
    app.clock.advance(Duration::from_secs(3 * 60));
    running.await.unwrap().unwrap();
    assert_eq!(app.mail.delivered().len(), 1, "the next look finds the row again, and pays");
}
