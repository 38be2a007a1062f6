//! Every audit row reaches the observer, in order, whatever the observer and the nodes do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use password_reset::operations::HealthProblem;
use password_reset::ports::{AuditCursor, AuditEntry, Clock as _, Observer};
use password_reset::{PasswordReset, PortError, ResetRequest, Worker};
use password_reset_testkit::{Fault, Faults, FaultyStore};

use crate::faults::faulty;
use crate::refusals::{lines, listening};
use crate::support::{App, EMAIL, email, source};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Takes,
    Fails,
    Panics,
    Hangs,
}

/// Keeps the rows of the calls that it answers well.
#[derive(Clone, Debug)]
struct Recorder {
    rows: Arc<Mutex<Vec<AuditEntry>>>,
    calls: Arc<Mutex<Vec<usize>>>,
    mood: Arc<Mutex<Mood>>,
}

impl Recorder {
    fn new() -> Self {
        Self { rows: Arc::default(), calls: Arc::default(), mood: Arc::new(Mutex::new(Mood::Takes)) }
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn rows(&self) -> Vec<AuditEntry> {
        self.rows.lock().unwrap().clone()
    }

    fn calls(&self) -> Vec<usize> {
        self.calls.lock().unwrap().clone()
    }

    /// The rows without those that came again, in the order in which each came first.
    fn distinct(&self) -> Vec<AuditEntry> {
        let mut seen: Vec<AuditCursor> = Vec::new();
        let mut rows = self.rows();
        rows.retain(|row| {
            let is_new = !seen.contains(&row.cursor);
            seen.push(row.cursor.clone());
            is_new
        });
        rows
    }
}

#[async_trait]
impl Observer for Recorder {
    async fn observe(&self, rows: &[AuditEntry]) -> Result<(), PortError> {
        self.calls.lock().unwrap().push(rows.len());
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Takes => self.rows.lock().unwrap().extend_from_slice(rows),
            Mood::Fails => return Err(PortError::transient("the receiver is away")),
            Mood::Panics => panic!("a mistake in the observer"),
            Mood::Hangs => std::future::pending().await,
        }
        Ok(())
    }
}

/// Everything that was written came, in the order in which it was written.
fn has_all(app: &App, rows: &[AuditEntry]) {
    let written = app.store.trail();
    let rows: Vec<_> = rows.iter().map(|entry| (entry.row.event, entry.row.reset)).collect();
    let written: Vec<_> = written.iter().map(|row| (row.event, row.reset)).collect();
    assert_eq!(rows, written);
}

fn node(app: &App, observer: &Recorder) -> (PasswordReset, Worker) {
    app.rebuilt(|builder| builder.observer("webhooks", observer.clone()))
}

/// Lets tasks run for as long as they have something to do.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// Advances the clock in steps, in each of which tasks run.
async fn pass(app: &App, seconds: u64) {
    for _ in 0..seconds {
        app.clock.advance(Duration::from_secs(1));
        settle().await;
    }
}

#[tokio::test]
async fn every_row_comes_once_in_order_from_whichever_node_wrote_it() {
    let app = App::new();
    let observer = Recorder::new();
    let nodes = [node(&app, &observer), node(&app, &observer)];
    for round in 0..6 {
        let (reset, _) = &nodes[round % 2];
        reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
        // The row is leased to the node that opened it for a while.
        app.clock.advance(Duration::from_secs(60));
        nodes[(round / 2) % 2].1.run_once().await.unwrap();
    }
    nodes[0].1.run_once().await.unwrap();
    assert_eq!(observer.rows().len(), 15, "three messages, and three requests without one");
    has_all(&app, &observer.rows());
}

