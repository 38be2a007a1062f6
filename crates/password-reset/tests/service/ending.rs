//! A worker that is to stop finishes what it began, leaves the rest to others, and says when it is done.

use std::time::Duration;

use futures_channel::oneshot;
use password_reset::ResetRequest;

use crate::refusals::{lines, listening};
use crate::support::{App, EMAIL, email, others_run, source};

#[tokio::test]
async fn what_was_begun_is_finished_and_acknowledged_before_the_end() {
    let (log, _guard) = listening();
    let app = App::new();
    let (_, other) = app.rebuilt(|builder| builder);
    let App { reset, worker, clock, mail, store, .. } = app;
    let (stop, stopped) = oneshot::channel::<()>();
    let stall = mail.stall();
    let running = tokio::spawn(worker.run_until(async {
        let _ended = stopped.await;
    }));
    tokio::task::yield_now().await;
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    stall.reached().await;
    drop(stop);
    others_run().await;
    assert!(!running.is_finished(), "a message is on its way");
    assert_eq!(store.leases().len(), 1);
    stall.release();
    running.await.unwrap();
    assert_eq!((mail.delivered().len(), store.leases().len()), (1, 0), "acknowledged");
    let ended: Vec<String> = lines(&log).into_iter().filter(|line| line.contains("worker ended")).collect();
    assert_eq!(ended.len(), 1);
    assert!(ended[0].contains("INFO") && ended[0].contains("rows=1 given_back=0"), "{}", ended[0]);
    clock.advance(Duration::from_secs(600));
    other.run_once().await.unwrap();
    assert_eq!(mail.delivered().len(), 1, "nothing is sent twice");
}

#[tokio::test]
async fn what_was_not_begun_is_another_workers_at_once() {
    let (log, _guard) = listening();
    let app = App::new();
    let (_, other) = app.rebuilt(|builder| builder);
    let App { reset, worker, mail, store, .. } = app;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(worker.run_until(async {
        let _ended = stopped.await;
    }));
    tokio::task::yield_now().await;
    // The row is handed over in memory, and the worker does not run between.
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    assert_eq!(store.leases().len(), 1, "it is leased to this node");
    drop(stop);
    running.await.unwrap();
    assert!(mail.tried().is_empty());
    assert!(lines(&log).iter().any(|line| line.contains("rows=0 given_back=1")), "{:?}", lines(&log));
    other.run_once().await.unwrap();
    assert_eq!(mail.delivered().len(), 1, "without waiting for the lease to run out");
    // What is asked after that is not kept for a worker that is gone.
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    assert!(store.leases().is_empty());
}
