//! What small examples of web frameworks share: an application with users of its own on SQLite, whose emails are kept in
//! memory, and a person who uses it over HTTP.

mod person;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::login::{SignInError, SignedIn};
use password_reset::ports::Accounts;
use password_reset::{HashPool, Identifier, Key, KeyRing, Password, PasswordReset, Site};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use password_reset_testkit::{RecordingNotifier, Sent};
use rusqlite::Connection;
use tempfile::TempDir;

pub use crate::person::Person;

/// The one user.
pub const EMAIL: &str = "ani@toko.example";
/// What the user forgot.
pub const OLD: &str = "an old forgotten password";
/// What the user sets.
pub const NEW: &str = "quiet umbrella festival 92";

/// The application without a web framework. Clones are cheap.
#[derive(Clone)]
pub struct Shop {
    pub reset: PasswordReset,
    /// The emails, in place of a mail server.
    pub mail: RecordingNotifier,
    users: SqliteAccounts,
    _folder: Arc<TempDir>,
}

impl Shop {
    /// Creates the database with the user, and starts the worker.
    pub async fn open(site: Site) -> Result<Self> {
        let folder = Arc::new(tempfile::tempdir()?);
        let file = folder.path().join("app.db");
        let db = Connection::open(&file)?;
        db.execute_batch("create table users (id integer primary key, email text not null, password_hash text)")?;
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
        let hash = pool.hash(&Password::new(OLD)).await?;
        db.execute("insert into users (email, password_hash) values (?1, ?2)", (EMAIL, hash.as_str()))?;

        let store = SqliteStore::open(&file)?;
        let users = store.accounts("users");
        let store = store.writing(users.clone());
        store.migrate().await?;
        // An application reads its keys from its environment: `KeyRing::from_env("PASSWORD_RESET_KEYS")`.
        let random = |id| Key::new(id, &rand::random::<[u8; 32]>());
        let keys = KeyRing::new(random("example")?, random("counters")?);
        let mail = RecordingNotifier::new();
        let builder = PasswordReset::builder(users.clone(), store, keys, site);
        let (reset, worker) = builder.notifier(mail.clone()).hash_pool(pool).build()?;
        tokio::spawn(worker.run());
        Ok(Self { reset, mail, users, _folder: folder })
    }

    /// What the sign-in route of the application does. A real one limits the guesses first.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        let found = match Identifier::email(email) {
            Ok(email) => self.users.find(&email).await?,
            Err(_unreadable) => Vec::new(),
        };
        let account = if let [account] = found.as_slice() { Some(account.id()) } else { None };
        self.reset.login().sign_in(account, Password::new(password)).await
    }

    /// Waits for email number `count`.
    pub async fn email(&self, count: usize) -> Result<Sent> {
        let arriving = self.mail.until_delivered(count);
        let arrived = tokio::time::timeout(Duration::from_secs(30), arriving).await.context("no email arrived")?;
        arrived.into_iter().nth(count.saturating_sub(1)).context("an email")
    }
}
