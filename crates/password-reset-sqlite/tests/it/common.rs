//! A database file in a directory of its own, and resets to put into it.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Reset, Step};
use password_reset::ports::{Digest, Opened, ResetStore, UserTable};
use password_reset::{Account, PasswordHash};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use password_reset_testkit::sample;
use rusqlite::Connection;
use tempfile::TempDir;

pub struct World {
    // SQLite locks the file while its last connection closes, which must not happen during a test.
    migrated: Option<SqliteStore>,
    pub dir: TempDir,
}

impl World {
    /// A database with a user table and the store's tables.
    pub async fn new() -> Self {
        let mut world = Self::bare();
        world.run(
            "create table users (id integer primary key, email text not null, password_hash text);
             create index users_email_lower on users (lower(email));
             insert into users values (1, 'ana@toko.example', 'old hash'), (2, 'budi@toko.example', null);",
        );
        let store = world.store();
        store.migrate().await.unwrap();
        world.migrated = Some(store);
        world
    }

    /// A database with nothing in it.
    pub fn bare() -> Self {
        Self { migrated: None, dir: tempfile::tempdir().unwrap() }
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("app.db")
    }

    /// A connection of the application's own.
    pub fn connect(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }

    /// A transaction of the application's that has written, and keeps the others from writing until it ends.
    pub fn writing_elsewhere(&self) -> Connection {
        let connection = self.connect();
        connection.execute_batch("begin immediate; update users set email = email").unwrap();
        connection
    }

    pub fn accounts(&self) -> SqliteAccounts {
        self.accounts_in("users".into())
    }

    pub fn accounts_in(&self, users: UserTable) -> SqliteAccounts {
        SqliteAccounts::open(self.file(), users).unwrap()
    }

    pub fn store(&self) -> SqliteStore {
        self.store_with("")
    }

    pub fn store_with(&self, setup: &str) -> SqliteStore {
        SqliteStore::open_with(self.file(), setup).unwrap()
    }

    /// A store that writes the accounts.
    pub fn writing(&self) -> SqliteStore {
        let store = self.store();
        let accounts = store.accounts("users");
        store.writing(accounts)
    }

    pub fn run(&self, text: &str) {
        self.connect().execute_batch(text).unwrap();
    }

    pub fn number(&self, text: &str) -> i64 {
        self.connect().query_row(text, [], |row| row.get(0)).unwrap()
    }

    pub fn texts(&self, text: &str) -> Vec<String> {
        let connection = self.connect();
        let mut statement = connection.prepare(text).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

/// A fixed time, with a part that no store keeps.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap()
}

pub fn after(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

pub fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

pub fn request() -> Reset {
    sample::requested(noon())
}

pub fn note(event: AuditEvent) -> AuditRow {
    AuditRow::new(noon(), event)
}

pub async fn store_request(store: &SqliteStore) -> Reset {
    let reset = request();
    assert_eq!(store.open(&reset, None, None, &[]).await.unwrap(), Opened::Stored);
    reset
}

pub fn issue(reset: &Reset, account: &str) -> Step {
    sample::issue(reset, &account.into(), after(1))
}

pub fn apply(reset: &Reset, was: &Account, new: &str) -> Step {
    sample::apply_with(reset, was.clone(), PasswordHash::new(new), after(3))
}

/// A reset of account 1 to which a proof was brought.
pub async fn verified(store: &SqliteStore) -> Reset {
    let reset = sample::verified(&"1".into(), noon());
    assert_eq!(store.open(&reset, None, None, &[]).await.unwrap(), Opened::Stored);
    reset
}
