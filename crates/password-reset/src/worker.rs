//! The worker: pays what resets owe.
//!
//! A row is its own outbox: it says what it owes and when to look again. The worker leases due rows, pays, and settles;
//! a lease that runs out is leased again, and the lease number keeps a slow worker from settling what is not its any
//! more. Any number of workers may run, on any number of nodes.

mod after;
mod issue;
mod notify;
mod send;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, Either};
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{FutureExt, select};

use crate::error::PortError;
use crate::ports::{Ack, Acknowledged, Due, Leased, Purge};
use crate::reset::Reset;
use crate::service::Inner;
use crate::tasks::Tasks;

/// How often to look for what is due, besides being woken.
const TICK: Duration = Duration::from_millis(500);
/// How many rows are paid at once. Paying is mostly waiting for others, so this is not a number of threads; it is large
/// so that a mail server that hangs does not keep everything else waiting.
const AT_ONCE: usize = 128;
/// When hints failed, how long until the store is asked for them again.
const HINTS_AGAIN: Duration = Duration::from_secs(5);
/// How long a lease lasts: longer than the longest delivery.
const LEASE: Duration = Duration::from_secs(3 * 60);
/// How often old rows are deleted, and how many of each kind at once.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);
const PURGE_ROWS: u32 = 1_000;

/// Does what requests leave to be done: looks accounts up, sends, finishes, ends sessions, tells, deletes what is old.
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

    /// Runs until it is dropped, on any executor. A request on this node wakes it at once. Those who wait on this node
    /// are woken by the store's hints of what other nodes heard, if it gives any.
    ///
    /// Dropping it in the middle loses nothing: what it leased is done later, by this worker or another.
    pub async fn run(self) {
        future::join(self.run_for_ever(), self.inner.follow_changes()).await;
    }

    async fn run_for_ever(&self) {
        let inner = &self.inner;
        let mut running = FuturesUnordered::new();
        let mut purge_at = inner.now();
        let mut looks = true;
        loop {
            let now = inner.now();
            if now >= purge_at {
                purge_at = crate::time::later(now, PURGE_EVERY);
                if let Err(error) = beside(&mut running, &mut looks, inner.purge()).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "old rows could not be deleted");
                }
            }
            let room = AT_ONCE.saturating_sub(running.len());
            if looks && room > 0 {
                looks = false;
                let leased = match beside(&mut running, &mut looks, inner.lease(room)).await {
                    Ok(leased) => leased,
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "the store could not say what is due");
                        Vec::new()
                    }
                };
                // With less than it has room for, it has all that was due.
                looks |= leased.len() >= room;
                running.extend(leased.into_iter().map(|leased| inner.run_tasks(leased)));
            }
            let mut woken = Box::pin(inner.wake.raised()).fuse();
            let mut tick = inner.clock.sleep(TICK).fuse();
            select! {
                more_tasks = running.select_next_some() => {
                    looks |= more_tasks;
                    while let Some(Some(more_tasks)) = running.next().now_or_never() {
                        looks |= more_tasks;
                    }
                }
                () = woken => looks = true,
                () = tick => looks = true,
            }
        }
    }

    /// Pays everything that is due now, deletes what is old, and returns how many rows were paid: for hosts that start
    /// it on a timer, and for tests.
    ///
    /// # Errors
    /// When the store cannot say what is due. What was paid before stays paid.
    pub async fn run_once(&self) -> Result<usize, PortError> {
        let mut done: usize = 0;
        loop {
            let leased = self.inner.lease(AT_ONCE).await?;
            if leased.is_empty() {
                break;
            }
            done = done.saturating_add(leased.len());
            let mut running: FuturesUnordered<_> =
                leased.into_iter().map(|leased| self.inner.run_tasks(leased)).collect();
            while running.next().await.is_some() {}
        }
        self.inner.purge().await?;
        Ok(done)
    }
}

/// Waits for `work` while what is being paid goes on.
///
/// What is being paid may hold what `work` waits for: the one connection that writes, or the last one of a pool. If it
/// stood still meanwhile, neither would ever go on. What came to be due meanwhile is noted.
async fn beside<T>(
    running: &mut FuturesUnordered<impl Future<Output = bool>>,
    is_due: &mut bool,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work.fuse());
    loop {
        select! {
            done = work => return done,
            more_tasks = running.select_next_some() => *is_due |= more_tasks,
        }
    }
}

