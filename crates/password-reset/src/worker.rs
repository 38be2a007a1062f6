//! The worker: runs the tasks that resets have pending.
//!
//! A row is its own outbox: it says which tasks are pending and when to look again. The verbs of this node hand fresh rows to
//! its worker in memory; the worker leases the rest from the store: what another node left, and what was put off. A lease that
//! runs out is leased again, and the lease number keeps a slow worker from acknowledging tasks that are no longer its own.
//! Any number of workers may run, on any number of nodes.

mod after;
mod issue;
mod notify;
mod send;

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, Either};
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{FutureExt, select};

use crate::error::PortError;
use crate::flow::reset::Reset;
use crate::flow::tasks::Tasks;
use crate::ports::{Ack, Acknowledged, Due, Leased, Purge};
use crate::service::Inner;

/// How often to look into the store for what is due.
const TICK: Duration = Duration::from_millis(500);
/// How many rows are run at once. Running is mostly waiting for others, so this is not a number of threads; it is large so that
/// a mail server that hangs does not keep everything else waiting.
const AT_ONCE: usize = 128;
/// When hints failed, how long until the store is asked for them again.
const HINTS_AGAIN: Duration = Duration::from_secs(5);
/// How long a lease lasts: longer than the longest delivery.
const LEASE: Duration = Duration::from_secs(3 * 60);
/// How often old rows are deleted, and how many of each kind at once.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);
const PURGE_ROWS: u32 = 1_000;

/// Does what requests leave to be done: looks accounts up, sends, finishes, ends sessions, notifies, deletes what is old.
///
/// Without a running worker no message is ever sent.
#[derive(Debug)]
#[must_use = "without a running worker no message is ever sent: spawn `worker.run()`"]
pub struct Worker {
    inner: Arc<Inner>,
}

impl Worker {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// Runs until it is dropped, on any executor. A request on this node wakes it at once. Browsers that wait on this node are
    /// woken by hints of what other nodes received, if the store [carries any](crate::ports::ResetStore::changes).
    ///
    /// Dropping it in the middle loses nothing: what it leased is done later, by this worker or another.
    pub async fn run(self) {
        future::join(self.run_for_ever(), self.inner.follow_changes()).await;
    }

    async fn run_for_ever(&self) {
        let inner = &self.inner;
        let _attends = inner.resets.handover.attend();
        let mut jobs = Jobs::new(inner);
        let mut purge_at = inner.resets.now();
        let mut tick = inner.resets.clock.sleep(TICK).fuse();
        loop {
            let now = inner.resets.now();
            if now >= purge_at {
                purge_at = crate::time::later(now, PURGE_EVERY);
                jobs.purge();
            }
            jobs.start();
            let (mut fresh, mut due) =
                (pin!(inner.resets.handover.fresh.raised().fuse()), pin!(inner.resets.handover.due.raised().fuse()));
            select! {
                finished = jobs.running.select_next_some() => jobs.finish(finished),
                () = fresh => {}
                () = due => jobs.looks = true,
                () = tick => {
                    jobs.looks = true;
                    tick = inner.resets.clock.sleep(TICK).fuse();
                }
            }
        }
    }

    /// Runs every task that is due now, deletes what is old, and returns how many rows had any: for hosts that start it on a
    /// timer, and for tests.
    ///
    /// # Errors
    /// When the store cannot say what is due. What was done before stays done.
    pub async fn run_once(&self) -> Result<usize, PortError> {
        let inner = &self.inner;
        let mut rows: usize = 0;
        loop {
            let mut leased = inner.resets.handover.take(AT_ONCE);
            if leased.is_empty() {
                leased = inner.lease(AT_ONCE).await?;
            }
            if leased.is_empty() {
                break;
            }
            rows = rows.saturating_add(leased.len());
            let running: FuturesUnordered<_> = leased.into_iter().map(|leased| inner.run_row(leased)).collect();
            let acks: Vec<Ack> = running.filter_map(future::ready).collect().await;
            inner.acknowledge(acks).await;
        }
        inner.purge().await?;
        Ok(rows)
    }
}

/// What the worker does at the same time: rows, and at most one call each that leases, acknowledges and purges. All of them
/// go on while one waits, for one may hold what another waits for: the one connection that writes, or the last of a pool.
struct Jobs<'a> {
    inner: &'a Inner,
    running: FuturesUnordered<BoxFuture<'a, Finished>>,
    rows: usize,
    /// Acks that wait for the acknowledging call on its way to end, and go together in the next.
    acks: Vec<Ack>,
    is_acknowledging: bool,
    is_leasing: bool,
    is_purging: bool,
    looks: bool,
}

