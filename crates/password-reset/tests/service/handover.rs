//! Rows that a node hands to its own worker, and what becomes of them when the node or a port fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use password_reset::ports::{Delivery, Notifier};
use password_reset::{ContactKind, Message, ResetRequest};
use password_reset_testkit::RecordingNotifier;

use crate::support::{App, EMAIL, NEW, acks_are_written, email, others_run, source};

fn request() -> ResetRequest {
    ResetRequest::email_link(email(EMAIL), source())
}

#[tokio::test]
async fn a_node_that_dies_costs_ten_seconds() {
    let app = App::new();
    let (reset, worker) = app.rebuilt(|builder| builder);
    let running = tokio::spawn(worker.run());
    tokio::task::yield_now().await;
    reset.request(request()).await.unwrap();
    // The row is in the memory of a node that never comes to it.
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    app.clock.advance(Duration::from_millis(9_999));
    app.worker.run_once().await.unwrap();
    assert!(app.mail.delivered().is_empty(), "the dead node's lease still lasts");
    app.clock.advance(Duration::from_millis(1));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1);
}

#[tokio::test]
async fn a_worker_that_comes_to_a_row_too_late_leaves_it_to_the_one_that_has_it() {
    let app = App::new();
    let (reset, worker) = app.rebuilt(|builder| builder);
    let running = tokio::spawn(worker.run());
    tokio::task::yield_now().await;
    let asked = reset.request(request()).await.unwrap();
    // On a runtime of one thread the worker has not had its turn yet, and the lease runs out meanwhile.
    app.clock.advance(Duration::from_secs(10));
    app.worker.run_once().await.unwrap();
    others_run().await;
    assert!(!running.is_finished());
    assert_eq!(app.mail.delivered().len(), 1, "one message, by the worker that has the row");
    drop(app.verify_link(&app.mail.last().unwrap()).await.unwrap());
    assert!(app.reset.status(&asked.requester_token).await.unwrap().is_some());
    running.abort();
}

#[tokio::test]
async fn a_password_that_is_set_before_the_ack_is_written_stays_with_the_worker() {
    let App { reset, worker, mail, accounts, clock, .. } = App::new();
    let running = tokio::spawn(worker.run());
    reset.request(request()).await.unwrap();
    let sent = mail.until_delivered(1).await.remove(0);
    // The worker still has the row while its ack waits for others, and goes on with it.
    let grant = reset.verify(password_reset::Proof::Link(crate::support::link(&sent))).await.unwrap();
    reset.set_password(grant, password_reset::NewPassword::confirmed(NEW, NEW)).await.unwrap();
    acks_are_written(&clock).await;
    assert_eq!(mail.until_delivered(2).await[1].kind(), "password_changed");
    assert_eq!(accounts.ended().len(), 1);
    running.abort();
}

/// Panics once, and then delivers.
#[derive(Debug)]
struct PanicsOnce(RecordingNotifier, AtomicBool);

#[async_trait]
impl Notifier for PanicsOnce {
    fn reaches(&self) -> ContactKind {
        self.0.reaches()
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        assert!(self.1.swap(true, Ordering::SeqCst), "a port that panics, on purpose");
        self.0.deliver(message).await
    }
}

#[tokio::test]
async fn a_port_that_panics_is_a_failed_delivery_and_not_the_end_of_the_worker() {
    let app = App::new();
    let notifier = PanicsOnce(app.mail.clone(), AtomicBool::new(false));
    let (reset, worker) = app.builder().notifier(notifier).build().unwrap();
    reset.request(request()).await.unwrap();
    worker.run_once().await.unwrap();
    assert!(app.mail.delivered().is_empty());
    app.clock.advance(Duration::from_secs(5));
    worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1, "tried again after the usual wait");
    assert!(app.verify_link(&app.mail.last().unwrap()).await.is_ok());
}
