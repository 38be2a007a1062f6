//! A clock that is set back by an hour keeps nothing waiting for an hour.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use password_reset::ports::ResetStore;
use password_reset::secret::RequesterToken;
use password_reset::{Lifetimes, Proof, ResetRequest};
use password_reset_testkit::MemoryStore;

use crate::support::{App, EMAIL, email, link, source, start};

fn set_back(app: &App, minutes: i64) {
    app.clock.set(app.clock_now() - TimeDelta::minutes(minutes));
}

#[tokio::test]
async fn a_message_that_was_due_leaves_at_once() {
    let app = App::new();
    app.ask().await;
    set_back(&app, 60);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1);
    assert!(app.reset.verify(Proof::Link(link(&app.mail.last().unwrap()))).await.is_ok());
}

#[tokio::test]
async fn a_message_that_was_put_off_leaves_at_once() {
    let app = App::new();
    app.mail.later(Some(Duration::from_secs(60)));
    app.mailed_now().await;
    assert_eq!((app.mail.tried().len(), app.mail.delivered().len()), (1, 0));
    set_back(&app, 60);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1);
}

/// Else a row that may wait for longer than that would look like one from before the clock was set back, and never wait.
#[tokio::test]
async fn a_message_is_put_off_for_as_long_as_a_row_can_be_at_the_most() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.lifetimes(Lifetimes::default().link(Duration::from_secs(24 * 60 * 60)))
    });
    app.mail.later(Some(Duration::from_secs(5 * 60 * 60)));
    app.mailed_now().await;
    for (minutes, tried) in [(0, 1), (19, 1), (1, 2)] {
        app.later(minutes);
        app.worker.run_once().await.unwrap();
        assert_eq!(app.mail.tried().len(), tried);
    }
}

#[tokio::test]
async fn the_quota_of_messages_does_not_stay_empty() {
    let app = App::new();
    for _ in 0..3 {
        app.mailed().await;
    }
    app.mailed_now().await;
    assert_eq!(app.mail.delivered().len(), 3);
    // By a little more the requests of the source look used up, for a moment.
    set_back(&app, 58);
    app.mailed().await;
    app.later(205);
    app.mailed().await;
}

/// The same browser gets the same reset back for a minute, not for an hour and a minute.
#[tokio::test]
async fn another_request_by_the_same_browser_is_another_reset() {
    let app = App::new();
    let first = app.ask().await.requester_token;
    let resets_when_asked_again = async || {
        let again = RequesterToken::parse(first.expose()).unwrap();
        app.reset.request(ResetRequest::email_link(email(EMAIL), source()).again(again)).await.unwrap();
        app.store.resets().unwrap().len()
    };
    assert_eq!(resets_when_asked_again().await, 1);
    set_back(&app, 1);
    assert_eq!(resets_when_asked_again().await, 1, "as by a node whose clock differs");
    set_back(&app, 58);
    assert_eq!(resets_when_asked_again().await, 2);
}

#[tokio::test]
async fn old_rows_are_deleted_all_the_same() {
    let app = App::new();
    app.mailed().await;
    let (store, clock) = (Arc::clone(&app.store), app.clock.clone());
    let old = store.resets().unwrap().remove(0);
    store.remove(old.id());
    app.later(60 * 24 * 3);
    let running = tokio::spawn(app.worker.run());
    clock.until_asleep(Duration::from_millis(500)).await;
    store.open(&old, None, None, &[]).await.unwrap();
    clock.set(start() + TimeDelta::days(3) - TimeDelta::hours(1));
    // The worker looks at the time when it wakes.
    app.reset.request(ResetRequest::email_link(email("nobody@toko.example"), source())).await.unwrap();
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
    assert!(store.load(old.id()).await.unwrap().is_none());
    running.abort();
}
