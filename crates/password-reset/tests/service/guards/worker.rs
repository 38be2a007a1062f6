//! What the worker decides by, and how it takes permits.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use password_reset::flow::{AuditEvent, CloseReason, State, Tasks};
use password_reset::ports::{Delivery, Notifier};
use password_reset::{
    Account, AccountId, AccountStatus, CancelError, Contact, ContactKind, Identifier, Lifetimes, Limits, Locale,
    Message, Proof, ResetRequest, Stage, Worker,
};
use password_reset_testkit::{Fault, Faults, FaultyStore, MemoryStore, RecordingNotifier};
use tokio::sync::Semaphore;

use super::{another_try, applying, first_hash, meanwhile, only, put, set};
use crate::faults::faulty;
use crate::support::{
    App, EMAIL, NEW, OLD, OTHER, acks_are_written, cancel, cheap_hash, email, id, link, others_run, source, start,
};

#[tokio::test]
async fn a_worker_closes_what_was_about_to_be_written_once_the_account_changed() {
    let app = App::new();
    let token = applying(&app).await;
    put(&app, cheap_hash(OTHER, 9));
    app.clock.advance(Duration::from_millis(29_999));
    assert_eq!(app.worker.run_once().await.unwrap(), 0, "its writer has half a minute");
    app.clock.advance(Duration::from_millis(1));
    app.worker.run_once().await.unwrap();
    assert_eq!(only(&app).state(), State::Closed(CloseReason::AccountChanged));
    assert!(app.granted(&token).await.is_err());
}

#[tokio::test]
async fn a_password_that_is_written_after_the_reset_expired_is_found() {
    let app = App::new();
    applying(&app).await;
    let expires = only(&app).expires_at();
    // The last look is just before ten minutes are over, and for those before it the old password is in force.
    for seconds in [-1, 0, 300] {
        app.clock.set(expires + chrono::TimeDelta::seconds(seconds));
        app.worker.run_once().await.unwrap();
        assert_eq!((only(&app).state(), only(&app).tasks()), (State::Applying, Tasks::FINISH), "{seconds}");
    }
    app.clock.set(expires + Duration::from_millis(599_999));
    app.worker.run_once().await.unwrap();
    assert_eq!(only(&app).tasks(), Tasks::FINISH);
    put(&app, first_hash());
    app.clock.set(expires + Duration::from_secs(900));
    app.worker.run_once().await.unwrap();
    assert_eq!(only(&app).state(), State::PasswordSet);
    assert_eq!(app.mail.last().unwrap().kind(), "password_changed");
}

#[tokio::test]
async fn a_password_that_was_never_written_is_not_looked_for_for_ever() {
    let app = App::new();
    applying(&app).await;
    app.clock.set(only(&app).expires_at() + Duration::from_secs(600));
    app.worker.run_once().await.unwrap();
    assert_eq!((only(&app).state(), only(&app).tasks()), (State::Applying, Tasks::NONE));
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn a_look_that_another_try_overtakes_is_taken_again() {
    for (written, ends) in
        [(first_hash(), State::PasswordSet), (cheap_hash(OTHER, 9), State::Closed(CloseReason::AccountChanged))]
    {
        let app = Arc::new(App::new());
        applying(&app).await;
        put(&app, written);
        app.later(1);
        let faults = Faults::at_nth("store.transition", 1, meanwhile(&app, another_try));
        faulty(&app, &faults).1.run_once().await.unwrap();
        assert!(faults.struck());
        assert_eq!((only(&app).state(), only(&app).tasks()), (State::Applying, Tasks::FINISH));
        app.later(10);
        app.worker.run_once().await.unwrap();
        assert_eq!(only(&app).state(), ends);
    }
}

/// Runs a worker until the fault strikes, as a process that is killed there.
async fn killed(worker: &Worker, faults: &Faults) {
    tokio::select! {
        biased;
        () = faults.until_struck() => {}
        done = worker.run_once() => panic!("{done:?}"),
    }
}

#[tokio::test]
async fn the_last_permit_is_not_lost_with_the_worker_that_took_it() {
    let app = App::new();
    app.mailed().await;
    app.mailed().await;
    let third = app.ask().await.requester_token;
    let faults = Faults::at_nth("store.transition", 1, Fault::StopAfter);
    killed(&faulty(&app, &faults).1, &faults).await;
    app.clock.advance(Duration::from_secs(179));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 2, "the lease still runs");
    app.clock.advance(Duration::from_secs(1));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 3);
    let mail = app.mail.last().unwrap();
    let next_permit = start() + Duration::from_secs(205 * 60);
    app.clock.set(next_permit - Duration::from_millis(1));
    assert!(app.verify_link(&mail).await.is_ok(), "lives until the next message can be sent");
    app.clock.set(next_permit);
    assert!(app.verify_link(&mail).await.is_err(), "and no longer");
    assert_eq!(app.reset.status(&third).await.unwrap().unwrap().stage, Stage::Expired);
    app.mailed().await;
}

