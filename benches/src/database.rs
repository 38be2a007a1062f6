//! Databases with a table of users, for the benches of stores.

use std::sync::Arc;

use anyhow::Result;
use password_reset::ports::{Accounts, ResetStore, UserTable};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server as server;
use password_reset_sqlite::SqliteStore;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use tempfile::TempDir;

/// Connections of a pool: more than the machine can use at once, fewer than callers.
pub const CONNECTIONS: u32 = 24;

/// The file in its folder.
const FILE: &str = "bench.db";

/// A database with full durability, deleted on drop.
pub enum Database {
    /// With SQL that each connection of the store begins with.
    Sqlite {
        pool: SqlitePool,
        folder: TempDir,
        setup: &'static str,
    },
    Postgres {
        pool: PgPool,
        _database: Box<server::Database>,
    },
}

impl Database {
    /// Opens one of [`engines`](crate::engines): a file with `synchronous = full`, or a database of a cluster with `fsync` on. Where it
    /// does not wait, no commit waits for the disk, to see what the waiting costs.
    pub async fn open(engine: &str, connections: u32, waits: bool) -> Result<Self> {
        if engine == "postgres" {
            let database = server::Server::shared()?.database().await?;
            let options = database.options().options([("synchronous_commit", if waits { "on" } else { "off" })]);
            let pool = PgPoolOptions::new().max_connections(connections).connect_with(options).await?;
            return Ok(Self::Postgres { pool, _database: Box::new(database) });
        }
        let folder = tempfile::tempdir()?;
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        Ok(Self::Sqlite { pool, folder, setup: if waits { "" } else { "pragma synchronous = off" } })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "Postgres",
        }
    }

    pub async fn run(&self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite { pool, .. } => sqlx::raw_sql(text).execute(pool).await.map(|_| ())?,
            Self::Postgres { pool, .. } => sqlx::raw_sql(text).execute(pool).await.map(|_| ())?,
        }
        Ok(())
    }

    /// The same on a connection that is closed afterwards: an SQLite connection that had a large cache stays slow, because it
    /// walks through its whole cache whenever another one has written.
    pub async fn run_apart(&self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite { pool, .. } => {
                let mut connection = pool.acquire().await?;
                sqlx::raw_sql(text).execute(&mut *connection).await?;
                connection.close().await?;
            }
            Self::Postgres { pool, .. } => {
                let mut connection = pool.acquire().await?;
                sqlx::raw_sql(text).execute(&mut *connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    pub async fn number(&self, text: &str) -> Result<i64> {
        let text = AssertSqlSafe(text.to_owned());
        Ok(match self {
            Self::Sqlite { pool, .. } => sqlx::query_scalar(text).fetch_one(pool).await?,
            Self::Postgres { pool, .. } => sqlx::query_scalar(text).fetch_one(pool).await?,
        })
    }

    /// The number of resets, and the bytes of the store's tables and indexes.
    pub async fn size(&self) -> Result<[i64; 2]> {
        let bytes = match self {
            Self::Sqlite { .. } => "select sum(pgsize) from dbstat where name like '%password_reset_%'",
            Self::Postgres { .. } => {
                "select sum(pg_total_relation_size(oid))::bigint from pg_class \
                 where relname like 'password\\_reset\\_%' and relkind = 'r'"
            }
        };
        Ok([self.number("select count(*) from password_reset_resets").await?, self.number(bytes).await?])
    }

    /// Counts of full scans of the tables of resets and audit rows, and of uses of each index, from which the plans follow.
    /// Empty on SQLite. Complete only with a pool of one connection.
    pub async fn scans(&self) -> Result<Vec<(String, i64)>> {
        let Self::Postgres { pool, .. } = self else { return Ok(Vec::new()) };
        let mut connection = pool.acquire().await?;
        sqlx::query("select pg_stat_force_next_flush()").execute(&mut *connection).await?;
        let scans = "select relname::text, seq_scan from pg_stat_user_tables \
                         where relname in ('password_reset_resets', 'password_reset_audit') \
                     union all select indexrelname::text, idx_scan from pg_stat_user_indexes \
                         where relname in ('password_reset_resets', 'password_reset_audit') order by 1";
        Ok(sqlx::query_as(scans).fetch_all(&mut *connection).await?)
    }

    /// Statements that Postgres plans for each call, which costs as much as the call. Empty on SQLite. Complete only with a pool of
    /// one connection.
    pub async fn planned_anew(&self) -> Result<Vec<String>> {
        let Self::Postgres { pool, .. } = self else { return Ok(Vec::new()) };
        let statements = "select statement from pg_prepared_statements \
                          where statement like '%password\\_reset\\_%' and custom_plans > 5 order by 1";
        Ok(sqlx::query_scalar(statements).fetch_all(pool).await?)
    }

    /// Creates the tables; the store writes accounts in its own transactions.
    pub async fn ports(&self) -> Result<(Arc<dyn Accounts>, Arc<dyn ResetStore>)> {
        let table = "create table users (id bigint primary key, email text not null, password_hash text,
                                         disabled integer not null default 0);
                     create index users_email_lower on users (lower(email))";
        self.run(table).await?;
        let users = UserTable::new("users").with_disabled_column("disabled");
        match self {
            Self::Sqlite { folder, setup, .. } => {
                let store = SqliteStore::open_with(folder.path().join(FILE), setup)?;
                let accounts = store.accounts(users);
                let store = store.writing(accounts.clone());
                store.migrate().await?;
                Ok((Arc::new(accounts), Arc::new(store)))
            }
            Self::Postgres { pool, .. } => {
                let accounts = PostgresAccounts::new(pool, users);
                let store = PostgresStore::new(pool).writing(accounts.clone());
                store.migrate().await?;
                Ok((Arc::new(accounts), Arc::new(store)))
            }
        }
    }

    /// Fills the table of users.
    pub async fn add_users(&self, users: u32) -> Result<()> {
        let numbers = match self {
            Self::Sqlite { .. } => {
                format!(
                    "(with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {users}) select n from numbers)"
                )
            }
            Self::Postgres { .. } => format!("generate_series(1, {users}) as n"),
        };
        let row = "n, 'user' || n || '@toko.example', 'old'";
        self.run(&format!("insert into users (id, email, password_hash) select {row} from {numbers}")).await
    }
}
