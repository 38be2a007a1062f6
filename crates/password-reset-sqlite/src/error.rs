//! Errors of SQLite, as the ports report them.

use password_reset::PortError;
use rusqlite::ErrorCode;

/// Why a statement, or a step made of several, did not succeed.
pub(crate) enum Failure {
    /// SQLite refused.
    Database(rusqlite::Error),
    /// What was read is not what this library writes.
    Port(PortError),
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl Failure {
    /// As an error of the port; `what` says what could not be done.
    pub(crate) fn port(self, what: &'static str) -> PortError {
        match self {
            Self::Database(error) => failed(what)(error),
            Self::Port(error) => error,
        }
    }
}

/// Turns an error of SQLite into one of the port; `what` says what could not be done.
pub(crate) fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> PortError {
    move |error| {
        let made = if passes(&error) { PortError::transient(what) } else { PortError::permanent(what) };
        made.because(without_sql(error))
    }
}

/// Whether the same call may succeed later by itself. A full disk often gets room again; a file that cannot be written needs an
/// operator.
fn passes(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::SchemaChanged
        )
    )
}

/// An error about a text holds the text, which must not reach a log.
pub(crate) fn without_sql(error: rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => rusqlite::Error::SqliteFailure(error, Some(msg)),
        error => error,
    }
}

/// Why a database does not fit. Names tables and columns, which are the application's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// There is no such table.
    #[error("table {table:?} not found: create it, or name another in `UserTable::new`")]
    NoTable {
        /// The table.
        table: String,
    },
    /// The table lacks columns.
    #[error("table {table:?} has no column {}: add it, or name another with `UserTable::with_…_column`", .columns.join(", "))]
    NoColumns {
        /// The table.
        table: String,
        /// What it lacks.
        columns: Vec<String>,
    },
    /// A column is of a type whose values this crate cannot use.
    #[error("column {column:?} of table {table:?} has type {found}: declare it as {wanted}")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// The types that it may have.
        wanted: &'static str,
    },
    /// A column of texts has a row with something else in it, whose account cannot be read.
    #[error(
        "column {column:?} of table {table:?} holds numbers or bytes: run `update {table:?} set {column:?} = \
         cast({column:?} as text) where typeof({column:?}) not in ('text', 'null')`"
    )]
    NotText {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A table cannot be written.
    #[error(
        "table {table:?} cannot be written ({reason}): open the file without `mode=ro`, give the program the right to write \
         the file and its folder, and name a table, not a view"
    )]
    CannotWrite {
        /// The table.
        table: String,
        /// What SQLite says.
        reason: String,
    },
    /// A table of this crate lacks an index.
    #[error("the reset tables lack an index, or have another of its name: run `{statement}`")]
    NoIndex {
        /// What creates it.
        statement: String,
    },
    /// Two rows could have the same id.
    #[error(
        "column {column:?} of table {table:?} is not unique: make it the primary key, or add a unique \
                 index on it alone"
    )]
    IdNotUnique {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The accounts to write are in another database than the resets.
    #[error("accounts and resets are in different database files: remove `.writing(…)`, or use one file")]
    OtherDatabase,
    /// The tables of this crate were not made yet.
    #[error("reset tables are missing or outdated: call `SqliteStore::migrate`")]
    NotMigrated,
    /// A newer version of this crate made the tables.
    #[error("reset tables have version {found}, this program knows up to {known}: update the program")]
    Newer {
        /// The version in the database.
        found: i64,
        /// The newest version of this program.
        known: i64,
    },
    /// A migration that was applied is not the one of this program.
    #[error("migration {version} differs from the one that was applied: restore the original")]
    Altered {
        /// Its number.
        version: i64,
    },
    /// The write-ahead log cannot be used.
    #[error("cannot enable WAL (journal mode is {mode:?}): put the database on a local disk")]
    NoWal {
        /// The mode.
        mode: String,
    },
}

impl SchemaError {
    /// As an error of the port.
    pub(crate) fn port(self) -> PortError {
        PortError::permanent("database schema check failed").because(self)
    }
}
