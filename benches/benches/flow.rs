//! Whole resets a second (request, look-up, email, link, password; hashing and sending cost nothing here) with 1, 8 and 64 in
//! flight, and the processor time of one; in turns with bare rows that the engine inserts durably, and with the peers that
//! `-- --peers FILE` names ([`benches::peers`]). `scripts/flow` runs all on one server, and prints one table.
//!
//! `-- --without PART` shows what a part costs: `waits` for the disk; on Postgres also `purge`, the indexes that only purging
//! and erasing need, or `outbox`, those and the one by which the worker finds pending tasks.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use benches::database::{CONNECTIONS, Database};
use benches::peers::Peer;
use benches::processor::Processor;
use benches::{asked, engines, measures};
use password_reset::async_trait;
use password_reset::hashing::HashPoolConfig;
use password_reset::message::MessageBody;
use password_reset::ports::{Delivery, HashError, HashWorker, Notifier, PasswordHasher, Verdict};
use password_reset::secret::LinkToken;
use password_reset::{
    ContactKind, HashPool, Identifier, Limits, Message, NewPassword, Password, PasswordHash, PasswordReset, Proof,
    ResetRequest, Site,
};
use password_reset_testkit::sample::keys;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

const IN_FLIGHT: [u32; 3] = [1, 8, 64];
const USERS: u32 = 200_000;

/// What prototypes on Postgres go without.
const PURGE: &str =
    "drop index password_reset_resets_unbound, password_reset_resets_purge, password_reset_quotas_purge,
        password_reset_audit_unknown, password_reset_audit_purge, password_reset_audit_noise_purge";
const OUTBOX: &str = "drop index password_reset_resets_due";
const PASSWORD: &str = "quiet umbrella festival 92";

#[tokio::main]
async fn main() -> Result<()> {
    let (rounds, each, users) =
        if measures() { (5, Duration::from_secs(2), USERS) } else { (1, Duration::from_millis(100), 2_000) };
    // `-- sqlite 8` measures that engine and number alone.
    let all_in_flight = !IN_FLIGHT.iter().any(|in_flight| asked(&in_flight.to_string()));
    let after = |option: &str| std::env::args().skip_while(|argument| argument != option).nth(1);
    let (file, without) = (after("--peers"), after("--without"));
    let peers = file.as_deref().map(Peer::read).transpose()?.unwrap_or_default();
    let mut table = Table::new(&peers);
    for engine in engines() {
        let database = Database::open(engine, CONNECTIONS, without.as_deref() != Some("waits")).await?;
        let processor = Processor::of(&database).await?;
        let site = Arc::new(App::start(&database, users).await?);
        if let Some(part) = &without {
            take_away(&database, part).await?;
        }
        let bare = Bare::on(&database).await?;
        let floor = bare.floor(each).await?;
        println!("{}: the calls of a reset, each as cheap as can be, are worth {floor:.1} rows", database.name());
        for in_flight in IN_FLIGHT.into_iter().filter(|in_flight| all_in_flight || asked(&in_flight.to_string())) {
            let peers: Vec<&Peer> = peers.iter().filter(|peer| peer.is_in(engine, in_flight)).collect();
            // Connections are made and statements planned before anything is measured.
            rate(in_flight, each / 2, || Arc::clone(&site).whole_reset()).await?;
            let mut cell = Cell::default();
            for _ in 0..rounds {
                cell.rows.push(rate(in_flight, each, || bare.clone().insert()).await?.per_second());
                let before = processor.used()?;
                let resets = rate(in_flight, each, || Arc::clone(&site).whole_reset()).await?;
                let used = processor.used()? - before;
                cell.resets.push(resets.per_second());
                cell.client.push(used.client * 1e3 / resets.done);
                cell.server.extend(used.server.map(|server| server * 1e3 / resets.done));
                for peer in &peers {
                    let seen = tokio::task::block_in_place(|| peer.run())?;
                    cell.peers.entry(peer.name.clone()).or_default().push(seen);
                }
            }
            table.print(database.name(), in_flight, cell);
        }
        let [resets, bytes] = database.size().await?;
        println!("{}: {} bytes a reset, with its audit rows and all indexes", database.name(), bytes / resets.max(1));
    }
    table.print_whole();
    Ok(())
}

