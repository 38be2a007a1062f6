//! The turns of the worker: leasing rows, running their tasks, acknowledging them, purging.

use std::error::Error;
use std::fmt::Debug;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, Either};
use tracing::Instrument;

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow, EXPIRED};
use crate::flow::reset::Reset;
use crate::flow::tasks::Tasks;
use crate::identity::account::Account;
use crate::log_bounded;
use crate::ports::{Ack, Acknowledged, Due, LeaseRequest, Leased, Purge, Transitioned};
use crate::resets::Resets;
use crate::resets::issuing::{Issuing, MAX_CLAIMS};
use crate::resets::spans::{self, Call};
use crate::worker::after::After;
use crate::worker::notify::Notifying;
use crate::worker::outcome::{TaskOutcome, backoff};
use crate::worker::send::Sending;

/// When a row whose key this node has not is looked at again, by whichever node is first.
const WITHOUT_KEY: Duration = Duration::from_secs(5);
/// How long a lease lasts: longer than the longest delivery.
const LEASE: Duration = Duration::from_secs(3 * 60);
/// How many rows of each kind are deleted at once.
const PURGE_ROWS: u32 = 1_000;
/// When hints failed, how long until the store is asked for them again.
const HINTS_AGAIN: Duration = Duration::from_secs(5);

/// What follows when the tasks of a row were run.
enum Next {
    /// None of those that were seen is left.
    Nothing,
    /// One is left: look again after this long.
    Again(Duration),
    /// Another worker has the row.
    LeaseLost,
    /// The row moved on before it was issued: look again at once.
    Changed,
}

/// Runs the tasks of rows, and keeps the store in order.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) resets: Arc<Resets>,
    pub(crate) issuing: Arc<Issuing>,
    pub(crate) sending: Sending,
    pub(crate) notifying: Notifying,
    pub(crate) after: After,
}

impl Rows {
    pub(crate) async fn follow_changes_for_ever(&self) {
        let Some(changes) = self.resets.store.changes() else { return future::pending().await };
        loop {
            match self.resets.contained(Call::without_span("hints"), async { changes.changed().await }).await {
                Ok(reset) => self.resets.waiting.raise(reset),
                // Nothing is lost but a second or two: a page that waits looks by itself.
                Err(error) => {
                    log_bounded!(
                        info,
                        error = &error as &dyn Error,
                        "change notifications unavailable, waiting pages poll until they are back"
                    );
                    self.resets.clock.sleep(HINTS_AGAIN).await;
                }
            }
        }
    }

    pub(crate) async fn lease(&self, room: usize) -> Result<Vec<Leased>, PortError> {
        let now = self.resets.now();
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        let due = Due::new(now, crate::time::later(now, LEASE), limit);
        let leased = self.resets.contained("leasing", self.resets.store.lease(&due)).await?;
        let oldest = leased.iter().filter_map(|leased| leased.reset.stored().due_at).min().unwrap_or(now);
        self.resets.handover.turned(now);
        crate::metrics::worker_turn(now.timestamp_millis(), crate::time::until(oldest, now));
        self.resets.observers.measure(now);
        Ok(leased)
    }

    pub(crate) async fn purge(&self) -> Result<(), PortError> {
        let now = self.resets.now();
        let kept = &self.resets.retention;
        let before = |span| crate::time::earlier(now, span);
        let mut purge = Purge::new(now, before(kept.resets), before(kept.audit), PURGE_ROWS);
        purge.noise_before = before(kept.audit_noise.min(kept.audit));
        // In small bites, between which others write, but until nothing is left: strangers decide how many rows there
        // are, and what is deleted slower than it is made grows for ever.
        while self.resets.contained("purging", self.resets.store.purge(&purge)).await? >= u64::from(PURGE_ROWS) {}
        Ok(())
    }

    /// Runs the tasks of one row, for as long as its lease lasts: whatever a port does, its place becomes free.
    pub(crate) async fn run_row(&self, leased: Leased) -> Option<Ack> {
        let reset = leased.reset.id();
        let running = pin!(self.run(&leased));
        match future::select(running, self.resets.clock.sleep(LEASE)).await {
            Either::Left((ack, _)) => {
                let mut ack = ack?;
                ack.keep_until = Some(crate::time::later(ack.at, LEASE));
                Some(ack)
            }
            Either::Right(_) => {
                log_bounded!(warn, %reset, "task timed out, will retry: a port did not respond within the lease");
                None
            }
        }
    }

