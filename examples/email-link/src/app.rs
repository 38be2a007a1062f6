//! The application: its own table of users, its own sign-in, and the reset beside them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::Verdict;
use password_reset::{HashPool, Key, KeyRing, Password, PasswordHash, PasswordReset, Site};
use password_reset_smtp::SmtpNotifier;
use password_reset_sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

pub struct App {
    pub reset: PasswordReset,
    pool: HashPool,
    folder: TempDir,
}

impl App {
    /// Creates the database with one user, and starts the worker.
    pub async fn start(address: &str, password: &str, notifier: SmtpNotifier) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("app.db");
        let db = Connection::open(&file)?;
        db.execute_batch("create table users (id integer primary key, email text not null, password_hash text)")?;
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
        let hash = pool.hash(&Password::new(password)).await?;
        db.execute("insert into users (email, password_hash) values (?1, ?2)", (address, hash.as_str()))?;

        let store = SqliteStore::open(&file)?;
        let accounts = store.accounts("users");
        let store = store.writing(accounts.clone());
        store.migrate().await?;
        // An application reads its keys from its environment: `KeyRing::from_env("PASSWORD_RESET_KEYS")`.
        let keys = KeyRing::new(random_key("example")?, random_key("counters")?);
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) =
            PasswordReset::builder(accounts, store, keys, site).notifier(notifier).hash_pool(pool.clone()).build()?;
        tokio::spawn(worker.run());
        Ok(Self { reset, pool, folder })
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    fn hash(&self, address: &str) -> Result<String> {
        let db = Connection::open(self.file())?;
        let hash = db.query_row("select password_hash from users where email = ?1", [address], |row| row.get(0));
        hash.context("the user is gone")
    }

    /// The application's own sign-in.
    pub async fn signs_in(&self, address: &str, password: &str) -> Result<bool> {
        let hash = self.hash(address)?;
        let typed = Password::new(password);
        Ok(self.pool.verify(&typed, &PasswordHash::new(hash)).await? != Verdict::Mismatch)
    }
}

fn random_key(id: &str) -> Result<Key> {
    Ok(Key::new(id, &rand::random::<[u8; 32]>())?)
}
