//! One node of the application.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use password_reset::async_trait;
use password_reset::hashing::HashPoolConfig;
use password_reset::message::MessageBody;
use password_reset::ports::{
    AuditEntry, Clock, Delivery, HashError, HashWorker, Notifier, Observer, PasswordHasher, SystemClock, Verdict,
};
use password_reset::{
    ContactKind, HashPool, Key, KeyRing, Limits, Message, Password, PasswordHash, PasswordReset, PortError, Site,
    Worker,
};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use crate::database::{Ports, Urls};
use crate::journal::{Journal, LATEST, OBSERVED, hex, mailbox};
use crate::person;

/// Concurrent users of a node.
const PEOPLE: u32 = 4;

/// How often a node that cannot start tries again, and the pause between attempts.
const STARTS: u32 = 300;
const START_AGAIN: Duration = Duration::from_millis(20);

/// Runs until it or its parent is killed.
pub async fn run(number: u32, folder: &Path, urls: &Urls) -> Result<()> {
    // The clocks are a minute apart: behind, right, and ahead.
    let clock = SkewedClock::by(TimeDelta::minutes(i64::from(number % 3) - 1));
    let mut started = service(folder, urls, &clock).await;
    // The server may be down while the node starts; a supervisor would start the node again.
    for _ in 0..STARTS {
        if started.is_ok() {
            break;
        }
        clock.sleep(START_AGAIN).await;
        started = service(folder, urls, &clock).await;
    }
    let (reset, worker) = started?;
    tokio::spawn(worker.run());
    for place in 0..PEOPLE {
        let journal = Journal::new(folder, &format!("journal-{number}-{place}-{}", std::process::id()));
        tokio::spawn(person::reset_forever(reset.clone(), folder.to_owned(), journal));
    }
    let mut nothing = Vec::new();
    tokio::io::stdin().read_to_end(&mut nothing).await?;
    Ok(())
}

/// The service of one node. All nodes share the keys only.
pub async fn service(folder: &Path, urls: &Urls, clock: &SkewedClock) -> Result<(PasswordReset, Worker)> {
    let Ports { accounts, store } = Ports::open(urls).await?;
    let key = |id: &str, first: u8| Key::new(id, &(first..first.saturating_add(32)).collect::<Vec<u8>>());
    let keys = KeyRing::new(key("k1", 1)?, key("counters", 77)?);
    let mut limits = Limits::default();
    (limits.message_burst, limits.message_refill) = (10, Duration::from_secs(60));
    limits.requests_per_minute = u32::MAX;
    let pool = HashPool::new(Arc::new(QuickHasher), HashPoolConfig::default().threads(2))?;
    Ok(PasswordReset::builder(accounts, store, keys, Site::new("Toko Contoh", "https://toko.example/reset"))
        .notifier(Mailbox { folder: mailbox(folder) })
        .observer("journal", Observed(Journal::new(folder, OBSERVED)))
        .hash_pool(pool)
        .limits(limits)
        .clock(clock.clone())
        .build()?)
}

/// A clock that is off by a fixed time.
#[derive(Clone, Debug)]
pub struct SkewedClock {
    millis: Arc<AtomicI64>,
}

impl SkewedClock {
    pub fn by(skew: TimeDelta) -> Self {
        Self { millis: Arc::new(AtomicI64::new(skew.num_milliseconds())) }
    }

    pub fn advance(&self, by: TimeDelta) {
        self.millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for SkewedClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::milliseconds(self.millis.load(Ordering::SeqCst))
    }

    async fn sleep(&self, span: Duration) {
        SystemClock.sleep(span).await;
    }
}

/// Writes each message into the journal of emails, with its id and its secret.
#[derive(Debug)]
struct Mailbox {
    folder: PathBuf,
}

#[async_trait]
impl Notifier for Mailbox {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let id = hex(message.id().as_bytes());
        let line = match message.body() {
            MessageBody::Link(link) => {
                format!("{id} link {}", link.link.expose().rsplit('#').next().unwrap_or_default())
            }
            _ => format!("{id} notice {}", message.to().value()),
        };
        let latest = Journal::new(&self.folder, &format!("{LATEST}{}", message.to().value()));
        let by_reset = Journal::new(&self.folder, &hex(message.reset().as_bytes()));
        // A user who follows the latest link must find it by its reset too, even when the node is killed between the two.
        match by_reset.write(&line).and_then(|()| latest.write(&line)) {
            Ok(()) => Delivery::Delivered,
            Err(_) => Delivery::Later { after: None, why: PortError::transient("the mailbox cannot be written") },
        }
    }
}

/// Writes each row into one journal of all nodes, with the process that handed it over.
#[derive(Debug)]
struct Observed(Journal);

#[async_trait]
impl Observer for Observed {
    async fn observe(&self, rows: &[AuditEntry]) -> Result<(), PortError> {
        for entry in rows {
            let reset = entry.row.reset.map(|reset| hex(reset.as_bytes())).unwrap_or_default();
            let line = format!("{} {reset}/{} {}", entry.cursor, entry.row.event.code(), std::process::id());
            self.0
                .write(&line)
                .map_err(|error| PortError::transient("the journal cannot be written").because(error))?;
        }
        Ok(())
    }
}

/// Hashes without cost, because hashing is not tested here, and without storing the password.
#[derive(Debug)]
struct QuickHasher;

pub fn hash_of(password: &str) -> String {
    let digest = Sha256::digest(password.as_bytes());
    format!("quick${}", hex(&digest))
}

impl PasswordHasher for QuickHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(Self)
    }
}

impl HashWorker for QuickHasher {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::new(hash_of(password.expose())))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let same = hash.as_str() == hash_of(password.expose());
        Ok(if same { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}
