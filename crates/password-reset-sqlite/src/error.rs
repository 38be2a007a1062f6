//! What goes wrong, as the ports say it.

use password_reset::PortError;
use sqlx::error::DatabaseError;

/// SQLite's primary result codes after which the same call may succeed: busy (5), locked (6), out of memory (7),
/// interrupted (9), the lock protocol of the write-ahead log (15), schema changed (17). A full disk (13) and a file
/// that cannot be written (8) want somebody who mends them.
const PASSING: [i32; 6] = [5, 6, 7, 9, 15, 17];

/// Turns an error of sqlx into one of the port; `what` says what could not be done.
pub(crate) fn failed(what: &'static str) -> impl Fn(sqlx::Error) -> PortError {
    move |error| {
        let made = if passes(&error) { PortError::transient(what) } else { PortError::permanent(what) };
        made.because(error)
    }
}

/// A row that this library cannot have written (R27).
pub(crate) fn damaged(what: &'static str) -> PortError {
    PortError::permanent(what)
}

fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => primary_code(error.as_ref()).is_some_and(|code| PASSING.contains(&code)),
        sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) => true,
        _ => false,
    }
}

/// The low byte of an extended result code.
fn primary_code(error: &dyn DatabaseError) -> Option<i32> {
    error.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Why a database does not fit. Names tables and columns, which are the application's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// There is no such table.
    #[error("there is no table {table:?} in the database")]
    NoTable {
        /// The table.
        table: String,
    },
    /// The table lacks columns.
    #[error("the table {table:?} has no column {}", .columns.join(", "))]
    NoColumns {
        /// The table.
        table: String,
        /// What it lacks.
        columns: Vec<String>,
    },
    /// Two rows could have the same id.
    #[error("the column {column:?} of the table {table:?} is neither the primary key nor unique by itself")]
    IdNotUnique {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The accounts to write are in another database than the resets.
    #[error(
        "the accounts are in another database file than the resets, so one transaction cannot write both; \
         leave `writing` out"
    )]
    OtherDatabase,
    /// The tables of this crate were not made yet.
    #[error("the tables of resets are missing or old; call SqliteStore::migrate")]
    NotMigrated,
    /// A newer version of this crate made the tables.
    #[error("the tables of resets are of version {found}, newer than {known}, the newest that this program knows")]
    Newer {
        /// The version in the database.
        found: i64,
        /// The newest version of this program.
        known: i64,
    },
    /// A migration that was applied is not the one of this program.
    #[error("migration {version} of the tables of resets is not the one that was applied")]
    Altered {
        /// Its number.
        version: i64,
    },
    /// The write-ahead log cannot be used.
    #[error("the database stays in journal mode {mode:?}; it must be `wal`, on a local disk")]
    NoWal {
        /// The mode.
        mode: String,
    },
}

impl SchemaError {
    /// As an error of the port.
    pub(crate) fn port(self) -> PortError {
        PortError::permanent("the database does not fit").because(self)
    }
}
