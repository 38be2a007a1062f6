//! The schema, in numbered files.
//!
//! Not sqlx's own migrator: on SQLite it takes no lock, so two processes that start at once would both apply a file. One
//! transaction that writes from its beginning does.

use std::time::Duration;

use password_reset::PortError;
use sha2::{Digest as _, Sha256};
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::error::{SchemaError, failed};
use crate::sql;
use crate::writer::Writer;

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

/// Applied files are never changed; a new one is added.
const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "resets", text: include_str!("../migrations/0001_resets.sql") }];

const CANNOT_MIGRATE: &str = "cannot make the tables of resets";
const CANNOT_CHECK: &str = "cannot look at the tables of resets";

/// Changing the journal mode wants the database to itself and does not wait for it (sqlx sets no mode by itself for the
/// same reason), so it is tried for as long as `busy_timeout` waits elsewhere.
const WAL_TRIES: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(50);

impl Migration {
    /// Of the text without carriage returns, which some checkouts add.
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.text.replace('\r', "").as_bytes()).to_vec()
    }
}

/// Sets the write-ahead log, which is a property of the file and stays.
pub(crate) async fn use_wal(writer: &Writer) -> Result<(), PortError> {
    let mut turn = writer.turn().await?;
    let connection = turn.connection();
    if has_wal(&journal_mode(connection, sql::JOURNAL_MODE).await?) {
        return Ok(());
    }
    for _ in 0..WAL_TRIES {
        match journal_mode(connection, sql::SET_WAL).await {
            Err(error) if error.is_transient() => tokio::time::sleep(WAL_PAUSE).await,
            Err(error) => return Err(error),
            Ok(mode) if has_wal(&mode) => return Ok(()),
            Ok(mode) => return Err(SchemaError::NoWal { mode }.port()),
        }
    }
    Err(PortError::transient("others keep the database busy, so that its journal mode cannot be changed"))
}

async fn journal_mode(connection: &mut SqliteConnection, text: &'static str) -> Result<String, PortError> {
    // A connection believes in the mode that it saw last, until it reads from the file.
    sqlx::query(sql::HAS_MIGRATIONS).fetch_all(&mut *connection).await.map_err(failed(CANNOT_CHECK))?;
    let row = sqlx::query(text).fetch_one(connection).await;
    row.and_then(|row| row.try_get(0)).map_err(failed("cannot set the journal mode of the database"))
}

/// A database in memory has no log, and nobody to share it with.
fn has_wal(mode: &str) -> bool {
    mode == "wal" || mode == "memory"
}

/// Applies what was not applied yet.
pub(crate) async fn run(writer: &Writer) -> Result<(), PortError> {
    let mut turn = writer.turn().await?;
    // A glance first: where all is done, nothing is written.
    if pending(turn.connection()).await?.is_empty() {
        return Ok(());
    }
    let mut transaction = turn.begin().await?;
    sqlx::query(sql::CREATE_MIGRATIONS).execute(&mut *transaction).await.map_err(failed(CANNOT_MIGRATE))?;
    for migration in pending(&mut transaction).await? {
        sqlx::raw_sql(migration.text).execute(&mut *transaction).await.map_err(failed(CANNOT_MIGRATE))?;
        sqlx::query(sql::RECORD_MIGRATION)
            .bind(migration.version)
            .bind(migration.name)
            .bind(migration.checksum())
            .execute(&mut *transaction)
            .await
            .map_err(failed(CANNOT_MIGRATE))?;
    }
    transaction.commit().await.map_err(failed(CANNOT_MIGRATE))
}

/// Whether all was applied, and nothing else.
pub(crate) async fn check(pool: &SqlitePool) -> Result<(), PortError> {
    let mut connection = pool.acquire().await.map_err(failed(CANNOT_CHECK))?;
    let mode = journal_mode(&mut connection, sql::JOURNAL_MODE).await?;
    if !has_wal(&mode) {
        return Err(SchemaError::NoWal { mode }.port());
    }
    if pending(&mut connection).await?.is_empty() { Ok(()) } else { Err(SchemaError::NotMigrated.port()) }
}

async fn pending(connection: &mut SqliteConnection) -> Result<Vec<&'static Migration>, PortError> {
    let failed = failed(CANNOT_CHECK);
    let table = sqlx::query(sql::HAS_MIGRATIONS).fetch_optional(&mut *connection).await.map_err(&failed)?;
    let mut applied = 0;
    if table.is_some() {
        let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
        for row in sqlx::query(sql::MIGRATIONS).fetch_all(&mut *connection).await.map_err(&failed)? {
            let version: i64 = row.try_get("version").map_err(&failed)?;
            let checksum: Vec<u8> = row.try_get("checksum").map_err(&failed)?;
            match MIGRATIONS.iter().find(|migration| migration.version == version) {
                None => return Err(SchemaError::Newer { found: version, known }.port()),
                Some(migration) if migration.checksum() != checksum => {
                    return Err(SchemaError::Altered { version }.port());
                }
                Some(_) => applied = version,
            }
        }
    }
    Ok(MIGRATIONS.iter().filter(|migration| migration.version > applied).collect())
}
