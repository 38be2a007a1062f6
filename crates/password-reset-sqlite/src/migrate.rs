//! The schema, in numbered files.
//!
//! Each is applied in a transaction that writes from its beginning, so that of several processes which start at once one
//! applies it and the others find it applied.

use std::time::Duration;

use password_reset::PortError;
use password_reset::ports::{Clock as _, SystemClock};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use crate::error::{Outcome, SchemaError};
use crate::rights::try_write;
use crate::sql;
use crate::statement::Statement;

const WAL: &str = "wal";

/// By how many seconds a row may be newer than this machine's time.
const MAX_AHEAD: i64 = 5;

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

/// Applied files are never changed; a new one is added.
const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "resets", text: include_str!("../migrations/0001_resets.sql") }];

pub(crate) const CANNOT_MIGRATE: &str = "cannot create the tables of resets";
pub(crate) const CANNOT_CHECK: &str = "cannot check the tables of resets";

/// Changing the journal mode needs the database to itself and does not wait for it, so it is tried for as long as
/// `busy_timeout` waits elsewhere.
const WAL_TRIES: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(50);

impl Migration {
    /// Of the text without carriage returns, which some checkouts add.
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.text.replace('\r', "").as_bytes()).to_vec()
    }
}

/// Sets the write-ahead log, which is a property of the file and stays, and applies what was not applied yet.
pub(crate) fn run(connection: &Connection) -> Outcome<()> {
    use_wal(connection)?;
    // Where all is done, nothing is written.
    if pending(connection)?.is_empty() {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql::CREATE_MIGRATIONS)?;
    for migration in pending(&transaction)? {
        transaction.execute_batch(migration.text)?;
        let values = params![migration.version, migration.name, migration.checksum()];
        Statement::with(&transaction, sql::RECORD_MIGRATION, values)?.run()?;
    }
    Ok(transaction.commit()?)
}

fn use_wal(connection: &Connection) -> Outcome<()> {
    if journal_mode(connection, sql::JOURNAL_MODE)? == WAL {
        return Ok(());
    }
    for _ in 0..WAL_TRIES {
        match journal_mode(connection, sql::SET_WAL).map_err(|failure| failure.port(CANNOT_MIGRATE)) {
            Err(error) if error.is_transient() => std::thread::sleep(WAL_PAUSE),
            Err(error) => return Err(error.into()),
            Ok(mode) if mode == WAL => return Ok(()),
            Ok(mode) => return Err(SchemaError::NoWal { mode }.port().into()),
        }
    }
    let busy = "cannot switch to WAL: the database is in use by another process";
    Err(PortError::transient(busy).into())
}

fn journal_mode(connection: &Connection, text: &str) -> Outcome<String> {
    // A connection reports the mode that it saw last, until it reads from the file.
    Statement::new(connection, sql::HAS_MIGRATIONS)?.first(|_| Ok(()))?;
    Ok(connection.query_row(text, [], |row| row.get(0))?)
}

/// Checks that all was applied, nothing else, and that nothing of it was changed since.
pub(crate) fn check(connection: &Connection) -> Outcome<()> {
    let mode = journal_mode(connection, sql::JOURNAL_MODE)?;
    if mode != WAL {
        return Err(SchemaError::NoWal { mode }.port().into());
    }
    version(connection)?;
    let fresh = Connection::open_in_memory()?;
    for migration in MIGRATIONS {
        fresh.execute_batch(migration.text)?;
    }
    let columns = |of: &Connection| Statement::new(of, sql::OWN_COLUMNS)?.all(|row| Ok(row.get::<_, String>(0)?));
    let found = columns(connection)?;
    if columns(&fresh)?.iter().any(|column| !found.contains(column)) {
        return Err(SchemaError::NotMigrated.port().into());
    }
    let indexes = |of: &Connection| Statement::new(of, sql::OWN_INDEXES)?.all(|row| Ok(row.get::<_, String>(0)?));
    let found = indexes(connection)?;
    match indexes(&fresh)?.into_iter().find(|index| !found.contains(index)) {
        Some(statement) => Err(SchemaError::NoIndex { statement }.port().into()),
        None => Ok(()),
    }
}

/// Checks that the migrations are those of this version, which costs little.
pub(crate) fn version(connection: &Connection) -> Outcome<()> {
    match pending(connection)?.is_empty() {
        true => Ok(()),
        false => Err(SchemaError::NotMigrated.port().into()),
    }
}

/// Checks that each table can be written.
pub(crate) fn rights(connection: &Connection) -> Outcome<()> {
    try_write(connection, "password_reset_quotas", |connection| connection.execute(sql::TRY_WRITE, []))
}

/// What is odd about the file but does not stop a program, each as a sentence that says what to do.
pub(crate) fn warnings(connection: &Connection) -> Outcome<Vec<String>> {
    let mut warnings = Vec::new();
    if connection.query_row(sql::SYNCHRONOUS, [], |row| row.get::<_, i64>(0))? == 0 {
        warnings.push(
            "commits do not wait for the disk, and a loss of power can damage the file: remove `pragma synchronous = off`"
                .to_owned(),
        );
    }
    let newest = Statement::new(connection, sql::NEWEST_TIME)?.first(|row| Ok(row.get::<_, i64>(0)?))?;
    let ahead = newest.unwrap_or(0).saturating_sub(SystemClock.now().timestamp_millis()).div_euclid(1000);
    if ahead > MAX_AHEAD {
        warnings.push(format!(
            "the newest row is {ahead} seconds ahead of this machine's clock: set the clock, and keep it right with NTP"
        ));
    }
    Ok(warnings)
}

fn pending(connection: &Connection) -> Outcome<Vec<&'static Migration>> {
    let mut applied = 0;
    if Statement::new(connection, sql::HAS_MIGRATIONS)?.first(|_| Ok(()))?.is_some() {
        let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
        let rows = Statement::new(connection, sql::MIGRATIONS)?
            .all(|row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        for (version, checksum) in rows {
            match MIGRATIONS.iter().find(|migration| migration.version == version) {
                None => return Err(SchemaError::Newer { found: version, known }.port().into()),
                Some(migration) if migration.checksum() != checksum => {
                    return Err(SchemaError::Altered { version }.port().into());
                }
                Some(_) => applied = version,
            }
        }
    }
    Ok(MIGRATIONS.iter().filter(|migration| migration.version > applied).collect())
}
