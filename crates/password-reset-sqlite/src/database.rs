//! A database file: one thread that writes, and connections that read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use password_reset::PortError;
use rusqlite::Connection;

use crate::error::{Outcome, failed};
use crate::writer::{Wait, Writer};

/// Enough for every statement of the store and of one user table.
const STATEMENTS: usize = 64;

/// After how many pages of the log SQLite takes them into the file. That waits for the disk twice, and four times SQLite's own
/// choice makes it rare; the log grows to some 16 MB.
const CHECKPOINT: &str = "pragma wal_autocheckpoint = 4000";

/// How many connections are kept for reading: more than a machine has threads that read at once.
const READERS: usize = 32;

/// One database file. Clones are handles on the same connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    /// SQL that every connection begins with.
    setup: String,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens the file, or makes it, and starts its writer.
    pub(crate) fn open(path: &Path, setup: &str) -> Result<Self, PortError> {
        let failed = failed("cannot open the database");
        let writer = Writer::start(connect(path, setup).map_err(failed)?)?;
        let shared = Shared { path: path.to_owned(), setup: setup.to_owned(), writer, readers: Mutex::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Whether both are of one file, however its path is spelt.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        let file = |of: &Self| of.shared.path.canonicalize().unwrap_or_else(|_| of.shared.path.clone());
        Arc::ptr_eq(&self.shared, &other.shared) || file(self) == file(other)
    }

    /// Reads, on the caller's thread: a read takes some ten microseconds, and handing it to another thread and back takes
    /// several times as long. In WAL mode it does not wait for those who write.
    pub(crate) fn read<T>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T>,
    ) -> Result<T, PortError> {
        let idle = self.shared.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.shared.path, &self.shared.setup).map_err(failed(what))?,
        };
        let result = work(&connection);
        let mut readers = self.shared.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        result.map_err(|failure| failure.port(what))
    }

    /// Writes, in a transaction that other calls may share: what `work` did is kept when it succeeds, and rolled back when
    /// it fails. Returns when that is committed.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        wait: Wait,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, PortError> {
        self.shared.writer.write(wait, what, work).await
    }

    /// Runs what makes its own transactions, or cannot be in one, on the connection that writes.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, PortError> {
        self.shared.writer.alone(what, work).await
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

fn connect(path: &Path, setup: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(CHECKPOINT)?;
    connection.execute_batch(setup)?;
    Ok(connection)
}
