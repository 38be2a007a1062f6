//! The databases, for the application and for the checker.

use std::sync::Arc;

use anyhow::{Result, bail};
use password_reset::ports::{Accounts, ResetStore};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, PgPool, Row, SqlitePool};

/// The addresses of the databases. Without one of their own the accounts are with the resets.
#[derive(Clone, Debug)]
pub struct Urls {
    pub resets: String,
    pub users: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            // As in applications: WAL, and every commit durable.
            let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
            return Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(4).connect_with(options).await?));
        }
        Ok(Self::Postgres(PgPoolOptions::new().max_connections(8).connect(url).await?))
    }

    /// Runs statements.
    pub async fn run(&self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite(pool) => sqlx::raw_sql(text).execute(pool).await.map(|_| ())?,
            Self::Postgres(pool) => sqlx::raw_sql(text).execute(pool).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Reads rows whose columns are all text; null becomes empty.
    pub async fn texts(&self, text: &str) -> Result<Vec<Vec<String>>> {
        macro_rules! read {
            ($pool:expr) => {{
                let rows = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).fetch_all($pool).await?;
                let read =
                    |row, at| -> Result<String> { Ok(Row::try_get::<Option<String>, _>(row, at)?.unwrap_or_default()) };
                rows.iter().map(|row| (0..row.len()).map(|at| read(row, at)).collect()).collect()
            }};
        }
        match self {
            Self::Sqlite(pool) => read!(pool),
            Self::Postgres(pool) => read!(pool),
        }
    }

    /// Creates the table of users, and a trigger that records every change of a password.
    pub async fn make_users(&self, users: u32) -> Result<()> {
        let table = "create table users (id integer primary key, email text not null, password_hash text);
                     create index users_email_lower on users (lower(email));";
        self.run(table).await?;
        match self {
            Self::Sqlite(_) => {
                self.run(&format!(
                    "create table changes (number integer primary key, account integer, was text, became text);
                     create trigger record after update of password_hash on users begin
                         insert into changes (account, was, became) values (old.id, old.password_hash, new.password_hash);
                     end;
                     insert into users with recursive numbers (n) as
                         (select 1 union all select n + 1 from numbers where n < {users})
                         select n, 'user' || n || '@toko.example', 'old ' || n from numbers;"
                ))
                .await
            }
            Self::Postgres(_) => {
                self.run(&format!(
                    "create table changes (number bigint generated always as identity, account int, was text, became text);
                     create function record() returns trigger language plpgsql as $$ begin
                         insert into changes (account, was, became) values (old.id, old.password_hash, new.password_hash);
                         return null;
                     end $$;
                     create trigger record after update on users for each row execute function record();
                     insert into users select n, 'user' || n || '@toko.example', 'old ' || n
                         from generate_series(1, {users}) as n;"
                ))
                .await
            }
        }
    }
}

/// The two ports, on the databases.
pub struct Ports {
    pub accounts: Arc<dyn Accounts>,
    pub store: Arc<dyn ResetStore>,
}

impl Ports {
    pub async fn open(urls: &Urls) -> Result<Self> {
        let apart = urls.users.is_some();
        let users = urls.users.as_deref().unwrap_or(&urls.resets);
        if let (Some(resets), Some(users)) = (urls.resets.strip_prefix("sqlite:"), users.strip_prefix("sqlite:")) {
            let store = SqliteStore::open(resets)?;
            let accounts = if apart { SqliteAccounts::open(users, "users")? } else { store.accounts("users") };
            let store = if apart { store } else { store.writing(accounts.clone()) };
            store.migrate().await?;
            return Ok(Self { accounts: Arc::new(accounts), store: Arc::new(store) });
        }
        let resets = Database::open(&urls.resets).await?;
        let users = if apart { Database::open(users).await? } else { resets.clone() };
        Ok(match (resets, users) {
            (Database::Postgres(resets), Database::Postgres(users)) => {
                let accounts = PostgresAccounts::new(&users, "users");
                let store = PostgresStore::new(&resets);
                let store = if apart { store } else { store.writing(accounts.clone()) };
                store.migrate().await?;
                Self { accounts: Arc::new(accounts), store: Arc::new(store) }
            }
            _ => bail!("two engines in one application"),
        })
    }
}
