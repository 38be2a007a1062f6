//! A signed-in user changes the password in the settings; then an attacker changes it, and the owner locks the account.
//!
//! `cargo run -p change-password` needs no set-up: the database is a temporary file, and emails are recorded instead of sent.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use password_reset::async_trait;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::{AccountLock, AccountLocker, Verdict};
use password_reset::secret::LockToken;
use password_reset::{
    AccountId, HashPool, Key, KeyRing, Language, Locale, NewPassword, Password, PasswordHash, PasswordReset, PortError,
    Proof, SetPasswordError, Site, VerifyError,
};
use password_reset_sqlite::SqliteStore;
use password_reset_testkit::{RecordingNotifier, Sent};
use rusqlite::Connection;

const OLD: &str = "an old and private password";
const NEW: &str = "quiet umbrella festival 92";
const THEIRS: &str = "seven purple kettles sing";

/// Locks an account by storing a text that is the hash of no password, so that no password signs in.
#[derive(Debug)]
struct Locks(PathBuf);

#[async_trait]
impl AccountLocker for Locks {
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError> {
        let locked = Connection::open(&self.0).and_then(|db| {
            db.execute("update users set password_hash = 'locked' where id = ?1", [lock.account.as_str()])
        });
        locked.map(drop).map_err(|error| PortError::transient("the account cannot be locked").because(error))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("app.db");
    let db = Connection::open(&file)?;
    db.execute_batch("create table users (id integer primary key, email text not null, password_hash text)")?;
    let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
    let hash = pool.hash(&Password::new(OLD)).await?;
    db.execute("insert into users values (7, 'ani@toko.example', ?1)", [hash.as_str()])?;
    let store = SqliteStore::open(&file)?;
    let accounts = store.accounts("users");
    let store = store.writing(accounts.clone());
    store.migrate().await?;
    let mail = RecordingNotifier::new();
    let random = |id| Key::new(id, &rand::random::<[u8; 32]>());
    let keys = KeyRing::new(random("example")?, random("counters")?);
    let (reset, worker) =
        PasswordReset::builder(accounts, store, keys, Site::new("Toko Contoh", "https://toko.example/reset"))
            .notifier(mail.clone())
            .account_locker(Locks(file))
            .hash_pool(pool.clone())
            .build()?;
    let signs_in = async |password: &str| -> Result<bool> {
        let hash: String = db.query_row("select password_hash from users where id = 7", [], |row| row.get(0))?;
        let verdict = pool.verify(&Password::new(password), &PasswordHash::new(hash)).await;
        Ok(matches!(verdict, Ok(Verdict::Match { .. })))
    };

    println!("1. In the settings the owner enters a wrong current password, then a new one that is too short.");
    match change(&reset, "not this one", NEW).await {
        Err(Refused::Current(VerifyError::WrongPassword)) => {
            println!("   The page says: The current password is wrong.")
        }
        other => bail!("a wrong current password must be refused, but: {other:?}"),
    }
    match change(&reset, OLD, "short").await {
        Err(Refused::New(SetPasswordError::Rejected { violations, .. })) => {
            for violation in violations.iter() {
                println!("   The page says: The password {}.", violation.sentence(&Language::english()));
            }
        }
        other => bail!("a short password must be refused, but: {other:?}"),
    }
    println!("2. Then both are right.");
    change(&reset, OLD, NEW).await.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    ensure!(signs_in(NEW).await? && !signs_in(OLD).await?, "the new password is in force");
    worker.run_once().await?;
    println!("   The new password signs in, the old one does not, and an email notifies the owner.");

    println!("3. An attacker who looked over the owner's shoulder changes it again.");
    change(&reset, NEW, THEIRS).await.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    worker.run_once().await?;
    ensure!(signs_in(THEIRS).await?, "the attacker's password is in force");
    println!("4. The owner gets that email too, and presses Lock My Account. It needs no sign-in.");
    lock(&reset, &mail.last().context("a notice")?).await?;
    worker.run_once().await?;
    ensure!(!signs_in(THEIRS).await? && !signs_in(NEW).await?, "no password must sign in");
    println!("   The other password no longer works.");
    ensure!(matches!(change(&reset, THEIRS, OLD).await, Err(Refused::Current(_))), "it must change nothing either");
    println!("\nDone: every step worked.");
    Ok(())
}

#[derive(Debug)]
enum Refused {
    Current(VerifyError),
    New(SetPasswordError),
}

/// The form in the settings: current password, new password, and its repetition.
async fn change(reset: &PasswordReset, current: &str, new: &str) -> Result<(), Refused> {
    let source: IpAddr = [127, 0, 0, 1].into();
    let proof = Proof::CurrentPassword {
        account: AccountId::new("7"), // the signed-in user, from the session
        password: Password::new(current),
        source: source.into(),
        locale: Locale::ENGLISH,
    };
    let grant = reset.verify(proof).await.map_err(Refused::Current)?;
    let new = NewPassword::confirmed(new, new).from_device("Firefox on Linux");
    reset.set_password(grant, new).await.map_err(Refused::New)?;
    Ok(())
}

/// The button of the page that the link of the notification opens.
async fn lock(reset: &PasswordReset, notice: &Sent) -> Result<()> {
    let token = LockToken::parse(notice.lock_secret().context("a lock link")?)?;
    reset.lock(&token).await?;
    Ok(())
}
