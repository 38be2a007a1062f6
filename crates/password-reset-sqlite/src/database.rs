//! A database file: one thread that writes, and connections that read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use password_reset::PortError;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::error::{Outcome, failed};
use crate::writer::{Wait, Writer};

/// Enough for every statement of the store and of one user table.
const STATEMENTS: usize = 64;

/// After how many pages of the log SQLite takes them into the file. That waits for the disk twice, and four times SQLite's own
/// choice makes it rare; the log grows to some 16 MB.
const CHECKPOINT: &str = "pragma wal_autocheckpoint = 4000";

/// SQLite keeps what a call wrote over until its savepoint ends, from 64 KiB on in a temporary file. Setting one password reaches that:
/// rows of the users' table would lie outside the database's folder, and a process that may write nowhere else could set none.
const NO_TEMPORARY_FILES: &str = "pragma temp_store = memory";

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

    /// Writes on the connection that writes, in a transaction that other calls may share unless `wait` says that it is to be
    /// alone: what `work` did is kept when it succeeds, and rolled back when it fails. Returns when that is committed.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        wait: Wait,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, PortError> {
        self.shared.writer.write(wait, what, work).await
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
    // Otherwise SQLite looks at the values of a limit, and of more where the tables were analyzed, when it plans, and prepares the
    // statement anew for each call. That takes ten times as long as reading.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(CHECKPOINT)?;
    connection.execute_batch(NO_TEMPORARY_FILES)?;
    connection.execute_batch(setup)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::sql;

    #[test]
    fn statements_are_prepared_once_whatever_their_values_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.db");
        let rows = "with recursive n (n) as (select 1 union all select n + 1 from n where n < 1000) \
                    insert into password_reset_audit (realm, at, event, account, contact) \
                    select 'default', n, 'requested', 'account ' || n / 3, zeroblob(32) from n; analyze";
        let fill = [include_str!("../migrations/0001_resets.sql"), rows].join(";");
        Connection::open(&path).unwrap().execute_batch(&fill).unwrap();
        let database = Database::open(&path, "").unwrap();
        let prepared_again = |account: &str, limit: u32| {
            let read = |connection: &Connection| {
                let mut statement = connection.prepare_cached(sql::NEWEST)?;
                let _rows = statement.query((account, limit, "default"))?.next()?;
                Ok(statement.get_status(StatementStatus::RePrepare))
            };
            database.read("cannot read", read).unwrap()
        };
        let values = [("account 7", 50), ("account 8", 50), ("unknown", 50), ("unknown", 1)];
        assert_eq!(values.map(|(account, limit)| prepared_again(account, limit)), [0; 4]);
    }

    /// SQLite's temporary files have names that begin so.
    #[cfg(target_os = "linux")]
    fn temporary_files() -> usize {
        let open = std::fs::read_dir("/proc/self/fd").unwrap().map(Result::unwrap);
        let names = open.filter_map(|file| std::fs::read_link(file.path()).ok());
        names.filter(|name| name.to_string_lossy().contains("etilqs_")).count()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_large_write_needs_no_temporary_file() {
        let dir = tempfile::tempdir().unwrap();
        let setup = "pragma journal_mode = wal; create table if not exists t (n integer primary key, bytes blob)";
        let database = Database::open(&dir.path().join("app.db"), setup).unwrap();
        let fill = "with recursive n (n) as (select 1 union all select n + 1 from n where n < 100) \
                    insert into t select n, randomblob(3000) from n";
        let files_of = async |text: &'static str| {
            let work = move |connection: &Connection| {
                connection.execute_batch(text)?;
                Ok(temporary_files())
            };
            database.write(Wait::ForDisk, "cannot write", work).await.unwrap()
        };
        assert_eq!(files_of(fill).await, 0);
        assert_eq!(files_of("update t set bytes = randomblob(3000)").await, 0);
    }
}