    /// Errors, and panics of ports, are logged and tried again later; nothing is lost.
    async fn run(&self, leased: &Leased) -> Option<Ack> {
        let (reset, mut ack) = (&leased.reset, Ack::new(leased, self.resets.now()));
        if self.resets.has_key_of(reset).is_err() {
            // Left to a node that has the key: not an attempt, and no line for each row.
            ack.retry_at = crate::time::later(ack.at, WITHOUT_KEY);
            return Some(ack);
        }
        let run = self.resets.contained(Call::without_span("the worker"), self.run_each(leased, &mut ack)).await;
        let next = run.unwrap_or_else(|error| {
            log_bounded!(warn, reset = %reset.id(), error = &error as &dyn Error, "task failed, will retry");
            Next::Again(backoff(reset.delivery_attempts()))
        });
        ack.at = self.resets.now();
        match next {
            Next::LeaseLost => {
                log_bounded!(info, reset = %reset.id(), "lease expired before its tasks ran");
                return None;
            }
            Next::Nothing => {}
            Next::Changed => {
                tracing::debug!(reset = %reset.id(), "reset moved on before its task ran, reading it again");
                // Whatever the row has to do by now is new to this worker.
                (ack.retry_at, ack.seen) = (ack.at, Tasks::NONE);
            }
            Next::Again(wait) => {
                ack.retry_at = crate::time::later(ack.at, wait.min(Due::MAX_PUT_OFF));
                ack.delivery_attempts = reset.delivery_attempts().saturating_add(1);
            }
        }
        Some(ack)
    }

    /// The ack of a row that was not begun: another worker may take it at once.
    pub(crate) fn give_back(&self, leased: &Leased) -> Ack {
        let mut ack = Ack::new(leased, self.resets.now());
        // Whatever the row has to do is new to whom takes it.
        ack.seen = Tasks::NONE;
        ack.delivery_attempts = leased.reset.delivery_attempts();
        ack
    }

    /// Records completed tasks. Returns the rows that have further tasks, which this worker did not know of, under the leases
    /// that it keeps.
    pub(crate) async fn acknowledge(&self, acks: Vec<Ack>) -> Vec<Leased> {
        if acks.is_empty() {
            return Vec::new();
        }
        match self.resets.contained("acknowledging", self.resets.store.acknowledge(&acks)).await {
            Ok(acknowledged) => {
                for (ack, _) in acks.iter().zip(&acknowledged).filter(|(_, one)| **one == Acknowledged::LeaseLost) {
                    log_bounded!(info, reset = %ack.id, "lease expired before the task was acknowledged");
                }
                acknowledged.into_iter().filter_map(|one| one.kept()).collect()
            }
            Err(error) => {
                log_bounded!(warn, error = &error as &dyn Error, "cannot record completed tasks, they may run twice");
                Vec::new()
            }
        }
    }

