//! The database of a scenario: for the nodes, for counting rows, and for stopping it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use password_reset::CallingCode;
use password_reset::ports::{Accounts, ResetStore, UserTable};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::{Database as Made, Server};
use password_reset_sqlite::SqliteStore;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::Engine;
use crate::owner;

/// As long as a verb waits. The pool tries refused connections again at intervals of up to a fifth of it, and would log each
/// that takes longer than two seconds.
const ACQUIRE: Duration = Duration::from_secs(3);

/// The two ports of a node.
pub struct Ports {
    pub accounts: Arc<dyn Accounts>,
    pub store: Arc<dyn ResetStore>,
}

impl Ports {
    pub async fn open(url: &str) -> Result<Self> {
        let users = UserTable::new("users").with_phone_column("phone").with_home_country(CallingCode::INDONESIA);
        if let Some(file) = url.strip_prefix("sqlite:") {
            let store = SqliteStore::open(file)?;
            let accounts = store.accounts(users);
            let store = store.writing(accounts.clone());
            store.migrate().await?;
            return Ok(Self { accounts: Arc::new(accounts), store: Arc::new(store) });
        }
        let options = PgPoolOptions::new().max_connections(10).acquire_timeout(ACQUIRE).acquire_slow_threshold(ACQUIRE);
        let db = options.connect(url).await?;
        let accounts = PostgresAccounts::new(&db, users);
        let store = PostgresStore::new(&db).writing(accounts.clone());
        store.migrate().await?;
        Ok(Self { accounts: Arc::new(accounts), store: Arc::new(store) })
    }
}

/// A new database with users.
pub struct Database {
    pub url: String,
    kind: Kind,
}

#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Kind {
    Sqlite(SqlitePool),
    Postgres { pool: PgPool, server: &'static Server, _made: Made },
}

/// Rows, and bytes with all indexes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    pub resets: i64,
    pub audit: i64,
    pub bytes: i64,
}

impl Database {
    pub async fn create(engine: Engine, folder: &Path, users: u32) -> Result<Self> {
        let database = match engine {
            Engine::Sqlite => {
                let file = folder.join("app.db");
                let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
                Self { url: format!("sqlite:{}", file.display()), kind: Kind::Sqlite(pool) }
            }
            Engine::Postgres => {
                let server = tokio::task::spawn_blocking(Server::private).await??;
                let made = server.database().await?;
                let url = made.url();
                let pool = PgPoolOptions::new().max_connections(1).connect(&url).await?;
                Self { url, kind: Kind::Postgres { pool, server, _made: made } }
            }
        };
        let numbers = match engine {
            Engine::Sqlite => format!(
                "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {users})"
            ),
            Engine::Postgres => format!("with numbers (n) as (select generate_series(1, {users}))"),
        };
        let (email, phone) = (owner::email("n"), owner::phone("n"));
        database
            .run(&format!(
                "create table users (id integer primary key, email text not null, phone text, password_hash text);
                 insert into users {numbers} select n, {email}, {phone}, 'an old one' from numbers;
                 create unique index users_email_lower on users (lower(email));
                 create index users_phone on users (phone);"
            ))
            .await?;
        Ok(database)
    }

    async fn run(&self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        match &self.kind {
            Kind::Sqlite(pool) => sqlx::raw_sql(text).execute(pool).await.map(|_| ())?,
            Kind::Postgres { pool, .. } => sqlx::raw_sql(text).execute(pool).await.map(|_| ())?,
        }
        Ok(())
    }

    pub async fn size(&self) -> Result<Size> {
        let bytes = match &self.kind {
            Kind::Sqlite(_) => "(select page_count * page_size from pragma_page_count, pragma_page_size)",
            Kind::Postgres { .. } => "pg_database_size(current_database())",
        };
        let text = AssertSqlSafe(format!(
            "select (select count(*) from password_reset_resets), (select count(*) from password_reset_audit), {bytes}"
        ));
        let (resets, audit, bytes) = match &self.kind {
            Kind::Sqlite(pool) => sqlx::query_as(text).fetch_one(pool).await?,
            Kind::Postgres { pool, .. } => sqlx::query_as(text).fetch_one(pool).await?,
        };
        Ok(Size { resets, audit, bytes })
    }

    /// Stops the server, or starts it again. Only on Postgres.
    pub async fn runs(&self, runs: bool) -> Result<()> {
        let Kind::Postgres { server, .. } = &self.kind else { return Ok(()) };
        let cluster = server.cluster().context("a private cluster")?;
        let control = move || if runs { cluster.start_again() } else { cluster.stop() };
        Ok(tokio::task::spawn_blocking(control).await??)
    }
}
