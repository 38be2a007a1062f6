//! One writer at a time.
//!
//! SQLite lets one connection write. The others wait by sleeping and looking again, so with many of them some wait very
//! long; a queue inside the process is fair and several times faster at the tail. Between processes the file's own lock
//! and `busy_timeout` do the same.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex as StdMutex, PoisonError, Weak};

use password_reset::PortError;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};

use crate::error::failed;
use crate::sql;

const CANNOT_BEGIN: &str = "cannot begin to write";

/// The queues of this process, by database file; pools that name a file alike share one.
static QUEUES: StdMutex<Option<HashMap<PathBuf, Weak<Mutex<()>>>>> = StdMutex::new(None);

/// Takes turns at writing.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pool: SqlitePool,
    queue: Arc<Mutex<()>>,
    waits: Arc<OnceCell<Option<Waits>>>,
}

/// The turn to write. Waiters go on when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    // Before the guard: what was begun on the connection is on its way to be rolled back when the next one starts.
    connection: PoolConnection<Sqlite>,
    waits: Arc<OnceCell<Option<Waits>>>,
    is_unhurried: bool,
    /// A text is on its way that begins a transaction, and maybe has not ended it.
    is_in_doubt: bool,
    _guard: OwnedMutexGuard<()>,
}

/// How the application wants commits to wait for the disk.
#[derive(Clone, Copy, Debug)]
enum Waits {
    Full,
    Extra,
}

impl Writer {
    pub(crate) fn new(pool: &SqlitePool) -> Self {
        let file = pool.connect_options().get_filename().to_path_buf();
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        let queues = queues.get_or_insert_default();
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = queues.get(&file).and_then(Weak::upgrade).unwrap_or_default();
        queues.insert(file, Arc::downgrade(&queue));
        Self { pool: pool.clone(), queue, waits: Arc::default() }
    }

    /// Whether a connection can be kept for a moment without keeping anybody waiting.
    pub(crate) fn has_others(&self) -> bool {
        self.pool.num_idle() > 0 || self.pool.size() < self.pool.options().get_max_connections()
    }

    /// Waits for the turn, as long as the pool would let one wait for a connection.
    pub(crate) async fn turn(&self) -> Result<Turn, PortError> {
        let patience = self.pool.options().get_acquire_timeout();
        let guard = tokio::time::timeout(patience, Arc::clone(&self.queue).lock_owned())
            .await
            .map_err(|elapsed| PortError::transient("too many wait to write to the database").because(elapsed))?;
        loop {
            let mut connection = self.pool.acquire().await.map_err(failed("no connection to the database"))?;
            if !connection.is_in_transaction() {
                return Ok(Turn {
                    connection,
                    waits: Arc::clone(&self.waits),
                    is_unhurried: false,
                    is_in_doubt: false,
                    _guard: guard,
                });
            }
            // SQLite rolls a transaction back by itself when the disk is full, and sqlx goes on believing in it. Such a
            // connection could never begin another.
            connection.close_on_drop();
        }
    }
}

impl Turn {
    /// The connection, for what cannot be in a transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Begins to write. A transaction that is dropped before its commit, because of an error or because nobody waits
    /// for it any more, is rolled back.
    pub(crate) async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, PortError> {
        let text = match self.restores() {
            Some(Waits::Full) => "pragma synchronous = full; begin immediate",
            Some(Waits::Extra) => "pragma synchronous = extra; begin immediate",
            None => "begin immediate",
        };
        let begun = self.connection.begin_with(text).await.map_err(failed(CANNOT_BEGIN))?;
        self.is_unhurried = false;
        Ok(begun)
    }

    /// Begins to write what need not be on the disk when it is committed: it is there with the next transaction that
    /// must be, and what a loss of power takes back is only done again.
    pub(crate) async fn begin_unhurried(&mut self) -> Result<Transaction<'_, Sqlite>, PortError> {
        if self.is_unhurried {
            return self.connection.begin_with("begin immediate").await.map_err(failed(CANNOT_BEGIN));
        }
        if self.waits().await?.is_none() {
            return self.begin().await;
        }
        self.is_unhurried = true;
        let text = "pragma synchronous = normal; begin immediate";
        self.connection.begin_with(text).await.map_err(failed(CANNOT_BEGIN))
    }

    /// The connection, for a text that begins and ends its transaction itself. [`was_alone`](Self::was_alone) must follow.
    pub(crate) async fn alone(&mut self, is_unhurried: bool) -> Result<&mut SqliteConnection, PortError> {
        if !is_unhurried {
            self.restore().await.map_err(failed(CANNOT_BEGIN))?;
        } else if !self.is_unhurried && self.waits().await?.is_some() {
            self.is_unhurried = true;
            sqlx::query(sql::SYNCHRONOUS_NORMAL).execute(&mut *self.connection).await.map_err(failed(CANNOT_BEGIN))?;
        }
        self.is_in_doubt = true;
        Ok(&mut self.connection)
    }

    /// Whether the text went to its end. Where it did not, the connection goes with this: nobody knows how far it went.
    pub(crate) async fn was_alone(&mut self, is_ended: bool) {
        if is_ended {
            self.is_in_doubt = false;
        } else {
            // So that others can write before it is closed.
            let _maybe_none = sqlx::query(sql::ROLLBACK).execute(&mut *self.connection).await;
        }
    }

    /// Leaves the connection as it was.
    pub(crate) async fn end(mut self) {
        // Where it cannot be, it is closed.
        let _closed = self.restore().await;
    }

    async fn restore(&mut self) -> Result<(), sqlx::Error> {
        let text = match self.restores() {
            Some(Waits::Full) => sql::SYNCHRONOUS_FULL,
            Some(Waits::Extra) => sql::SYNCHRONOUS_EXTRA,
            None => return Ok(()),
        };
        sqlx::query(text).execute(&mut *self.connection).await?;
        self.is_unhurried = false;
        Ok(())
    }

    async fn waits(&mut self) -> Result<Option<Waits>, PortError> {
        let waits = self.waits.get_or_try_init(|| Waits::of(&mut self.connection)).await;
        waits.copied().map_err(failed(CANNOT_BEGIN))
    }

    /// What the connection has to be set back to.
    fn restores(&self) -> Option<Waits> {
        self.waits.get().copied().flatten().filter(|_| self.is_unhurried)
    }
}

impl Drop for Turn {
    /// The application's commits wait for the disk and are its own, whatever happened here.
    fn drop(&mut self) {
        if self.is_unhurried || self.is_in_doubt {
            self.connection.close_on_drop();
        }
    }
}

impl Waits {
    /// Nothing where commits do not wait anyway, or where the journal is one that must always be waited for.
    async fn of(connection: &mut SqliteConnection) -> Result<Option<Self>, sqlx::Error> {
        let journal: String = sqlx::query_scalar(sql::JOURNAL_MODE).fetch_one(&mut *connection).await?;
        let waits: i64 = sqlx::query_scalar(sql::SYNCHRONOUS).fetch_one(connection).await?;
        Ok(match waits {
            2 if journal == "wal" => Some(Self::Full),
            3 if journal == "wal" => Some(Self::Extra),
            _ => None,
        })
    }
}