    async fn run_each(&self, leased: &Leased, ack: &mut Ack) -> Result<Next, PortError> {
        let mut reset: Reset = leased.reset.clone();
        let mut found = Vec::new();
        let (mut wait, mut failed): (Option<Duration>, Option<PortError>) = (None, None);
        if reset.tasks().contains(Tasks::RESOLVE) {
            // Issuing removes this task and adds the next, in the same row and the same step.
            let span = spans::of_task(Tasks::RESOLVE.name(), reset.id());
            (reset, found) = match self.resolve(leased, ack).instrument(span).await? {
                ControlFlow::Continue(resolved) => resolved,
                ControlFlow::Break(next) => return Ok(next),
            };
            ack.seen = ack.seen.and(reset.tasks());
        }
        // What secures the account waits for no notifier.
        let secures = [Tasks::FINISH, Tasks::LOCK, Tasks::SESSIONS];
        let sends = [Tasks::SEND, Tasks::STEP_UP_CODE, Tasks::LIVE_NOTICES, Tasks::NOTICES, Tasks::LOCK_NOTICES];
        for task in secures.into_iter().chain(sends) {
            if !reset.tasks().contains(task) || ack.done.contains(task) {
                continue;
            }
            let span = spans::of_task(task.name(), reset.id());
            let running = self.run_task(task, &reset, &mut found, ack).instrument(span);
            match self.resets.contained(Call::without_span("the worker"), running).await {
                Ok(TaskOutcome::Done) => ack.done = ack.done.and(task),
                Ok(TaskOutcome::Removed) => {}
                Ok(TaskOutcome::Later(after)) => wait = Some(wait.map_or(after, |wait| wait.min(after))),
                // A notice that fails must not keep sessions from being ended.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(wait.map_or(Next::Nothing, Next::Again))
    }

    async fn run_task(
        &self,
        task: Tasks,
        reset: &Reset,
        found: &mut Vec<Account>,
        ack: &mut Ack,
    ) -> Result<TaskOutcome, PortError> {
        match task {
            Tasks::SEND => self.sending.send(reset, std::mem::take(found), ack).await,
            Tasks::STEP_UP_CODE => self.sending.send_step_up(reset, ack).await,
            Tasks::FINISH => self.after.look_for_password(reset).await,
            Tasks::LIVE_NOTICES => self.notifying.notify_of_live(reset, ack).await,
            Tasks::LOCK => self.after.lock(reset, ack).await,
            Tasks::SESSIONS => self.after.end_sessions(reset, ack).await,
            Tasks::LOCK_NOTICES => self.notifying.notify_of_lock(reset, ack).await,
            _ => self.notifying.notify(reset, ack).await,
        }
    }

    /// Issues the reset, or suppresses its message: the row as it then is, the account that a message goes to, and those that may
    /// stand in it too. Or what follows where there is nothing to go on with.
    async fn resolve(
        &self,
        leased: &Leased,
        ack: &mut Ack,
    ) -> Result<ControlFlow<Next, (Reset, Vec<Account>)>, PortError> {
        let (reset, now) = (&leased.reset, self.resets.now());
        if !reset.is_live(now) {
            ack.done = ack.done.and(Tasks::RESOLVE);
            if reset.state().is_open() {
                // The account could not be looked up in all the time that the reset had. Strangers decide how many there are.
                ack.audit.push(AuditRow::new(now, AuditEvent::SendFailed).of(reset).detail(EXPIRED));
                if let Some(hits) = self.resets.unresolved.count(now) {
                    let attempts = reset.delivery_attempts();
                    tracing::error!(reset = %reset.id(), attempts, hits, "a reset expired before its account could be looked up");
                }
            }
            return Ok(ControlFlow::Break(Next::Nothing));
        }
        let (found, others) = self.issuing.one_of(self.issuing.find(reset).await?, reset).await?;
        for _ in 0..MAX_CLAIMS {
            let now = self.resets.now();
            let known = self.issuing.known_of(&found, reset, now).await?;
            let lease = LeaseRequest::extend(leased.lease, crate::time::later(now, LEASE));
            let step = self.issuing.issue_or_suppress(reset, &found, &known, now)?.leasing(lease);
            match self.resets.store.transition(&step).await? {
                Transitioned::Moved { lease: Some(taken) } | Transitioned::Finished { lease: Some(taken) } => {
                    self.resets.waiting.raise(reset.id());
                    let found = found.into_iter().take(1).chain(others).collect();
                    return Ok(ControlFlow::Continue((step.leased(taken).reset, found)));
                }
                Transitioned::Moved { lease: None } | Transitioned::Finished { lease: None } => {
                    return Ok(ControlFlow::Break(Next::LeaseLost));
                }
                Transitioned::Conflict | Transitioned::StaleAccount => {}
            }
            let now_stored = self.resets.load(reset.id()).await?;
            if now_stored.is_none_or(|stored| stored.version() != reset.version()) {
                return Ok(ControlFlow::Break(Next::Changed));
            }
        }
        Err(PortError::transient("gave up after repeated concurrent messages to one contact"))
    }
}