#[tokio::test]
async fn a_lease_that_failed_gives_no_message_beyond_the_permits() {
    let app = App::new();
    for _ in 0..3 {
        app.mailed().await;
    }
    app.ask().await;
    let faults = Faults::at_nth("accounts.find", 1, Fault::FailBefore);
    faulty(&app, &faults).1.run_once().await.unwrap();
    assert!(faults.struck());
    app.later(1);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 3);
    assert_eq!(app.details(AuditEvent::Suppressed), ["capped"]);
    let history = app.reset.admin().history(&id(), 100).await.unwrap();
    assert_eq!(history[0].event, AuditEvent::Suppressed, "the owner may want to know why no message came");
}

#[tokio::test]
async fn no_link_lives_longer_than_a_day() {
    let day = Duration::from_secs(24 * 60 * 60);
    let app = App::with(MemoryStore::new(), |builder| {
        let limits = Limits::default().message_burst(1).message_refill(day);
        builder.limits(limits).lifetimes(Lifetimes::default().link(day))
    });
    let (_, mail) = app.mailed().await;
    assert_eq!(only(&app).binding().unwrap().link_until(), start() + day);
    app.clock.set(start() + day - Duration::from_millis(1));
    assert!(app.verify_link(&mail).await.is_ok());
    app.clock.set(start() + day);
    assert!(app.verify_link(&mail).await.is_err());
}

#[tokio::test]
async fn accounts_that_share_a_mailbox_share_no_permits() {
    let app = App::new();
    app.accounts.add_named("budi", Account::new("8", AccountStatus::Active).with_contact(Contact::email(EMAIL)));
    for (name, messages) in [("ani", 3), ("budi", 6)] {
        for _ in 0..4 {
            app.mailed_for(Identifier::username(name).unwrap()).await;
        }
        assert_eq!(app.mail.delivered().len(), messages, "{name}");
    }
}

#[tokio::test]
async fn a_new_address_has_permits_of_its_own() {
    let app = App::new();
    let ask = async || {
        for _ in 0..4 {
            app.mailed_for(Identifier::username("ani").unwrap()).await;
        }
        app.mail.delivered().len()
    };
    assert_eq!(ask().await, 3);
    let moved = Account::new("7", AccountStatus::Active).with_contact(Contact::email("moved@toko.example"));
    assert!(app.accounts.update(&id(), |_| moved));
    assert_eq!(ask().await, 6);
}

#[test]
fn two_accounts_with_one_hash_have_two_session_auth_hashes() {
    let app = App::new();
    let fingerprint =
        |account: &str| app.reset.login().session_auth_hash(&AccountId::new(account), &cheap_hash(OLD, 1));
    assert_eq!(fingerprint("7").len(), 64);
    assert_ne!(fingerprint("7"), fingerprint("8"));
    assert_eq!(fingerprint("7"), app.another_node().login().session_auth_hash(&id(), &cheap_hash(OLD, 1)));
}

#[tokio::test]
async fn a_notice_is_in_the_language_of_the_account_and_a_message_in_that_of_the_form() {
    let app = App::new();
    assert!(app.accounts.update(&id(), |account| account.with_locale(Locale::ENGLISH)));
    app.reset.request(ResetRequest::email_link(email(EMAIL), source()).locale(Locale::INDONESIAN)).await.unwrap();
    app.worker.run_once().await.unwrap();
    let grant = app.verify_link(&app.mail.last().unwrap()).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    let locales: Vec<_> = app.mail.delivered().iter().map(|sent| (sent.kind(), sent.locale)).collect();
    assert_eq!(locales, [("reset_link", Locale::INDONESIAN), ("password_changed", Locale::ENGLISH)]);
}