async fn take_away(database: &Database, part: &str) -> Result<()> {
    let parts = match (part, database) {
        ("waits", _) => vec![],
        ("purge", Database::Postgres { .. }) => vec![PURGE],
        ("outbox", Database::Postgres { .. }) => vec![PURGE, OUTBOX],
        _ => bail!("{} has no part {part}", database.name()),
    };
    for sql in parts {
        database.run(sql).await?;
    }
    println!("without {part}:");
    Ok(())
}

/// What was measured with one engine and so many in flight, round by round.
#[derive(Default)]
struct Cell {
    rows: Vec<f64>,
    resets: Vec<f64>,
    /// Milliseconds of the processor for a reset.
    client: Vec<f64>,
    server: Vec<f64>,
    peers: BTreeMap<String, Vec<f64>>,
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The medians, in Markdown; each line as soon as it is known, and all of them at the end.
struct Table {
    names: Vec<String>,
    lines: Vec<String>,
}

impl Table {
    fn new(peers: &[Peer]) -> Self {
        let names: BTreeSet<String> = peers.iter().map(|peer| peer.name.clone()).collect();
        let names: Vec<String> = names.into_iter().collect();
        let peers: String = names.iter().map(|name| format!(" {name} |")).collect();
        let ends = "ms of the processor, client | server | bare rows | one reset in … rows |";
        let head = format!("| | in flight | resets a second |{peers} × the best of them | {ends}");
        let rule = head.split('|').skip(2).map(|_| " --- |").collect::<String>();
        Self { names, lines: vec![head, format!("|{rule}")] }
    }

    fn print(&mut self, engine: &str, in_flight: u32, mut cell: Cell) {
        let number = |value: Option<f64>, digits| value.map_or("–".to_owned(), |value| format!("{value:.digits$}"));
        let (resets, rows) = (median(&mut cell.resets), median(&mut cell.rows));
        let seen: Vec<Option<f64>> =
            self.names.iter().map(|name| median(cell.peers.get_mut(name)?.as_mut_slice())).collect();
        let best = seen.iter().flatten().copied().reduce(f64::max);
        let over = |one: Option<f64>, other: Option<f64>| one.zip(other).map(|(one, other)| one / other);
        let peers: String = seen.iter().map(|seen| format!(" {} |", number(*seen, 0))).collect();
        let (client, server) = (number(median(&mut cell.client), 2), number(median(&mut cell.server), 2));
        let (ratio, part) = (number(over(resets, best), 2), number(over(rows, resets), 1));
        let (resets, rows) = (number(resets, 0), number(rows, 0));
        let line =
            format!("| {engine} | {in_flight} | {resets} |{peers} {ratio} | {client} | {server} | {rows} | {part} |");
        println!("{line}");
        self.lines.push(line);
    }

    fn print_whole(&self) {
        println!("\n{}", self.lines.join("\n"));
    }
}

/// How many were done, and in how many seconds.
struct Rate {
    done: f64,
    seconds: f64,
}

impl Rate {
    fn per_second(&self) -> f64 {
        self.done / self.seconds
    }
}

/// Works for so long with this many in flight.
async fn rate<F>(in_flight: u32, time: Duration, work: impl Fn() -> F) -> Result<Rate>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..in_flight {
        running.spawn(work());
    }
    let mut done = 0_u32;
    while let Some(finished) = running.join_next().await {
        finished??;
        done += 1;
        if start.elapsed() < time {
            running.spawn(work());
        }
    }
    Ok(Rate { done: f64::from(done), seconds: start.elapsed().as_secs_f64() })
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
        let (accounts, store) = database.ports().await?;
        database.add_users(users).await?;
        let mailboxes = Mailboxes::default();
        let mut limits = Limits::default();
        limits.requests_per_minute = u32::MAX;
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) = PasswordReset::builder(accounts, store, keys(), site)
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