/// The end of one job.
enum Finished {
    Row(Option<Ack>),
    Leased { asked: usize, leased: Result<Vec<Leased>, PortError> },
    Acknowledged { more_tasks: bool },
    Purged(Result<(), PortError>),
}

impl<'a> Jobs<'a> {
    fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            running: FuturesUnordered::new(),
            rows: 0,
            acks: Vec::new(),
            is_acknowledging: false,
            is_leasing: false,
            is_purging: false,
            looks: true,
        }
    }

    fn purge(&mut self) {
        if !std::mem::replace(&mut self.is_purging, true) {
            self.running.push(self.inner.purge().map(Finished::Purged).boxed());
        }
    }

    /// Starts what can be started.
    fn start(&mut self) {
        let inner = self.inner;
        self.run(inner.resets.handover.take(AT_ONCE.saturating_sub(self.rows)));
        let asked = AT_ONCE.saturating_sub(self.rows);
        if self.looks && asked > 0 && !self.is_leasing {
            (self.looks, self.is_leasing) = (false, true);
            self.running.push(inner.lease(asked).map(move |leased| Finished::Leased { asked, leased }).boxed());
        }
        if !self.acks.is_empty() && !self.is_acknowledging {
            self.is_acknowledging = true;
            let acks = std::mem::take(&mut self.acks);
            self.running.push(inner.acknowledge(acks).map(|more_tasks| Finished::Acknowledged { more_tasks }).boxed());
        }
    }

    fn run(&mut self, rows: Vec<Leased>) {
        self.rows = self.rows.saturating_add(rows.len());
        let inner = self.inner;
        self.running.extend(rows.into_iter().map(|leased| inner.run_row(leased).map(Finished::Row).boxed()));
    }

    fn finish(&mut self, finished: Finished) {
        match finished {
            Finished::Row(ack) => {
                self.rows = self.rows.saturating_sub(1);
                self.acks.extend(ack);
            }
            Finished::Leased { asked, leased } => {
                self.is_leasing = false;
                match leased {
                    Ok(leased) => {
                        // With fewer rows than were asked for, these are all that was due.
                        self.looks |= leased.len() >= asked;
                        self.run(leased);
                    }
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "the store could not say what is due");
                    }
                }
            }
            Finished::Acknowledged { more_tasks } => {
                self.is_acknowledging = false;
                self.looks |= more_tasks;
            }
            Finished::Purged(purged) => {
                self.is_purging = false;
                if let Err(error) = purged {
                    tracing::warn!(error = &error as &dyn std::error::Error, "old rows could not be deleted");
                }
            }
        }
    }
}

/// What became of a task.
pub(crate) enum TaskOutcome {
    /// It is completed, and is to be taken off the row.
    Done,
    /// A step took it off the row already.
    Removed,
    /// It is still pending: look again after this long.
    Later(Duration),
}

/// What follows when the tasks of a row were run.
enum Next {
    /// None of those that were seen is left.
    Nothing,
    /// One is left: look again after this long.
    Again(Duration),
    /// Another worker has the row.
    LeaseLost,
}