#[tokio::test]
async fn each_contact_that_can_be_reached_is_notified_once_and_the_others_are_passed_over() {
    let app = App::new();
    let twice =
        |account: Account| account.with_contact(Contact::phone("+6281200000001")).with_contact(Contact::email(EMAIL));
    assert!(app.accounts.update(&id(), twice));
    app.reset_to(NEW).await;
    app.worker.run_once().await.unwrap();
    let notified = app.mail.tried().iter().filter(|sent| sent.kind() == "password_changed").count();
    assert_eq!((notified, only(&app).tasks()), (1, Tasks::NONE));
    assert!(!app.events().contains(&AuditEvent::NoticeFailed), "nothing failed");
}

#[tokio::test]
async fn no_notice_says_that_a_password_which_is_set_was_cancelled() {
    for app in App::both() {
        let (_, mail) = app.mailed().await;
        let grant = app.verify_link(&mail).await.unwrap();
        app.set(grant, NEW).await.unwrap();
        let late = app.reset.cancel(&cancel(&mail)).await;
        assert!(matches!(late, Err(CancelError::Refused)), "{late:?}");
        assert_eq!(only(&app).state(), State::PasswordSet);
    }
}

#[tokio::test]
async fn what_was_proved_is_not_shown_once_it_expired() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    drop(app.verify_code(&requester_token, mail.code().unwrap()).await.unwrap());
    let stage = async || app.reset.status(&requester_token).await.unwrap().unwrap().stage;
    assert_eq!(stage().await, Stage::Proved);
    app.clock.set(only(&app).expires_at());
    assert_eq!(stage().await, Stage::Expired);
}

#[tokio::test]
async fn a_running_worker_is_woken_by_a_new_password() {
    let App { reset, worker, mail, clock, .. } = App::new();
    let running = tokio::spawn(worker.run());
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    let sent = mail.until_delivered(1).await.remove(0);
    acks_are_written(&clock).await;
    let grant = reset.verify(Proof::Link(link(&sent))).await.unwrap();
    set(&reset, grant).await.unwrap();
    // The clock never ticks, so nothing but the handover can bring the notice.
    others_run().await;
    assert_eq!(mail.last().unwrap().kind(), "password_changed");
    running.abort();
}

/// A mail server whose mail arrives before its answer.
#[derive(Debug)]
struct SlowToAnswer(RecordingNotifier, Arc<Semaphore>);

#[async_trait]
impl Notifier for SlowToAnswer {
    fn reaches(&self) -> ContactKind {
        self.0.reaches()
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let delivery = self.0.deliver(message).await;
        self.1.acquire().await.unwrap().forget();
        delivery
    }
}

#[tokio::test]
async fn a_task_that_a_row_gets_while_it_runs_is_run_next() {
    let app = App::new();
    let answers = Arc::new(Semaphore::new(0));
    let notifier = SlowToAnswer(app.mail.clone(), Arc::clone(&answers));
    let (reset, worker) = app.builder().notifier(notifier).build().unwrap();
    let running = tokio::spawn(worker.run());
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    let sent = app.mail.until_delivered(1).await.remove(0);
    // The worker still has the row, so its new tasks wait.
    let grant = reset.verify(Proof::Link(link(&sent))).await.unwrap();
    set(&reset, grant).await.unwrap();
    others_run().await;
    assert_eq!(app.mail.delivered().len(), 1);
    answers.add_permits(2);
    acks_are_written(&app.clock).await;
    assert_eq!(app.mail.last().unwrap().kind(), "password_changed");
    running.abort();
}

#[tokio::test]
async fn a_running_worker_gets_fresh_rows_without_looking_for_them() {
    let app = App::new();
    let (answers, faults) = (Arc::new(Semaphore::new(0)), Faults::none());
    let store = FaultyStore::new(Arc::<MemoryStore>::clone(&app.store), &faults);
    let notifier = SlowToAnswer(app.mail.clone(), Arc::clone(&answers));
    let (reset, worker) = app.builder_on(store).notifier(notifier).build().unwrap();
    let running = tokio::spawn(worker.run());
    others_run().await;
    for sent in 1..=2 {
        reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
        app.mail.until_delivered(sent).await;
    }
    answers.add_permits(2);
    acks_are_written(&app.clock).await;
    let calls = faults.calls();
    let [looks, acks] = ["store.lease", "store.acknowledge"].map(|of| calls.iter().filter(|call| **call == of).count());
    assert_eq!(
        (looks, acks),
        (1, 1),
        "it looked when it began, was handed each request, and acknowledged both at once"
    );
    running.abort();
}

