//! The schema, in numbered files.
//!
//! Not sqlx's own migrator: its table would collide with the application's, and its lock lasts for a session, which a
//! transaction pooler does not give. Here one transaction takes a lock that ends with it.

use password_reset::PortError;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};

use crate::error::{SchemaError, failed};
use crate::names::Names;
use crate::{sql, start};

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

/// Applied files are never changed; a new one is added.
const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "resets", text: include_str!("../migrations/0001_resets.sql") }];

const CANNOT_MIGRATE: &str = "cannot create the tables of resets";
const CANNOT_CHECK: &str = "cannot check the tables of resets";

impl Migration {
    /// Of the text without carriage returns, which some checkouts add.
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.text.replace('\r', "").as_bytes()).to_vec()
    }
}

/// Who migrates the tables.
enum Kept {
    /// This crate, which has yet to apply these.
    Here(Vec<&'static Migration>),
    /// The application, which has the files among its own.
    ByTheApplication,
}

/// Applies the pending migrations.
pub(crate) async fn run(pool: &PgPool, names: &Names) -> Result<(), PortError> {
    let failed = failed(CANNOT_MIGRATE);
    // Where all is done, nothing is locked or written, and the role needs no right to.
    let mut connection = pool.acquire().await.map_err(&failed)?;
    if !matches!(kept(&mut connection, names).await?, Kept::Here(pending) if !pending.is_empty()) {
        return Ok(());
    }
    drop(connection);
    let mut transaction = pool.begin().await.map_err(&failed)?;
    sqlx::query(sql::LOCK_MIGRATIONS).execute(&mut *transaction).await.map_err(&failed)?;
    if let Some(schema) = names.schema() {
        let there = sqlx::query_scalar(sql::HAS_SCHEMA).bind(schema).fetch_one(&mut *transaction).await;
        let quoted = sql::quoted(schema);
        if !there.map_err(&failed)? {
            let create = AssertSqlSafe(format!("create schema {quoted}"));
            sqlx::raw_sql(create).execute(&mut *transaction).await.map_err(&failed)?;
        }
        // The files create their tables in the first schema of the path.
        let path = AssertSqlSafe(format!("set local search_path to {quoted}"));
        sqlx::raw_sql(path).execute(&mut *transaction).await.map_err(&failed)?;
    }
    // Another node may have created them while this one waited for the lock.
    if let Kept::Here(pending) = kept(&mut transaction, names).await? {
        sqlx::query(names.text(sql::CREATE_MIGRATIONS)).execute(&mut *transaction).await.map_err(&failed)?;
        for migration in pending {
            sqlx::raw_sql(migration.text).execute(&mut *transaction).await.map_err(&failed)?;
            sqlx::query(names.text(sql::RECORD_MIGRATION))
                .bind(migration.version)
                .bind(migration.name)
                .bind(migration.checksum())
                .execute(&mut *transaction)
                .await
                .map_err(&failed)?;
        }
    }
    transaction.commit().await.map_err(failed)
}

/// Whether all migrations are applied, no others, and nothing of them was changed since.
pub(crate) async fn check(pool: &PgPool, names: &Names) -> Result<(), PortError> {
    version(pool, names).await?;
    for migration in MIGRATIONS {
        start::tables(pool, names, migration.text).await?;
    }
    Ok(())
}

/// Checks that the migrations are those of this version, which costs little.
pub(crate) async fn version(pool: &PgPool, names: &Names) -> Result<(), PortError> {
    let mut connection = pool.acquire().await.map_err(failed(CANNOT_CHECK))?;
    match kept(&mut connection, names).await? {
        Kept::Here(pending) if !pending.is_empty() => Err(SchemaError::NotMigrated.port()),
        Kept::Here(_) | Kept::ByTheApplication => Ok(()),
    }
}

async fn kept(connection: &mut PgConnection, names: &Names) -> Result<Kept, PortError> {
    let failed = failed(CANNOT_CHECK);
    let mut has = async |table: &'static str| -> Result<bool, PortError> {
        let name = names.text(table).as_str().to_owned();
        sqlx::query_scalar(sql::HAS_TABLE).bind(name).fetch_one(&mut *connection).await.map_err(&failed)
    };
    let (recorded, there) = (has("password_reset_migrations").await?, has("password_reset_resets").await?);
    if !recorded && there {
        return Ok(Kept::ByTheApplication);
    }
    let mut applied = 0;
    if recorded {
        let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
        let rows = sqlx::query(names.text(sql::MIGRATIONS)).fetch_all(&mut *connection).await;
        for row in rows.map_err(&failed)? {
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
    Ok(Kept::Here(MIGRATIONS.iter().filter(|migration| migration.version > applied).collect()))
}