#[tokio::test]
async fn two_nodes_at_once_hand_each_row_over_once() {
    let app = App::new();
    let observer = Recorder::new();
    let (one, two) = (node(&app, &observer), node(&app, &observer));
    let running = [tokio::spawn(one.1.run()), tokio::spawn(two.1.run())];
    settle().await;
    for reset in [&one.0, &two.0, &one.0, &two.0] {
        reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
        pass(&app, 40).await;
    }
    pass(&app, 120).await;
    has_all(&app, &observer.rows());
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn without_an_observer_no_row_is_read_and_nothing_is_written_for_one() {
    let app = App::new();
    let faults = Faults::none();
    let (reset, worker) = faulty(&app, &faults);
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    worker.run_once().await.unwrap();
    let running = tokio::spawn(worker.run());
    pass(&app, 30).await;
    running.abort();
    assert_eq!(app.mail.delivered().len(), 1);
    let calls = faults.calls();
    assert!(!calls.contains(&"store.audit_after") && !calls.contains(&"store.lease_feed"), "{calls:?}");
}

/// One that fails, panics or never answers: messages go out all the same, each row comes again until it is taken, one row at a
/// time and more and more rarely, and the log has a line a minute at the most.
#[tokio::test]
async fn an_observer_that_fails_panics_or_hangs_stops_nothing_and_misses_nothing() {
    for mood in [Mood::Fails, Mood::Panics, Mood::Hangs] {
        let (log, _guard) = listening();
        let app = App::new();
        let observer = Recorder::new();
        let (reset, worker) = node(&app, &observer);
        observer.is(mood);
        let running = tokio::spawn(worker.run());
        for sent in 1..=3 {
            reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
            pass(&app, 2).await;
            assert_eq!(app.mail.delivered().len(), sent, "{mood:?}: a message waits for the observer");
        }
        pass(&app, 600).await;
        assert!(!running.is_finished());
        let calls = observer.calls();
        assert!((4..=9).contains(&calls.len()), "{mood:?}: {calls:?}");
        assert!(calls[1..].iter().all(|rows| *rows == 1), "{mood:?}: {calls:?}");
        let said: Vec<_> = lines(&log).into_iter().filter(|line| line.contains("cannot hand audit rows")).collect();
        let warned = said.iter().filter(|line| line.contains("WARN")).count();
        assert!(!said.is_empty() && warned <= 1, "{mood:?}: {said:#?}");
        assert!(observer.rows().is_empty());
        observer.is(Mood::Takes);
        pass(&app, 330).await;
        has_all(&app, &observer.rows());
        running.abort();
    }
}

/// A node dies at any call of its store, before the call has its effect or after it, in the middle of handing over: another goes on
/// when the lease has run out. Rows may come again; none is missing, and each comes first in its order.
#[tokio::test]
async fn a_node_that_dies_anywhere_loses_no_row() {
    let mut again = 0;
    for fault in [Fault::StopBefore, Fault::StopAfter, Fault::FailBefore, Fault::FailAfter] {
        for call in 1.. {
            let app = App::new();
            app.mailed_now().await;
            let written = app.store.trail().len();
            let observer = Recorder::new();
            let faults = Faults::at(call, fault.clone());
            let store = FaultyStore::new(Arc::clone(&app.store), &faults);
            let builder = app.builder_on(store).notifier(app.mail.clone()).observer("webhooks", observer.clone());
            let (_, worker) = builder.build().unwrap();
            let dying = tokio::spawn(async move { worker.run_once().await.map(drop) });
            settle().await;
            dying.abort();
            let _died = dying.await;
            app.clock.advance(Duration::from_secs(61));
            node(&app, &observer).1.run_once().await.unwrap();
            has_all(&app, &observer.distinct());
            again += observer.rows().len() - written;
            if !faults.struck() {
                break;
            }
        }
    }
    assert!(again > 0, "no node died between handing over and noting it");
}

#[tokio::test]
async fn when_a_worker_ends_another_goes_on_at_once() {
    let app = App::new();
    let observer = Recorder::new();
    let (_, ending) = node(&app, &observer);
    let (stop, stopped) = futures_channel::oneshot::channel::<()>();
    let running = tokio::spawn(ending.run_until(async {
        let _ended = stopped.await;
    }));
    settle().await;
    let (reset, other) = node(&app, &observer);
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    other.run_once().await.unwrap();
    assert!(observer.rows().is_empty(), "the first node has the lease");
    drop(stop);
    running.await.unwrap();
    other.run_once().await.unwrap();
    has_all(&app, &observer.rows());
}

/// The node that hands rows over says so, and no other.
#[tokio::test]
async fn an_observer_that_lacks_a_row_for_a_minute_is_behind() {
    let app = App::new();
    let observer = Recorder::new();
    let (reset, worker) = node(&app, &observer);
    let behind = async |reset: &PasswordReset| {
        let health = reset.operations().health().await;
        let [of] = &health.observers[..] else { panic!("{health:?}") };
        assert_eq!(of.name, "webhooks");
        (of.oldest, health.problems().contains(&HealthProblem::ObserverBehind))
    };
    assert_eq!(behind(&reset).await, (None, false), "before any row");
    observer.is(Mood::Fails);
    let asked = app.clock.now();
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    let running = tokio::spawn(worker.run());
    pass(&app, 60).await;
    assert_eq!(behind(&reset).await, (Some(asked), false));
    pass(&app, 1).await;
    assert_eq!(behind(&reset).await, (Some(asked), true));
    let (other, another) = node(&app, &observer);
    another.run_once().await.unwrap();
    assert_eq!(behind(&other).await, (None, false), "it waits for the node with the lease");
    observer.is(Mood::Takes);
    pass(&app, 330).await;
    assert_eq!(behind(&reset).await, (None, false));
    has_all(&app, &observer.rows());
    running.abort();
}

/// Two observers have a place each, and one that fails does not keep the other back.
#[tokio::test]
async fn each_observer_has_a_place_of_its_own() {
    let app = App::new();
    let (away, takes) = (Recorder::new(), Recorder::new());
    away.is(Mood::Fails);
    let (reset, worker) =
        app.rebuilt(|builder| builder.observer("siem", away.clone()).observer("webhooks", takes.clone()));
    for _ in 0..2 {
        reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
        worker.run_once().await.unwrap();
    }
    has_all(&app, &takes.rows());
    away.is(Mood::Takes);
    worker.run_once().await.unwrap();
    has_all(&app, &away.rows());
}

#[test]
fn each_observer_needs_a_name_of_its_own() {
    for names in [["a", "a"], ["a", ""], ["a", "a name that is longer than any table has room for"]] {
        let app = App::new();
        let builder = app.builder().notifier(app.mail.clone());
        let builder = names.iter().fold(builder, |builder, name| builder.observer(*name, Recorder::new()));
        assert!(builder.build().unwrap_err().to_string().contains("observer"), "{names:?}");
    }
}
