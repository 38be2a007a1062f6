//! What is checked of this crate's own tables, and of the server, when a program starts.

mod sql;

use chrono::{DateTime, Utc};
use password_reset::PortError;
use password_reset::ports::{Clock as _, SystemClock};
use sqlx::{AssertSqlSafe, PgPool};

use crate::error::{SchemaError, failed};
use crate::names::Names;
use crate::row::Statement;

const CANNOT_CHECK: &str = "cannot check the tables of resets";

/// By how many milliseconds the clocks may differ.
const MAX_APART: i64 = 2_000;

/// Codes of Postgres: a right is missing, and the session or the server only reads.
const NO_RIGHT: &str = "42501";
const READ_ONLY: &str = "25006";

/// Checks the columns with their types and the indexes against the file that creates them.
pub(crate) async fn tables(pool: &PgPool, names: &Names, file: &'static str) -> Result<(), PortError> {
    let failed = failed(CANNOT_CHECK);
    for (table, columns) in columns(file) {
        let name = names.text(table).as_str().to_owned();
        let (wanted, types): (Vec<&str>, Vec<&str>) = columns.into_iter().unzip();
        let differing = sqlx::query_scalar::<_, String>(sql::OTHER_COLUMN);
        let differing = differing.bind(name).bind(wanted).bind(types).fetch_optional(pool).await.map_err(&failed)?;
        if let Some(column) = differing {
            tracing::error!(table, column, "a column of the reset tables is missing or of another type");
            return Err(SchemaError::NotMigrated.port());
        }
    }
    let tables = sql::TABLES.map(|(table, _)| names.text(table).as_str().to_owned());
    let found = sqlx::query_scalar::<_, String>(sql::OWN_INDEXES).bind(&tables[..]).fetch_all(pool);
    let found = found.await.map_err(&failed)?;
    for (index, statement) in indexes(file) {
        if !found.iter().any(|name| name == index) {
            // An index is in the schema of its table, and its name does not say so.
            let statement =
                statement.split_once(" on ").map(|(create, on)| format!("{create} on {}", names.text(on).as_str()));
            return Err(SchemaError::NoIndex { statement: statement.unwrap_or_default() }.port());
        }
    }
    Ok(())
}

/// The tables that a file creates, with the names and types of their columns.
fn columns(file: &'static str) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let tables = file.split("\ncreate table ").skip(1).filter_map(|text| text.split_once(" (\n"));
    let column = |line: &'static str| {
        // What is indented further belongs to a constraint.
        let (name, rest) = line.strip_prefix("    ")?.split_once(' ').filter(|(name, _)| !name.is_empty())?;
        let is_column = name != "constraint" && name != "--";
        is_column.then(|| (name, rest.split([' ', ',']).next().unwrap_or(rest)))
    };
    tables
        .map(|(table, rest)| {
            let body = rest.split_once("\n)").map_or(rest, |(body, _)| body);
            (table, body.lines().filter_map(column).collect())
        })
        .collect()
}

/// The indexes that a file creates, each with its statement.
fn indexes(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.lines().filter_map(|line| {
        let statement = line.trim_end_matches(';');
        let rest =
            statement.strip_prefix("create index ").or_else(|| statement.strip_prefix("create unique index "))?;
        Some((rest.split(' ').next()?, statement))
    })
}

/// Writes each table, without a row, in a transaction that is rolled back.
pub(crate) async fn rights(pool: &PgPool, names: &Names) -> Result<(), PortError> {
    for (table, column) in sql::TABLES {
        let write = sqlx::query(names.text(AssertSqlSafe(sql::try_write(table, column))));
        try_write(pool, names.text(table).as_str(), "select, insert, update, delete", write).await?;
    }
    Ok(())
}

/// Carries a write out and takes it back.
///
/// # Errors
/// [`SchemaError::NoRight`] where the role may not, [`SchemaError::ReadOnly`] where the server or the session only reads,
/// [`SchemaError::RowsHidden`] where the role may, but does not see all rows.
pub(crate) async fn try_write(pool: &PgPool, table: &str, grant: &str, write: Statement<'_>) -> Result<(), PortError> {
    let failed = failed("cannot check whether the database can be written");
    let mut transaction = pool.begin().await.map_err(&failed)?;
    let written = write.execute(&mut *transaction).await;
    transaction.rollback().await.map_err(&failed)?;
    let Err(error) = written else { return sees_all_rows(pool, table).await };
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    match code.as_deref() {
        Some(NO_RIGHT) => {
            let role: String = sqlx::query_scalar(sql::ROLE).fetch_one(pool).await.map_err(failed)?;
            let (table, grant) = (table.to_owned(), grant.to_owned());
            Err(SchemaError::NoRight { table, grant, role }.port())
        }
        Some(READ_ONLY) => Err(SchemaError::ReadOnly.port()),
        _ => Err(failed(error)),
    }
}

/// A row that is hidden by row-level security is no error anywhere: the account is not found, the update changes nothing.
async fn sees_all_rows(pool: &PgPool, table: &str) -> Result<(), PortError> {
    let failed = failed("cannot ask for the row-level security of a table");
    let hides: bool = sqlx::query_scalar(sql::HIDES_ROWS).bind(table).fetch_one(pool).await.map_err(&failed)?;
    if !hides {
        return Ok(());
    }
    let role: String = sqlx::query_scalar(sql::ROLE).fetch_one(pool).await.map_err(failed)?;
    Err(SchemaError::RowsHidden { table: table.to_owned(), role }.port())
}

/// What is odd about the server but does not stop a program, each as a sentence that says what to do.
pub(crate) async fn warnings(pool: &PgPool) -> Result<Vec<String>, PortError> {
    let failed = failed(CANNOT_CHECK);
    let mut warnings = Vec::new();
    let before = SystemClock.now();
    let (there, waits): (DateTime<Utc>, bool) = sqlx::query_as(sql::SERVER).fetch_one(pool).await.map_err(failed)?;
    let here = before.timestamp_millis().midpoint(SystemClock.now().timestamp_millis());
    if !waits {
        warnings.push(
            "commits do not wait for the disk, and a loss of power can take a password back that was said to be changed: set \
             `fsync` and `synchronous_commit` to `on`"
                .to_owned(),
        );
    }
    let apart = there.timestamp_millis().saturating_sub(here);
    if apart.saturating_abs() > MAX_APART {
        let seconds = apart.unsigned_abs() / 1000;
        warnings.push(format!(
            "the clocks of the database and of this machine differ by {seconds} seconds: keep both right with NTP, or use \
             `PostgresClock`"
        ));
    }
    Ok(warnings)
}
