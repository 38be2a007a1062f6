//! The promises of the ports, kept on SQLite: the store alone and with the accounts in its transactions, and accounts
//! whose ids are numbers, texts and blobs.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, ResetStore};
use password_reset::{AccountId, AccountStatus, PasswordHash};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use password_reset_testkit::suites::{AccountSpec, AccountsFixture, StoreFixture};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Row, SqlitePool};
use tempfile::TempDir;

struct Database {
    pool: SqlitePool,
    accounts: SqliteAccounts,
    store: SqliteStore,
    other: SqliteStore,
    // After the pools: the directory goes when they have been dropped.
    _dir: TempDir,
}

/// A file of its own, with a user table whose ids are of the stated type.
async fn fresh(id: &str, writing: bool) -> Database {
    let dir = tempfile::tempdir().unwrap();
    // Another spelling of the path is another queue of writers, as in another process.
    let pool = pool(&dir, "app.db").await;
    let other = pool_of_another_node(&dir).await;
    let users = format!(
        "create table users (id {id}, email text, username text, phone text, password_hash text,
             active integer not null);
         create index users_email_lower on users (lower(email));
         create table sessions (user_id, begun integer)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(users)).execute(&pool).await.unwrap();
    let accounts = |pool| {
        SqliteAccounts::new(pool, "users")
            .with_username_column("username")
            .with_phone_column("phone")
            .with_active_column("active")
            .with_sessions_table("sessions", "user_id")
            .with_sessions_begun_column("begun")
    };
    let store = |pool| match writing {
        true => SqliteStore::new(pool).writing(accounts(pool)),
        false => SqliteStore::new(pool),
    };
    accounts(&pool).check().await.unwrap();
    store(&pool).migrate().await.unwrap();
    store(&other).migrate().await.unwrap();
    Database { accounts: accounts(&pool), store: store(&pool), other: store(&other), pool, _dir: dir }
}

async fn pool_of_another_node(dir: &TempDir) -> SqlitePool {
    pool(dir, "./app.db").await
}

async fn pool(dir: &TempDir, file: &str) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(dir.path().join(file)).create_if_missing(true);
    SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap()
}

impl StoreFixture for Database {
    fn store(&self) -> Arc<dyn ResetStore> {
        Arc::new(self.store.clone())
    }

    fn another_node(&self) -> Arc<dyn ResetStore> {
        Arc::new(self.other.clone())
    }
}

#[async_trait]
impl AccountsFixture for Database {
    fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::new(self.accounts.clone())
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        let row = sqlx::query(
            "insert into users (id, email, username, phone, password_hash, active)
             select case (select lower(type) from pragma_table_xinfo('users') where name = 'id')
                     when 'text' then 'user ' || (count(*) + 1) when 'blob' then randomblob(16) end,
                 ?1, ?2, ?3, ?4, ?5 from users
             returning case typeof(id) when 'blob' then lower(hex(id)) else cast(id as text) end",
        )
        .bind(spec.email)
        .bind(spec.username)
        .bind(spec.phone)
        .bind(spec.hash.as_ref().map(PasswordHash::as_str))
        .bind(spec.status == AccountStatus::Active)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        AccountId::new(row.get::<String, _>(0))
    }
}

mod store {
    password_reset_testkit::store_conformance!(async || super::fresh("integer primary key", false).await);
}

mod store_that_writes_accounts {
    password_reset_testkit::store_conformance!(async || super::fresh("integer primary key", true).await);
    password_reset_testkit::writing_store_conformance!(async || super::fresh("integer primary key", true).await);
}

mod store_that_writes_accounts_with_blob_ids {
    password_reset_testkit::writing_store_conformance!(async || super::fresh("blob primary key", true).await);
}

mod accounts_with_number_ids {
    password_reset_testkit::accounts_conformance!(async || super::fresh("integer primary key", false).await);
}

mod accounts_with_text_ids {
    password_reset_testkit::accounts_conformance!(async || super::fresh("text primary key", false).await);
}

mod accounts_with_blob_ids {
    password_reset_testkit::accounts_conformance!(async || super::fresh("blob primary key", false).await);
}