impl Inner {
    async fn follow_changes(&self) {
        let Some(changes) = self.resets.store.changes() else { return };
        loop {
            match changes.changed().await {
                Ok(reset) => self.resets.waiting.raise(reset),
                // Nothing is lost but a second or two: a page that waits looks by itself.
                Err(error) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "hints of changes cannot be had; they are asked for again"
                    );
                    self.resets.clock.sleep(HINTS_AGAIN).await;
                }
            }
        }
    }

    async fn lease(&self, room: usize) -> Result<Vec<Leased>, PortError> {
        if room == 0 {
            return Ok(Vec::new());
        }
        let now = self.resets.now();
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        self.resets.store.lease(&Due::new(now, crate::time::later(now, LEASE), limit)).await
    }

    async fn purge(&self) -> Result<(), PortError> {
        let now = self.resets.now();
        let resets_before = crate::time::earlier(now, self.resets.retention.resets);
        let audit_before = crate::time::earlier(now, self.resets.retention.audit);
        let purge = Purge::new(now, resets_before, audit_before, PURGE_ROWS);
        // In small bites, between which others write, but until nothing is left: strangers decide how many rows there
        // are, and what is deleted slower than it is made grows for ever.
        while self.resets.store.purge(&purge).await? >= u64::from(PURGE_ROWS) {}
        Ok(())
    }

    /// Runs the tasks of one row, for as long as its lease lasts: whatever a port does, its place becomes free.
    async fn run_row(&self, leased: Leased) -> Option<Ack> {
        let reset = leased.reset.id();
        let running = pin!(self.run_leased(leased));
        match future::select(running, self.resets.clock.sleep(LEASE)).await {
            Either::Left((ack, _)) => ack,
            Either::Right(_) => {
                tracing::warn!(%reset, "a port did not answer within a lease; the tasks of the reset are tried again");
                None
            }
        }
    }

    /// Errors, and panics of ports, are logged and tried again later; nothing is lost.
    async fn run_leased(&self, leased: Leased) -> Option<Ack> {
        let mut ack = Ack::new(&leased, self.resets.now());
        let ran = AssertUnwindSafe(self.run_each(&leased, &mut ack)).catch_unwind().await;
        match ran.unwrap_or_else(|_panic| Err(PortError::transient("a port panicked"))) {
            Ok(Next::LeaseLost) => {
                tracing::info!(reset = %leased.reset.id(), "a lease ran out before its tasks were run");
                return None;
            }
            Ok(Next::Nothing) => ack.at = self.resets.now(),
            Ok(Next::Again(wait)) => {
                ack.at = self.resets.now();
                ack.retry_at = crate::time::later(ack.at, wait);
                ack.delivery_attempts = leased.reset.delivery_attempts().saturating_add(1);
            }
            Err(error) => {
                tracing::warn!(
                    reset = %leased.reset.id(),
                    error = &error as &dyn std::error::Error,
                    "the tasks of a reset could not be run; they are tried again"
                );
                ack = self.put_off(ack, &leased.reset);
            }
        }
        Some(ack)
    }

    /// The ack of a failed run.
    fn put_off(&self, mut ack: Ack, reset: &Reset) -> Ack {
        ack.at = self.resets.now();
        ack.retry_at = crate::time::later(ack.at, backoff(reset.delivery_attempts()));
        ack.delivery_attempts = reset.delivery_attempts().saturating_add(1);
        ack
    }

    /// Records completed tasks. `true` when a row has a task that this worker did not know of.
    async fn acknowledge(&self, acks: Vec<Ack>) -> bool {
        if acks.is_empty() {
            return false;
        }
        match self.resets.store.acknowledge(&acks).await {
            Ok(acknowledged) => {
                for (ack, _) in acks.iter().zip(&acknowledged).filter(|(_, one)| **one == Acknowledged::LeaseLost) {
                    tracing::info!(reset = %ack.id, "a lease ran out before its tasks were acknowledged");
                }
                acknowledged.contains(&Acknowledged::MoreTasks)
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "failed to record completed tasks; they may run twice"
                );
                false
            }
        }
    }

    async fn run_each(&self, leased: &Leased, ack: &mut Ack) -> Result<Next, PortError> {
        let mut reset: Reset = leased.reset.clone();
        let mut found = None;
        let mut wait: Option<Duration> = None;
        if reset.tasks().contains(Tasks::RESOLVE) {
            // Issuing removes this task and adds the next, in the same row and the same step.
            let Some(resolved) = self.resolve(leased, ack).await? else { return Ok(Next::LeaseLost) };
            (reset, found) = resolved;
            ack.seen = ack.seen.and(reset.tasks());
        }
        let sends = [Tasks::SEND, Tasks::STEP_UP_CODE];
        let ends =
            [Tasks::FINISH, Tasks::LIVE_NOTICES, Tasks::LOCK, Tasks::SESSIONS, Tasks::NOTICES, Tasks::LOCK_NOTICES];
        for task in sends.into_iter().chain(ends) {
            if !reset.tasks().contains(task) {
                continue;
            }
            let done = match task {
                Tasks::SEND => self.send(&reset, found.take(), ack).await?,
                Tasks::STEP_UP_CODE => self.send_step_up(&reset, ack).await?,
                Tasks::FINISH => self.look_for_password(&reset).await?,
                Tasks::LIVE_NOTICES => self.notify_of_live(&reset, ack).await?,
                Tasks::LOCK => self.lock(&reset, ack).await?,
                Tasks::SESSIONS => self.end_sessions(&reset, ack).await?,
                Tasks::LOCK_NOTICES => self.notify_of_lock(&reset, ack).await?,
                _ => self.notify(&reset, ack).await?,
            };
            match done {
                TaskOutcome::Done => ack.done = ack.done.and(task),
                TaskOutcome::Removed => {}
                TaskOutcome::Later(after) => wait = Some(wait.map_or(after, |wait| wait.min(after))),
            }
        }
        Ok(wait.map_or(Next::Nothing, Next::Again))
    }
}

/// 5 s, 10 s, 20 s … at most 5 minutes.
pub(crate) fn backoff(delivery_attempts: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const MOST: Duration = Duration::from_secs(5 * 60);
    FIRST.checked_mul(2_u32.saturating_pow(delivery_attempts.min(10))).unwrap_or(MOST).min(MOST)
}
