//! The worker: runs the tasks that resets have pending.
//!
//! A row is its own outbox: it says which tasks are pending and when to look again. The verbs of this node hand fresh rows to
//! its worker in memory; the worker leases the rest from the store: what another node left, and what was put off. A lease that
//! runs out is leased again, and the lease number keeps a slow worker from acknowledging tasks that are no longer its own.
//! Any number of workers may run, on any number of nodes.

pub(crate) mod after;
pub(crate) mod listing;
pub(crate) mod notify;
pub(crate) mod observing;
mod outcome;
pub(crate) mod rows;
pub(crate) mod send;

use std::error::Error;
use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{self, BoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{FutureExt, select};

use crate::error::PortError;
use crate::log_bounded;
use crate::ports::{Ack, Leased};
use crate::worker::observing::Observing;
use crate::worker::rows::Rows;

/// How often to look into the store for what is due.
const TICK: Duration = Duration::from_millis(500);
/// How many rows are run at once. Running is mostly waiting for others, so this is not a number of threads; it is more than
/// the places of all notifiers together, so that one that does not answer leaves the others theirs.
const AT_ONCE: usize = 512;
/// How long acks wait for others, to be written together: for that long no requester waits, and a row that its owner goes on with
/// meanwhile stays with this worker.
const GATHER: Duration = Duration::from_millis(50);
/// How often old rows are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);

/// Does what requests leave to be done: looks accounts up, sends, finishes, ends sessions, notifies, deletes what is old.
///
/// Without a running worker no message is ever sent.
#[derive(Debug)]
#[must_use = "without a running worker no message is ever sent: spawn `worker.run()`"]
pub struct Worker {
    turns: Rows,
    observing: Vec<Observing>,
}

impl Worker {
    pub(crate) fn new(turns: Rows, observing: Vec<Observing>) -> Self {
        Self { turns, observing }
    }

    /// Runs until it is dropped, on any executor. A request on this node wakes it at once. Browsers that wait on this node are
    /// woken by hints of what other nodes received, if the store [carries any](crate::ports::ResetStore::changes).
    ///
    /// Dropping it in the middle loses nothing: what it leased is done later, by this worker or another.
    pub async fn run(self) {
        self.run_until(future::pending()).await;
    }

    async fn log_missing_keys(&self) {
        let resets = &self.turns.resets;
        match resets.contained("missing_keys", resets.missing_keys()).await {
            Ok(missing) => {
                for key in missing {
                    resets.missing_keys.count(resets.now());
                    tracing::error!(
                        target: "password_reset::alert",
                        key,
                        "signing key of live resets is not in the key ring of this node: put it back, or their links fail here"
                    );
                }
            }
            Err(error) => log_bounded!(warn, %error, "could not check the key ring against the stored resets"),
        }
    }

    /// Runs as [`run`](Self::run) does until `stop` completes, and then ends in order: it takes no more rows, gives those that it
    /// has not begun back for another worker to take at once, and returns when what it began is done and acknowledged.
    ///
    /// That may take as long as the slowest notifier, so bound the wait by the time that the host leaves a program to end;
    /// what is dropped then is done later, and may be sent twice. Answer no more requests before `stop`, or run another worker:
    /// what is asked of a node without a worker waits for the worker of another.
    pub async fn run_until(self, stop: impl Future<Output = ()>) {
        let observing = future::join_all(self.observing.iter().map(Observing::observe_for_ever));
        let beside = future::join3(self.turns.follow_changes_for_ever(), self.log_missing_keys(), observing);
        future::select(pin!(self.run_rows_until(stop)), pin!(beside)).await;
        future::join_all(self.observing.iter().map(Observing::give_back)).await;
    }

    async fn run_rows_until(&self, stop: impl Future<Output = ()>) {
        let turns = &self.turns;
        let mut stop = pin!(stop.fuse());
        let attends = turns.resets.handover.attend();
        let mut jobs = Jobs::new(turns);
        let mut purge_at = turns.resets.now();
        let mut tick = turns.resets.clock.sleep(TICK).fuse();
        // Looked at before anything is begun, and by the `select!` for being woken.
        while (&mut stop).now_or_never().is_none() {
            let now = turns.resets.now();
            if crate::time::has_come(now, purge_at, PURGE_EVERY) {
                purge_at = crate::time::later(now, PURGE_EVERY);
                jobs.purge();
            }
            jobs.start();
            let (mut fresh, mut due) =
                (pin!(turns.resets.handover.fresh.raised().fuse()), pin!(turns.resets.handover.due.raised().fuse()));
            select! {
                () = stop => break,
                finished = jobs.running.select_next_some() => jobs.finish(finished),
                () = fresh => {}
                () = due => jobs.looks = true,
                () = tick => {
                    jobs.looks = true;
                    tick = turns.resets.clock.sleep(TICK).fuse();
                }
            }
        }
        // From here on the verbs of this node leave their rows to other workers.
        drop(attends);
        jobs.end().await;
        tracing::info!(rows = jobs.ended, given_back = jobs.given_back, "worker ended");
    }

    /// Runs every task that is due now, hands audit rows to observers, deletes what is old, and returns how many rows had any: for hosts that start it on a
    /// timer, and for tests.
    ///
    /// # Errors
    /// When the store cannot say what is due. What was done before stays done.
    pub async fn run_once(&self) -> Result<usize, PortError> {
        let turns = &self.turns;
        let mut rows: usize = 0;
        let mut leased = Vec::new();
        loop {
            leased.extend(turns.resets.handover.take(AT_ONCE));
            if leased.is_empty() {
                leased = turns.lease(AT_ONCE).await?;
            }
            if leased.is_empty() {
                break;
            }
            rows = rows.saturating_add(leased.len());
            crate::metrics::pending(leased.len());
            let running: FuturesUnordered<_> = leased.into_iter().map(|leased| turns.run_row(leased)).collect();
            let acks: Vec<Ack> = running.filter_map(future::ready).collect().await;
            leased = turns.acknowledge(acks).await;
        }
        crate::metrics::pending(0);
        future::join_all(self.observing.iter().map(Observing::observe_once)).await;
        turns.purge().await?;
        Ok(rows)
    }
}

/// What the worker does at the same time: rows, and at most one call each that leases, acknowledges and purges. All of them
/// go on while one waits, for one may hold what another waits for: the one connection that writes, or the last of a pool.
struct Jobs<'a> {
    turns: &'a Rows,
    running: FuturesUnordered<BoxFuture<'a, Finished>>,
    rows: usize,
    /// Acks that go together in the next call.
    acks: Vec<Ack>,
    is_gathering: bool,
    is_acknowledging: bool,
    /// How many places are kept for the rows that a look into the store may bring; 0 while none goes on.
    kept: usize,
    is_purging: bool,
    looks: bool,
    /// It runs no more rows, and gives back those that come.
    is_ending: bool,
    /// Rows whose run ended, and rows that were given back.
    ended: u64,
    given_back: u64,
}

