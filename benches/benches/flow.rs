//! Whole resets a second (request, look-up, email, link, password; hashing and sending cost nothing here), relative to the
//! rate at which the engine inserts bare rows durably, measured in turns with 1, 8 and 64 in flight.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use benches::database::Database;
use benches::key;
use password_reset::hashing::HashPoolConfig;
use password_reset::message::MessageBody;
use password_reset::ports::{Delivery, HashError, HashWorker, Notifier, PasswordHasher, Verdict};
use password_reset::secret::LinkToken;
use password_reset::{
    ContactKind, HashPool, Identifier, KeyRing, Limits, Message, NewPassword, Password, PasswordHash, PasswordReset,
    Proof, ResetRequest, Site,
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
    let asked = |what: &str| std::env::args().any(|argument| argument == what);
    let whole = asked("--bench");
    let (rounds, each, users) =
        if whole { (5, Duration::from_secs(2), USERS) } else { (1, Duration::from_millis(100), 2_000) };
    // `-- sqlite 8` measures that engine and number alone.
    let all_engines = !asked("sqlite") && !asked("postgres");
    let all_in_flight = !IN_FLIGHT.iter().any(|in_flight| asked(&in_flight.to_string()));
    for engine in ["sqlite", "postgres"].into_iter().filter(|engine| all_engines || asked(engine)) {
        let database = if engine == "sqlite" { Database::sqlite().await? } else { Database::postgres().await? };
        let site = Arc::new(App::start(&database, users).await?);
        let bare = Bare::on(&database).await?;
        let floor = bare.floor(each).await?;
        println!("{}: the calls of a reset, each as cheap as can be, are worth {floor:.1} rows", database.name());
        for in_flight in IN_FLIGHT.into_iter().filter(|in_flight| all_in_flight || asked(&in_flight.to_string())) {
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

/// The rate a second with this many in flight.
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

/// The insert of a bare row; sqlx has a type of its own for each engine.
macro_rules! row {
    () => {
        sqlx::query("insert into bare values ($1, $2)")
            .bind(1_800_000_000_000_i64)
            .bind("a row of a hundred bytes or so: ".repeat(3))
    };
}

macro_rules! floor {
    ($connection:ident, $each:expr, $off:literal, $on:literal) => {{
        sqlx::query("insert into keyed values (1, 'a row')").execute(&mut *$connection).await?;
        let durable = one_of!($each, row!().execute(&mut *$connection));
        sqlx::query($off).execute(&mut *$connection).await?;
        let not_waited_for = one_of!($each, row!().execute(&mut *$connection));
        sqlx::query($on).execute(&mut *$connection).await?;
        let read = one_of!($each, sqlx::query("select what from keyed where id = 1").fetch_one(&mut *$connection));
        Ok(4.0 + (3.0 * not_waited_for + 6.0 * read) / durable)
    }};
}

/// The mean time of one, in seconds, over as many as fit into the round.
macro_rules! one_of {
    ($each:expr, $call:expr) => {{
        let (start, mut done) = (Instant::now(), 0_u32);
        while start.elapsed() < $each {
            $call.await.map(|_| ())?;
            done += 1;
        }
        start.elapsed().as_secs_f64() / f64::from(done)
    }};
}

/// The engine alone, at its best: SQLite with one writer, Postgres with a pool.
#[derive(Clone)]
enum Bare {
    Sqlite(Arc<AsyncMutex<SqliteConnection>>),
    Postgres(sqlx::PgPool),
}

impl Bare {
    async fn on(database: &Database) -> Result<Self> {
        let tables = "create table bare (at bigint, what text); create table keyed (id bigint primary key, what text)";
        database.run(tables).await?;
        Ok(match database {
            Database::Sqlite { pool, .. } => {
                let connection = SqliteConnection::connect_with(&pool.connect_options()).await?;
                Self::Sqlite(Arc::new(AsyncMutex::new(connection)))
            }
            Database::Postgres { pool, .. } => Self::Postgres(pool.clone()),
        })
    }

    async fn insert(self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => row!().execute(&mut *connection.lock().await).await.map(|_| ())?,
            Self::Postgres(pool) => row!().execute(&pool).await.map(|_| ())?,
        }
        Ok(())
    }

    /// A reset is 13 calls in sequence: four commits that wait for the disk, three writes that do not, six reads. Returns how
    /// many bare rows that equals if each is an insert of a bare row, or a read of one by its key, on one connection.
    async fn floor(&self, each: Duration) -> Result<f64> {
        match self {
            Self::Sqlite(connection) => {
                let connection = &mut *connection.lock().await;
                floor!(connection, each, "pragma synchronous = normal", "pragma synchronous = full")
            }
            Self::Postgres(pool) => {
                let connection = &mut *pool.acquire().await?;
                floor!(connection, each, "set synchronous_commit = off", "set synchronous_commit = on")
            }
        }
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

/// Delivers emails at once to the task that waits for them, and drops notifications.
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
        if let MessageBody::Link(reset) = message.body() {
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
