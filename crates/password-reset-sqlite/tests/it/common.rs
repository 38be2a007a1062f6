//! A database file in a directory of its own, and resets to put into it.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Binding, Event, NewReset, Reset, Step};
use password_reset::ports::{Digest, Opened, PasswordChange, ResetStore, SystemRandom, UserTable};
use password_reset::{Account, Channel, Identifier, Locale, PasswordHash, ProofKind, ResetId};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
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
    let id = ResetId::generate(noon(), &SystemRandom).unwrap();
    let mut nonce = [0; 32];
    nonce[..16].copy_from_slice(id.as_bytes());
    let identifier = Identifier::email("ana@toko.example").unwrap();
    let locale = Locale::INDONESIAN;
    let until = noon() + Duration::from_secs(1800);
    Reset::open(NewReset::new(
        id,
        Channel::EmailLink,
        identifier,
        locale,
        "key 1",
        nonce,
        digest(1),
        digest(2),
        noon(),
        until,
    ))
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
    let binding = Binding::new(account.into(), digest(3), noon(), after(1800), after(600)).by(Some(digest(4)));
    let event = Event::Issue { binding, subject: digest(4) };
    Step::new(reset, &event, after(1), vec![note(AuditEvent::Issued).of(reset)]).unwrap()
}

pub fn prove(reset: &Reset) -> Step {
    let event = Event::Prove { proof: ProofKind::Link, until: after(900) };
    Step::new(reset, &event, after(2), vec![]).unwrap()
}

pub fn apply(reset: &Reset, was: &Account, new: &str) -> Step {
    let event = Event::Apply { hash: digest(9), check_at: after(60), device: None };
    let change = PasswordChange::new(was.clone(), PasswordHash::new(new), after(3));
    Step::apply(
        reset,
        &event,
        &Event::Finish { lockable_until: None },
        change,
        after(3),
        vec![note(AuditEvent::PasswordSet).of(reset)],
    )
    .unwrap()
}

/// A reset of account 1 to which a proof was brought.
pub async fn verified(store: &SqliteStore) -> Reset {
    let reset = store_request(store).await;
    let step = issue(&reset, "1");
    store.transition(&step).await.unwrap();
    let step = prove(step.after());
    store.transition(&step).await.unwrap();
    store.load(reset.id()).await.unwrap().unwrap().reset
}
