//! Errors of the database, as errors of the ports.

use password_reset::PortError;

pub(crate) const CANNOT_READ: &str = "cannot read resets";
pub(crate) const CANNOT_WRITE: &str = "cannot write resets";

/// Codes and classes of codes after which the same call may succeed (Postgres, "Error Codes"): connections that failed
/// (08), transactions that lost a race (40), room on the disk, memory and connections that are short (53), locks and databases
/// that take no connections for now (55), time limits (57014), and servers that stop or start, or close what was idle (57P). A
/// read-only database (25006) needs an operator.
const PASSING: [&str; 9] = ["08", "40", "53", "55", "57014", "57P01", "57P02", "57P03", "57P05"];

/// Turns an error of sqlx into one of the port; `what` says what could not be done.
pub(crate) fn failed(what: &'static str) -> impl Fn(sqlx::Error) -> PortError {
    move |error| {
        let made = if passes(&error) { PortError::transient(what) } else { PortError::permanent(what) };
        made.because(error)
    }
}

fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| PASSING.iter().any(|passing| code.starts_with(passing)))
        }
        sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) => true,
        _ => false,
    }
}

/// Whether the statement broke this constraint.
pub(crate) fn broke(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().and_then(|error| error.constraint()) == Some(constraint)
}

/// Whether the statement lost a race and may be tried again; nothing of it was done.
pub(crate) fn lost_a_race(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.starts_with("40")) || broke(error, "sender_id")
}

/// Why a database does not fit. Names tables and columns, which are the application's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// There is no such table.
    #[error(
        "table {table} not found in the search path: create it, or name another in `UserTable::new` or \
                 `PostgresAccounts::in_schema`"
    )]
    NoTable {
        /// The table, quoted.
        table: String,
    },
    /// The table lacks columns.
    #[error("table {table} has no column {}: add it, or name another with `UserTable::with_…_column`", .columns.join(", "))]
    NoColumns {
        /// The table, quoted.
        table: String,
        /// The missing columns.
        columns: Vec<String>,
    },
    /// A column is of a type that this crate cannot use.
    #[error("column {table}.{column} has type {found}: alter it to {wanted}")]
    Type {
        /// The table, quoted.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// The types that it may have.
        wanted: &'static str,
    },
    /// The role may not read and write a table as it must.
    #[error("the role {role} lacks a right on {table}: run `grant {grant} on {table} to {role}`")]
    NoRight {
        /// The table.
        table: String,
        /// The rights that the role needs.
        grant: String,
        /// The role.
        role: String,
    },
    /// Row-level security is enabled on a table, for this role.
    #[error(
        "row-level security of {table} can hide rows from the role {role}: run `alter role {role} bypassrls`, or \
                 `alter table {table} disable row level security`"
    )]
    RowsHidden {
        /// The table.
        table: String,
        /// The role.
        role: String,
    },
    /// Nothing can be written.
    #[error("the database is read-only: connect to the primary, and set `default_transaction_read_only` to `off`")]
    ReadOnly,
    /// A table of this crate lacks an index.
    #[error("the reset tables lack an index, or it is not valid: run `{statement}`")]
    NoIndex {
        /// What creates it.
        statement: String,
    },
    /// Two rows could have the same id.
    #[error(
        "column {table}.{column} is not unique: make it the primary key, or add a unique index on it \
                 alone"
    )]
    IdNotUnique {
        /// The table, quoted.
        table: String,
        /// The column.
        column: String,
    },
    /// The accounts to write are in another database than the resets.
    #[error("accounts and resets are in different databases: remove `.writing(…)`, or use one database")]
    OtherDatabase,
    /// The tables of this crate do not exist yet.
    #[error(
        "reset tables are missing or outdated: call `PostgresStore::migrate`, or apply the migration \
                 files"
    )]
    NotMigrated,
    /// A newer version of this crate created the tables.
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
}

impl SchemaError {
    /// As an error of the ports.
    pub(crate) fn port(self) -> PortError {
        PortError::permanent("database schema check failed").because(self)
    }
}