#[tokio::test]
async fn a_tick_finds_what_another_node_opened() {
    let app = App::new();
    let node = app.another_node();
    let App { worker, mail, clock, .. } = app;
    let running = tokio::spawn(worker.run());
    others_run().await;
    node.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    clock.advance(Duration::from_millis(499));
    others_run().await;
    assert!(mail.last().is_none(), "nothing woke it");
    clock.advance(Duration::from_millis(1));
    others_run().await;
    assert_eq!(mail.delivered().len(), 1);
    running.abort();
}

#[tokio::test]
async fn a_running_worker_deletes_what_is_old_every_ten_minutes() {
    let app = App::new();
    app.mailed().await;
    let expires = only(&app).expires_at();
    let App { worker, clock, store, .. } = app;
    clock.set(expires + Duration::from_secs(24 * 60 * 60));
    let running = tokio::spawn(worker.run());
    others_run().await;
    assert_eq!(store.resets().unwrap().len(), 1, "not yet a day old");
    for (seconds, kept) in [(599, 1), (1, 0)] {
        clock.advance(Duration::from_secs(seconds));
        others_run().await;
        assert_eq!(store.resets().unwrap().len(), kept);
    }
    running.abort();
}

#[tokio::test]
async fn a_worker_waits_longer_after_every_failure_and_begins_anew_after_a_success() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.lifetimes(Lifetimes::default().link(Duration::from_secs(24 * 60 * 60)))
    });
    (0..9).for_each(|_| app.mail.later(None));
    app.ask().await;
    let mut waits = Vec::new();
    for failures in 1..=9 {
        app.worker.run_once().await.unwrap();
        assert_eq!(only(&app).delivery_attempts(), failures);
        let due_at = only(&app).stored().due_at.unwrap();
        waits.push((due_at - app.clock_now()).num_seconds());
        app.clock.set(due_at);
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    app.worker.run_once().await.unwrap();
    assert_eq!((app.mail.delivered().len(), only(&app).delivery_attempts()), (1, 0));
    let grant = app.verify_link(&app.mail.last().unwrap()).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.mail.later(None);
    app.worker.run_once().await.unwrap();
    let wait = only(&app).stored().due_at.unwrap() - app.clock_now();
    assert_eq!((wait.num_seconds(), only(&app).delivery_attempts()), (5, 1));
}

#[tokio::test]
async fn the_last_permit_is_not_lost_with_a_call_that_failed_after_it() {
    for (fault, sent_at_once) in [(Fault::FailAfter, 1), (Fault::FailBefore, 0)] {
        let app = App::new();
        app.mailed().await;
        app.mailed().await;
        app.ask().await;
        let what = format!("{fault:?}");
        let faults = Faults::at_nth("store.transition", 1, fault);
        faulty(&app, &faults).1.run_once().await.unwrap();
        assert!(faults.struck(), "{what}");
        // A step that was carried out, and whose answer was lost, leaves the message due at once.
        assert_eq!(app.mail.delivered().len(), 2 + sent_at_once);
        app.later(1);
        app.worker.run_once().await.unwrap();
        assert_eq!(app.mail.delivered().len(), 3, "{what}");
        app.mailed_now().await;
        assert_eq!(app.mail.delivered().len(), 3, "and no more than the permits");
    }
}

#[tokio::test]
async fn a_message_that_the_transport_neither_takes_nor_refuses_is_tried_again() {
    let app = App::new();
    let (stall, requester_token) = (app.mail.stall(), app.ask().await.requester_token);
    let App { worker, mail, clock, store, reset, .. } = app;
    let sending = tokio::spawn(async move {
        let done = worker.run_once().await;
        (worker, done)
    });
    stall.reached().await;
    clock.advance(Duration::from_millis(89_999));
    others_run().await;
    assert!(!sending.is_finished());
    clock.advance(Duration::from_millis(1));
    others_run().await;
    assert!(sending.is_finished(), "a minute and a half is enough");
    let (worker, done) = sending.await.unwrap();
    assert_eq!((done.unwrap(), store.resets().unwrap()[0].delivery_attempts()), (1, 1));
    clock.advance(Duration::from_secs(5));
    worker.run_once().await.unwrap();
    assert_eq!(mail.delivered().len(), 1);
    assert_eq!(reset.status(&requester_token).await.unwrap().unwrap().stage, Stage::Waiting);
}
