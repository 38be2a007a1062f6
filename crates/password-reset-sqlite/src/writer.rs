//! The one thread that writes to a file, and group commit.
//!
//! SQLite lets one connection write, and what a durable commit costs is one wait for the disk, whatever is in it. So the
//! thread takes every call that came while the last commit was on its way into the next one, apart from those that need not
//! wait for the disk, which are committed before it. Each call has a savepoint: they share the commit, and the failure of
//! one is its own.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use futures_channel::oneshot;
use password_reset::PortError;
use rusqlite::Connection;

use crate::error::{Outcome, failed};
use crate::sql;

/// How many calls one commit holds at most.
const MAX_GROUP: usize = 64;

/// `pragma synchronous = normal`: in WAL mode a commit is written, and reaches the disk with the next one that waits.
const NORMAL: i64 = 1;

/// What a call waits for before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The commit, and that it is on the disk.
    ForDisk,
    /// The commit. A loss of power may undo it, and the work is then done again.
    ForCommit,
    /// Its own end, not in a transaction: for what makes its own, or cannot be in one.
    Alone,
}

/// A handle on the thread, which ends with the last handle.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    calls: Sender<Call>,
}

struct Call {
    wait: Wait,
    work: Work,
}

/// Does the work; returns whether its writes are kept, and the answer to give after the commit.
/// Without a connection it only passes the error on.
type Work = Box<dyn FnOnce(Result<&Connection, PortError>) -> (bool, Answer) + Send>;

/// Answers the caller; with an error if the commit failed.
type Answer = Box<dyn FnOnce(Option<&Arc<PortError>>) + Send>;

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(connection: Connection) -> Result<Self, PortError> {
        let (writer, _detached) = Self::spawn(connection)
            .map_err(|error| PortError::transient("cannot start the writer thread").because(error))?;
        Ok(writer)
    }

    fn spawn(connection: Connection) -> io::Result<(Self, JoinHandle<()>)> {
        let (calls, coming) = channel();
        let thread = Thread { connection, levels: None, level: None };
        let thread =
            std::thread::Builder::new().name("password-reset".to_owned()).spawn(move || thread.run(&coming))?;
        Ok((Self { calls }, thread))
    }

    /// Does `work`, in a transaction that other calls may share unless it is to be alone.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        wait: Wait,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, PortError> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            if reply.is_canceled() {
                return (false, Box::new(|_| ()));
            }
            let result = connection.and_then(|connection| {
                let done = catch_unwind(AssertUnwindSafe(|| work(connection)));
                done.map_or(Err(PortError::transient("a write panicked")), |done| {
                    done.map_err(|failure| failure.port(what))
                })
            });
            let kept = result.is_ok();
            let answer = move |lost: Option<&Arc<PortError>>| {
                // A caller that has gone away reads no answer.
                let _unread = reply.send(result.and_then(|done| lost.map_or(Ok(done), |error| Err(refused(error)))));
            };
            (kept, Box::new(answer))
        });
        let ended = "the writer thread has ended";
        self.calls.send(Call { wait, work }).map_err(|_call| PortError::transient(ended))?;
        answer.await.map_err(|gone| PortError::transient(ended).because(gone))?
    }
}

/// One error for each of the calls of a commit that failed.
fn refused(error: &Arc<PortError>) -> PortError {
    let what = "the transaction was not committed";
    let made = if error.is_transient() { PortError::transient(what) } else { PortError::permanent(what) };
    made.because(Arc::clone(error))
}

struct Thread {
    connection: Connection,
    /// The levels of `synchronous` for commits that wait and for those that do not, once the file is known to have a log.
    levels: Option<(i64, i64)>,
    /// The one that is set.
    level: Option<i64>,
}

impl Thread {
    fn run(mut self, coming: &Receiver<Call>) {
        let mut next = None;
        while let Some(first) = next.take().or_else(|| coming.recv().ok()) {
            if first.wait == Wait::Alone {
                let (_, answer) = (first.work)(Ok(&self.connection));
                answer(None);
                continue;
            }
            let mut group = vec![first];
            while group.len() < MAX_GROUP
                && let Ok(call) = coming.try_recv()
            {
                if call.wait == Wait::Alone {
                    next = Some(call);
                    break;
                }
                group.push(call);
            }
            // What need not wait for the disk has a commit of its own, so that it is answered before that wait.
            let (waiting, others): (Vec<Call>, Vec<Call>) =
                group.into_iter().partition(|call| call.wait == Wait::ForDisk);
            self.commit(others, false);
            self.commit(waiting, true);
        }
    }

    /// Carries calls out in one transaction, or in several if SQLite ends it early, as it does when the disk is full.
    fn commit(&mut self, group: Vec<Call>, waits: bool) {
        let mut calls = group.into_iter();
        while calls.len() > 0 {
            if let Err(error) = self.begin(waits) {
                let error = Arc::new(failed("cannot begin a write transaction")(error));
                calls.for_each(|call| (call.work)(Err(refused(&error))).1(None));
                return;
            }
            let mut answers = Vec::with_capacity(calls.len());
            for call in calls.by_ref() {
                answers.push(self.in_savepoint(call));
                if self.connection.is_autocommit() {
                    break;
                }
            }
            let committed = if self.connection.is_autocommit() {
                Err(PortError::transient("another call ended the transaction"))
            } else {
                self.execute(sql::COMMIT).map_err(failed("cannot commit"))
            };
            if committed.is_err() {
                self.roll_back();
            }
            let lost = committed.err().map(Arc::new);
            answers.into_iter().for_each(|answer| answer(lost.as_ref()));
        }
    }

    fn begin(&mut self, waits: bool) -> rusqlite::Result<()> {
        let (waiting, not_waiting) = self.levels()?;
        let level = if waits { waiting } else { not_waiting };
        if self.level != Some(level) {
            // Takes effect when it is prepared, so it cannot come from the cache.
            self.connection.execute_batch(&format!("pragma synchronous = {level}"))?;
            self.level = Some(level);
        }
        self.execute(sql::BEGIN)
    }

    /// Commits wait as the connection was opened; in WAL mode those that need not do not. In other modes a commit that does
    /// not wait could damage the file.
    fn levels(&mut self) -> rusqlite::Result<(i64, i64)> {
        if let Some(levels) = self.levels {
            return Ok(levels);
        }
        let waiting: i64 = self.connection.query_row(sql::SYNCHRONOUS, [], |row| row.get(0))?;
        let mode: String = self.connection.query_row(sql::JOURNAL_MODE, [], |row| row.get(0))?;
        if mode != "wal" {
            return Ok((waiting, waiting));
        }
        Ok(*self.levels.insert((waiting, waiting.min(NORMAL))))
    }

    fn in_savepoint(&self, call: Call) -> Answer {
        if let Err(error) = self.execute(sql::SAVEPOINT) {
            return (call.work)(Err(failed("cannot begin a write transaction")(error))).1;
        }
        let (kept, answer) = (call.work)(Ok(&self.connection));
        let undone = if kept { Ok(()) } else { self.execute(sql::ROLLBACK_TO_SAVEPOINT) };
        if undone.and_then(|()| self.execute(sql::RELEASE)).is_err() {
            // What is left of the call must not be committed. When SQLite ended the transaction itself, nothing is.
            self.roll_back();
        }
        answer
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute(sql::ROLLBACK)
        {
            tracing::error!(%error, "a transaction cannot be rolled back");
        }
    }

    fn execute(&self, text: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(text)?.execute([]).map(drop)
    }
}

#[cfg(test)]
mod tests;
