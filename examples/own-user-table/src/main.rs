//! An application with an old user table: members by the numbers on their cards, and a hash of its own. For resets it
//! implements [`Accounts`] over the table and [`HashWorker`] over the hash.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use password_reset::async_trait;
use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{Accounts, Changed, HashError, HashWorker, PasswordChange, PasswordHasher, Verdict};
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, HashPool, Identifier, Key, KeyRing, NewPassword, Password,
    PasswordHash, PasswordReset, PortError, Proof, ResetRequest, Site,
};
use password_reset_testkit::{MemoryStore, RecordingNotifier};
use sha2::Sha256;

/// From the card number to `mailbox|status|hash`.
#[derive(Clone, Debug, Default)]
struct Members(Arc<Mutex<BTreeMap<String, String>>>);

impl Members {
    /// Reads one row, and may change it.
    fn row<T>(&self, card: &str, look: impl FnOnce(&mut String) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(card).map(look)
    }
}

fn account(card: &str, row: &str) -> Option<Account> {
    let [mailbox, status, hash] = row.splitn(3, '|').collect::<Vec<_>>().try_into().ok()?;
    let status = if status == "member" { AccountStatus::Active } else { AccountStatus::Disabled };
    Some(Account::new(card, status).with_contact(Contact::email(mailbox)).with_hash(PasswordHash::new(hash)))
}

#[async_trait]
impl Accounts for Members {
    fn home_country(&self) -> Option<CallingCode> {
        None
    }

    async fn find(&self, typed: &Identifier) -> Result<Vec<Account>, PortError> {
        let found = self.row(typed.as_str(), |row| account(typed.as_str(), row));
        Ok(found.flatten().into_iter().collect())
    }

    async fn load(&self, id: &AccountId) -> Result<Option<Account>, PortError> {
        Ok(self.row(id.as_str(), |row| account(id.as_str(), row)).flatten())
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        let (was, new) = (change.was(), change.new_hash().as_str());
        // The port requires that comparing and writing happen under one lock.
        let done = self.row(was.id().as_str(), |row| {
            let as_it_was = account(was.id().as_str(), row).is_some_and(|now| now == *was);
            if as_it_was && let Some((head, _)) = row.rsplit_once('|') {
                *row = format!("{head}|{new}");
            }
            row.rsplit_once('|').is_some_and(|(_, hash)| hash == new)
        });
        Ok(if done == Some(true) { Changed::Updated } else { Changed::Conflict })
    }

    async fn end_sessions(&self, _: &AccountId, _: DateTime<Utc>) -> Result<(), PortError> {
        Ok(()) // sessions carry `Login::session_auth_hash`, and end by themselves
    }
}

/// The existing hash of this application. A new application uses `Argon2Hasher` of the library.
#[derive(Clone, Copy, Debug)]
struct OwnHash;

impl PasswordHasher for OwnHash {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(*self)
    }
}

impl HashWorker for OwnHash {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        stretched(password, &format!("{:x}", rand::random::<u128>())).map(PasswordHash::new)
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let (salt, _) = hash.as_str().split_once(':').ok_or(HashError::Unreadable)?;
        let same = stretched(password, salt)? == hash.as_str();
        Ok(if same { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}

fn stretched(password: &Password, salt: &str) -> Result<String, HashError> {
    let keyed = Hmac::<Sha256>::new_from_slice(password.expose().as_bytes()).map_err(|_| HashError::Failed)?;
    let round = |hash: Vec<u8>, _| keyed.clone().chain_update(hash).finalize().into_bytes().to_vec();
    Ok(format!("{salt}:{:02x?}", (0..10_000).fold(salt.as_bytes().to_vec(), round)))
}

#[tokio::main]
async fn main() -> Result<()> {
    let (members, mail) = (Members::default(), RecordingNotifier::new());
    let old = OwnHash.hash(&Password::new("an old forgotten password"))?;
    let row = format!("ani@toko.example|member|{}", old.as_str());
    members.0.lock().unwrap_or_else(PoisonError::into_inner).insert("4711".to_owned(), row);
    let random = |id| Key::new(id, &rand::random::<[u8; 32]>());
    let keys = KeyRing::new(random("example")?, random("counters")?);
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let pool = HashPool::new(Arc::new(OwnHash), HashPoolConfig::default())?;
    let builder = PasswordReset::builder(members.clone(), MemoryStore::new(), keys, site);
    let (reset, worker) = builder.notifier(mail.clone()).hash_pool(pool.clone()).build()?;
    println!("1. A member types the card number, and an email goes to the address in the table.");
    let here: std::net::IpAddr = [127, 0, 0, 1].into();
    reset.request(ResetRequest::email_link(Identifier::username("4711")?, here)).await?;
    worker.run_once().await?;
    let sent = mail.last().context("an email")?;
    let link = LinkToken::parse(sent.link_secret().context("a link")?)?;
    println!("2. The member opens the link, and types a new password.");
    let new = "quiet umbrella festival 92";
    reset.set_password(reset.verify(Proof::Link(link)).await?, NewPassword::confirmed(new, new)).await?;
    let now = members.load(&AccountId::new("4711")).await?.context("the member")?;
    let verdict = pool.verify(&Password::new(new), now.hash().context("a hash")?).await?;
    ensure!(verdict != Verdict::Mismatch, "the new password signs in");
    println!("3. The new password signs in, by the application's own hash.\n\nDone: every step worked.");
    Ok(())
}
