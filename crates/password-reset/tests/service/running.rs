//! The worker while it runs, and how it ends.

use std::time::Duration;

use futures_channel::oneshot;
use password_reset::{Limits, ResetRequest};
use password_reset_testkit::MemoryStore;

use crate::one_writer::OneWriter;
use crate::support::{App, EMAIL, acks_are_written, email, others_run, source};

/// A look brings so many rows; where it brings that many there may be more.
#[tokio::test]
async fn all_that_is_due_is_run_without_waiting_for_the_next_look() {
    let raised = Limits::default().requests_per_source(1_000);
    let app = App::with(MemoryStore::new(), |builder| builder.limits(raised));
    for _ in 0..300 {
        app.ask_for(email("nobody@toko.example")).await;
    }
    let running = tokio::spawn(app.rebuilt(|builder| builder).1.run());
    others_run().await;
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
    running.abort();
}

/// The call that acknowledges is on its way, and a look waits for it: what that brings is not kept for three minutes.
#[tokio::test]
async fn a_worker_that_ends_waits_for_its_acknowledgement_and_gives_back_what_its_last_look_brings() {
    let app = App::new();
    let (store, reset, worker) = OneWriter::under(&app);
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(worker.run_until(async {
        let _ended = stopped.await;
    }));
    others_run().await;
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    acks_are_written(&app.clock).await;
    let acknowledging = store.acknowledging().await;
    app.ask().await;
    app.clock.advance(Duration::from_millis(500));
    store.looking().await;
    drop(stop);
    others_run().await;
    assert!(!running.is_finished(), "what was sent is not on record yet");
    acknowledging.release();
    running.await.unwrap();
    assert!(app.store.leases().is_empty());
    assert_eq!(app.mail.delivered().len(), 1, "the row of the other node was not begun");
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 2);
}