/// The end of one job.
enum Finished {
    Row(Option<Ack>),
    Leased {
        asked: usize,
        leased: Result<Vec<Leased>, PortError>,
    },
    Gathered,
    /// The rows that have further tasks.
    Acknowledged(Vec<Leased>),
    Purged(Result<(), PortError>),
}

impl<'a> Jobs<'a> {
    fn new(turns: &'a Rows) -> Self {
        Self {
            turns,
            running: FuturesUnordered::new(),
            rows: 0,
            acks: Vec::new(),
            is_gathering: false,
            is_acknowledging: false,
            kept: 0,
            is_purging: false,
            looks: true,
            is_ending: false,
            ended: 0,
            given_back: 0,
        }
    }

    /// Gives back what was not begun, and waits for the rest. A purge goes on at the next start.
    async fn end(&mut self) {
        self.is_ending = true;
        loop {
            self.run(self.turns.resets.handover.take(usize::MAX));
            self.acknowledge();
            if self.rows == 0 && self.kept == 0 && !self.is_acknowledging {
                break;
            }
            if let Some(finished) = self.running.next().await {
                self.finish(finished);
            }
        }
    }

    fn purge(&mut self) {
        if !std::mem::replace(&mut self.is_purging, true) {
            self.running.push(self.turns.purge().map(Finished::Purged).boxed());
        }
    }

    /// Starts what can be started.
    fn start(&mut self) {
        let turns = self.turns;
        let room = AT_ONCE.saturating_sub(self.rows);
        if self.looks && room > 0 && self.kept == 0 {
            // Only half: the rows that are handed over need not wait for the store. And no less, for what the store has is
            // older, and would wait as long as requests come faster than messages leave.
            let asked = room.div_ceil(2);
            (self.looks, self.kept) = (false, asked);
            self.running.push(turns.lease(asked).map(move |leased| Finished::Leased { asked, leased }).boxed());
        }
        self.run(turns.resets.handover.take(room.saturating_sub(self.kept)));
        self.acknowledge();
        crate::metrics::pending(self.rows);
    }

    fn acknowledge(&mut self) {
        let turns = self.turns;
        let waits = self.is_acknowledging || self.is_gathering && !self.is_ending;
        if !self.acks.is_empty() && !waits {
            self.is_acknowledging = true;
            let acks = std::mem::take(&mut self.acks);
            self.running.push(turns.acknowledge(acks).map(Finished::Acknowledged).boxed());
        }
    }

    /// Lets acks that come soon go with this one.
    fn gather(&mut self, ack: Ack) {
        if self.acks.is_empty() {
            self.is_gathering = true;
            self.running.push(self.turns.resets.clock.sleep(GATHER).map(|()| Finished::Gathered).boxed());
        }
        self.acks.push(ack);
    }

    fn run(&mut self, rows: Vec<Leased>) {
        if self.is_ending {
            self.given_back = self.given_back.saturating_add(rows.len().try_into().unwrap_or(u64::MAX));
            self.acks.extend(rows.iter().map(|leased| self.turns.give_back(leased)));
            return;
        }
        self.rows = self.rows.saturating_add(rows.len());
        let turns = self.turns;
        self.running.extend(rows.into_iter().map(|leased| turns.run_row(leased).map(Finished::Row).boxed()));
    }

    fn finish(&mut self, finished: Finished) {
        match finished {
            Finished::Row(ack) => {
                self.rows = self.rows.saturating_sub(1);
                self.ended = self.ended.saturating_add(1);
                if let Some(ack) = ack {
                    self.gather(ack);
                }
            }
            Finished::Gathered => self.is_gathering = false,
            Finished::Leased { asked, leased } => {
                self.kept = 0;
                match leased {
                    Ok(leased) => {
                        // With fewer rows than were asked for, these are all that was due.
                        self.looks |= leased.len() >= asked;
                        self.run(leased);
                    }
                    Err(error) => {
                        log_bounded!(warn, error = &error as &dyn Error, "cannot fetch pending tasks, will retry");
                    }
                }
            }
            Finished::Acknowledged(more) => {
                self.is_acknowledging = false;
                self.run(more);
            }
            Finished::Purged(purged) => {
                self.is_purging = false;
                if let Err(error) = purged {
                    log_bounded!(warn, error = &error as &dyn Error, "purge failed, will retry in 10 minutes");
                }
            }
        }
    }
}
