//! The database: one file, or a Postgres. The application's own statements are the same for both.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use password_reset::CallingCode;
use password_reset::ports::{Accounts, ResetStore, UserTable};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_sqlite::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AnyPool, Connection, PgPool, SqliteConnection};

/// The country of phone numbers that are typed without one.
pub const HOME_COUNTRY: CallingCode = CallingCode::INDONESIA;

/// The database of users, sessions and resets.
#[derive(Clone, Debug)]
pub struct Database {
    /// For the application's own statements.
    pub pool: AnyPool,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Sqlite(PathBuf),
    Postgres(PgPool),
}

impl Database {
    /// Connects to `sqlite:` and a file, which is created where it is missing, or to `postgres://…`.
    ///
    /// # Errors
    /// When the URL is neither, or the database is unreachable.
    pub async fn open(name: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let kind = if let Some(file) = name.strip_prefix("sqlite:") {
            make(file).await?;
            Kind::Sqlite(file.into())
        } else if name.starts_with("postgres:") || name.starts_with("postgresql:") {
            // The URL may hold a password, so the error leaves it out.
            Kind::Postgres(PgPool::connect(name).await.context("the Postgres database cannot be reached")?)
        } else {
            bail!(
                "unknown database URL: use --database sqlite:demo-data/demo.db or --database postgres://user@host/name"
            );
        };
        let pool = AnyPool::connect(name).await.context("the database cannot be opened")?;
        Ok(Self { pool, kind })
    }

    /// The ports of the reset crates: the users, and the store, whose tables are created.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn adapters(&self) -> Result<(Arc<dyn Accounts>, Arc<dyn ResetStore>)> {
        let users = UserTable::new("users")
            .with_username_column("username")
            .with_phone_column("phone")
            .with_home_country(HOME_COUNTRY)
            .with_locale_column("language")
            .with_sessions_table("sessions", "user_id")
            .with_sessions_begun_column("begun_at");
        match &self.kind {
            Kind::Sqlite(file) => {
                let store = SqliteStore::open(file)?;
                let accounts = store.accounts(users);
                let store = store.writing(accounts.clone());
                store.migrate().await?;
                Ok((Arc::new(accounts), Arc::new(store)))
            }
            Kind::Postgres(db) => {
                let accounts = PostgresAccounts::new(db, users);
                let store = PostgresStore::new(db).writing(accounts.clone());
                store.migrate().await?;
                Ok((Arc::new(accounts), Arc::new(store)))
            }
        }
    }
}

/// Makes the file if there is none, with a write-ahead log, as the application's own statements want it.
async fn make(file: &str) -> Result<()> {
    if let Some(folder) = Path::new(file).parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    }
    let options =
        SqliteConnectOptions::new().filename(file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let connection = SqliteConnection::connect_with(&options).await;
    Ok(connection.with_context(|| format!("{file} cannot be opened"))?.close().await?)
}
