//! Whole resets a second (request, look-up, mail, link, password; hashing and sending cost nothing here) beside the rate at
//! which the engine inserts bare rows and has each on the disk, in turns, with 1, 8 and 64 in flight.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use benches::database::Database;
use benches::key;
use password_reset::ports::{Delivery, HashError, HashWorker, Notifier, PasswordHasher, Verdict};
use password_reset::{
    ContactKind, HashPool, HashPoolConfig, Identifier, KeyRing, Limits, LinkToken, Message, MessageBody, NewPassword,
    Password, PasswordHash, PasswordReset, Proof, ResetRequest, Site,
};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

const IN_FLIGHT: [u32; 3] = [1, 8, 64];
const USERS: u32 = 200_000;
const PASSWORD: &str = "quiet umbrella festival 92";

#[tokio::main]
async fn main() -> Result<()> {
    // Under `cargo test` the benches only show that they run.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (rounds, each, users) =
        if whole { (5, Duration::from_secs(2), USERS) } else { (1, Duration::from_millis(100), 2_000) };
    for database in [Database::sqlite().await?, Database::postgres().await?] {
        let site = Arc::new(App::start(&database, users).await?);
        let bare = Bare::on(&database).await?;
        for in_flight in IN_FLIGHT {
            let mut rates = Vec::new();
            for _ in 0..rounds {
                let rows = rate(in_flight, each, || bare.clone().insert()).await?;
                let resets = rate(in_flight, each, || Arc::clone(&site).whole_reset()).await?;
                rates.push((resets / rows, resets, rows));
            }
            rates.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (ratio, resets, rows) = rates[rates.len() / 2];
            let (name, part) = (database.name(), 1.0 / ratio);
            println!("{name}, {in_flight} in flight: {resets:.0} resets and {rows:.0} rows a second: one in {part:.1}");
        }
        let [resets, bytes] = database.size().await?;
        println!("{}: {} bytes a reset, with its audit rows and all indexes", database.name(), bytes / resets.max(1));
    }
    Ok(())
}

/// How often a second it was done by so many at once.
async fn rate<F>(in_flight: u32, time: Duration, work: impl Fn() -> F) -> Result<f64>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..in_flight {
        running.spawn(work());
    }
    let mut done = 0;
    while let Some(finished) = running.join_next().await {
        finished??;
        done += 1;
        if start.elapsed() < time {
            running.spawn(work());
        }
    }
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

/// The engine alone, at its best: SQLite with one writer, Postgres with a pool.
#[derive(Clone)]
enum Bare {
    Sqlite(Arc<AsyncMutex<SqliteConnection>>),
    Postgres(sqlx::PgPool),
}

impl Bare {
    async fn on(database: &Database) -> Result<Self> {
        database.run("create table bare (at bigint, what text)").await?;
        Ok(match database {
            Database::Sqlite { pool, .. } => {
                let connection = SqliteConnection::connect_with(&pool.connect_options()).await?;
                Self::Sqlite(Arc::new(AsyncMutex::new(connection)))
            }
            Database::Postgres { pool, .. } => Self::Postgres(pool.clone()),
        })
    }

    async fn insert(self) -> Result<()> {
        const TEXT: &str = "insert into bare values ($1, $2)";
        let insert = (1_800_000_000_000_i64, "a row of a hundred bytes or so: ".repeat(3));
        match self {
            Self::Sqlite(connection) => {
                let mut connection = connection.lock().await;
                sqlx::query(TEXT).bind(insert.0).bind(insert.1).execute(&mut *connection).await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(TEXT).bind(insert.0).bind(insert.1).execute(&pool).await?;
            }
        }
        Ok(())
    }
}

struct App {
    reset: PasswordReset,
    mailboxes: Mailboxes,
    users: AtomicU32,
}

impl App {
    async fn start(database: &Database, users: u32) -> Result<Self> {
        let (accounts, store) = database.ports(users).await?;
        let mailboxes = Mailboxes::default();
        let mut limits = Limits::default();
        limits.requests_per_minute = u32::MAX;
        let keys = KeyRing::new(key("bench", 1), key("counters", 101));
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) = PasswordReset::builder(accounts, store, keys, site)
            .notifier(mailboxes.clone())
            .hash_pool(HashPool::new(Arc::new(FreeHasher), HashPoolConfig::default().threads(2))?)
            .limits(limits)
            .build()?;
        tokio::spawn(worker.run());
        Ok(Self { reset, mailboxes, users: AtomicU32::new(1) })
    }

    async fn whole_reset(self: Arc<Self>) -> Result<()> {
        let user = self.users.fetch_add(1, Ordering::Relaxed);
        let address = format!("user{user}@toko.example");
        let mut mailbox = self.mailboxes.of(&address);
        let source = std::net::IpAddr::from((0x0b00_0000 + user).to_be_bytes());
        self.reset.request(ResetRequest::email_link(Identifier::email(&address)?, source)).await?;
        let link = mailbox.recv().await.context("a mail")?;
        let grant = self.reset.verify(Proof::Link(LinkToken::parse(&link)?)).await?;
        self.reset.set_password(grant, NewPassword::confirmed(PASSWORD, PASSWORD)).await?;
        Ok(())
    }
}

/// Mails arrive at once, at whoever waits for them; notices are read by nobody.
#[derive(Clone, Debug, Default)]
struct Mailboxes(Arc<Mutex<HashMap<String, UnboundedSender<String>>>>);

impl Mailboxes {
    fn of(&self, address: &str) -> UnboundedReceiver<String> {
        let (sender, receiver) = unbounded_channel();
        self.0.lock().expect("no panics").insert(address.to_owned(), sender);
        receiver
    }
}

#[async_trait]
impl Notifier for Mailboxes {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        if let MessageBody::ResetLink(reset) = message.body() {
            let waiting = self.0.lock().expect("no panics").remove(message.to().value());
            let secret = reset.link.expose().rsplit('#').next().unwrap_or_default().to_owned();
            waiting.map(|waiting| waiting.send(secret));
        }
        Delivery::Delivered
    }
}

/// Hashing is measured elsewhere.
#[derive(Debug)]
struct FreeHasher;

impl PasswordHasher for FreeHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(Self)
    }
}

impl HashWorker for FreeHasher {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::new(format!("free {}", password.expose())))
    }

    fn verify(&mut self, _: &Password, _: &PasswordHash) -> Result<Verdict, HashError> {
        Ok(Verdict::Mismatch)
    }
}
