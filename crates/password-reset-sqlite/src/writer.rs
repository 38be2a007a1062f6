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
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::error::failed;

/// The queues of this process, by database file; pools that name a file alike share one.
static QUEUES: StdMutex<Option<HashMap<PathBuf, Weak<Mutex<()>>>>> = StdMutex::new(None);

/// Takes turns at writing.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pool: SqlitePool,
    queue: Arc<Mutex<()>>,
}

/// The turn to write. Waiters go on when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    // Before the guard: what was begun on the connection is on its way to be rolled back when the next one starts.
    connection: PoolConnection<Sqlite>,
    _guard: OwnedMutexGuard<()>,
}

impl Writer {
    pub(crate) fn new(pool: &SqlitePool) -> Self {
        let file = pool.connect_options().get_filename().to_path_buf();
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        let queues = queues.get_or_insert_default();
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = queues.get(&file).and_then(Weak::upgrade).unwrap_or_default();
        queues.insert(file, Arc::downgrade(&queue));
        Self { pool: pool.clone(), queue }
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
                return Ok(Turn { connection, _guard: guard });
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
        self.connection.begin_with("begin immediate").await.map_err(failed("cannot begin to write"))
    }
}