/// How a debt stands after one try.
pub(crate) enum TaskOutcome {
    /// It is paid, and is to be taken off the row.
    Done,
    /// A step took it off the row already.
    Removed,
    /// It is owed still: look again after this long.
    Later(Duration),
}

impl Inner {
    async fn follow_changes(&self) {
        loop {
            match self.store.changed().await {
                Ok(reset) => self.waiting.raise(reset),
                // Nothing is lost but a second or two: whoever waits looks by itself.
                Err(error) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "the store cannot say what changes; it is asked again"
                    );
                    self.clock.sleep(HINTS_AGAIN).await;
                }
            }
        }
    }

    async fn lease(&self, room: usize) -> Result<Vec<Leased>, PortError> {
        if room == 0 {
            return Ok(Vec::new());
        }
        let now = self.now();
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        self.store.due(&Due::new(now, crate::time::later(now, LEASE), limit)).await
    }

    async fn purge(&self) -> Result<(), PortError> {
        let now = self.now();
        let resets_before = crate::time::earlier(now, self.retention.resets);
        let audit_before = crate::time::earlier(now, self.retention.audit);
        let purge = Purge::new(now, resets_before, audit_before, PURGE_ROWS);
        // In small bites, between which others write, but until nothing is left: strangers decide how many rows there
        // are, and what is deleted slower than it is made grows for ever.
        while self.store.purge(&purge).await? >= u64::from(PURGE_ROWS) {}
        Ok(())
    }

    /// Pays one row, for as long as its lease lasts: whatever a port does, its place becomes free. `true` when the row came to
    /// owe more meanwhile, which is due now.
    async fn run_tasks(&self, leased: Leased) -> bool {
        let reset = leased.reset.id();
        let running = pin!(self.run_leased(leased));
        match future::select(running, self.clock.sleep(LEASE)).await {
            Either::Left((more_tasks, _)) => more_tasks,
            Either::Right(_) => {
                tracing::warn!(%reset, "a port did not answer within a lease; what the reset owes is tried again");
                false
            }
        }
    }

    /// Errors are logged and tried again later; nothing is lost.
    async fn run_leased(&self, leased: Leased) -> bool {
        let mut ack = Ack::new(&leased, self.now());
        ack.delivery_attempts = leased.reset.delivery_attempts();
        let mut permit_asked = false;
        let wait = match self.run_each(&leased, &mut ack, &mut permit_asked).await {
            Ok(wait) => {
                permit_asked = false;
                wait
            }
            Err(error) => {
                tracing::warn!(
                    reset = %leased.reset.id(),
                    error = &error as &dyn std::error::Error,
                    "what a reset owes could not be paid; it is tried again"
                );
                Some(backoff(leased.reset.delivery_attempts()))
            }
        };
        ack.at = self.now();
        ack.delivery_attempts = match wait {
            Some(wait) => {
                ack.retry_at = crate::time::later(ack.at, wait);
                ack.delivery_attempts.saturating_add(u32::from(!permit_asked))
            }
            None => 0,
        };
        match self.store.acknowledge(&ack).await {
            Ok(Acknowledged::Done) => {}
            Ok(Acknowledged::MoreTasks) => return true,
            Ok(Acknowledged::LeaseLost) => {
                tracing::info!(reset = %leased.reset.id(), "a lease ran out before it was settled");
            }
            Err(error) => tracing::warn!(
                reset = %leased.reset.id(),
                error = &error as &dyn std::error::Error,
                "what was paid could not be noted; it may be paid twice"
            ),
        }
        false
    }

    async fn run_each(
        &self,
        leased: &Leased,
        ack: &mut Ack,
        permit_asked: &mut bool,
    ) -> Result<Option<Duration>, PortError> {
        let mut reset: Reset = leased.reset.clone();
        let mut found = None;
        let mut wait: Option<Duration> = None;
        if reset.tasks().contains(Tasks::RESOLVE) {
            // Issuing forgives this debt and adds the next, in the same row and the same step.
            (reset, found) = self.resolve(leased, ack, permit_asked).await?;
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
        Ok(wait)
    }
}

/// 5 s, 10 s, 20 s … at most 5 minutes.
pub(crate) fn backoff(delivery_attempts: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const MOST: Duration = Duration::from_secs(5 * 60);
    FIRST.checked_mul(2_u32.saturating_pow(delivery_attempts.min(10))).unwrap_or(MOST).min(MOST)
}
