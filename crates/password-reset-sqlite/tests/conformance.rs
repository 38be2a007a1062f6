//! The promises of the ports, kept on SQLite: the store alone and with the accounts in its transactions, and accounts
//! whose ids are numbers, texts and blobs.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, ResetStore, UserTable};
use password_reset::{AccountId, AccountStatus, CallingCode, PasswordHash, PortError};
use password_reset_sqlite::SqliteStore;
use password_reset_testkit::suites::{AccountSpec, AccountsFixture, StoreFixture, UserTableFixture};
use rusqlite::{Connection, params};
use tempfile::TempDir;

struct Database {
    file: PathBuf,
    store: SqliteStore,
    other: SqliteStore,
    // After the stores: the directory goes when they have been dropped.
    _dir: TempDir,
}

fn users() -> UserTable {
    UserTable::new("users")
        .with_username_column("username")
        .with_phone_column("phone")
        .with_email_confirmed_column("confirmed_at")
        .with_phone_confirmed_column("confirmed_at")
        .with_active_column("active")
        .with_disabled_column("deleted_at")
        .with_sessions_table("sessions", "user_id")
        .with_sessions_begun_column("begun")
}

/// A file of its own, with a user table whose ids are of the stated type.
async fn fresh(id: &str, writing: bool) -> Database {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.db");
    let tables = format!(
        "create table users (id {id}, email text, username text, phone text, password_hash text,
             confirmed_at integer, active integer not null, deleted_at text);
         create index users_email_lower on users (lower(email));
         create table sessions (user_id, begun integer)"
    );
    Connection::open(&file).unwrap().execute_batch(&tables).unwrap();
    // Each has a thread that writes, as in processes of their own.
    let open = || {
        let store = SqliteStore::open(&file).unwrap();
        let accounts = store.accounts(users());
        if writing { store.writing(accounts) } else { store }
    };
    let (store, other) = (open(), open());
    store.accounts(users()).check().await.unwrap();
    store.migrate().await.unwrap();
    other.migrate().await.unwrap();
    Database { store, other, file, _dir: dir }
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
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
        let mut users = users();
        users.home = home;
        Arc::new(self.store.accounts(users))
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        let connection = Connection::open(&self.file).unwrap();
        let id: String = connection
            .query_row(
                "insert into users (id, email, username, phone, password_hash, active, confirmed_at, deleted_at)
                 select case (select lower(type) from pragma_table_xinfo('users') where name = 'id')
                         when 'text' then 'user ' || (count(*) + 1) when 'blob' then randomblob(16) end,
                     ?1, ?2, ?3, ?4, ?5, ?6, ?7 from users
                 returning case typeof(id) when 'blob' then lower(hex(id)) else cast(id as text) end",
                params![
                    spec.email,
                    spec.username,
                    spec.phone,
                    spec.hash.as_ref().map(PasswordHash::as_str),
                    spec.status == AccountStatus::Active || spec.deleted,
                    spec.confirmed.then_some(1_700_000_000),
                    spec.deleted.then_some("2026-01-01"),
                ],
                |row| row.get(0),
            )
            .unwrap();
        AccountId::new(id)
    }
}

#[async_trait]
impl UserTableFixture for Database {
    async fn accounts_of(&self, users: UserTable) -> Result<Arc<dyn Accounts>, PortError> {
        let accounts = self.store.accounts(users);
        accounts.check().await?;
        Ok(Arc::new(accounts))
    }

    async fn run(&self, sql: &str) {
        Connection::open(&self.file).unwrap().execute_batch(sql).unwrap();
    }

    async fn number(&self, sql: &str) -> i64 {
        Connection::open(&self.file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

mod user_table {
    password_reset_testkit::user_table_conformance!(async || super::fresh("integer primary key", false).await);
}

mod store {
    password_reset_testkit::store_conformance!(async || super::fresh("integer primary key", false).await);
    password_reset_testkit::service_conformance!(async || super::fresh("integer primary key", false).await);
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
