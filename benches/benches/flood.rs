//! A flood of completions at one node: memory, the time to "busy", what else stalls; and how much of the bare hash rate
//! whole completions reach. Stores are in memory; hashing is that of production. `-- --without estimate` checks no rule that
//! needs zxcvbn.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use password_reset::async_trait;
use password_reset::hashing::{Argon2Hasher, Argon2Params, HashPoolConfig};
use password_reset::message::MessageBody;
use password_reset::policy::Rule;
use password_reset::ports::{Delivery, Notifier, PasswordHasher};
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountStatus, Contact, ContactKind, Grant, HashPool, Identifier, Limits, Message, NewPassword, Password,
    PasswordPolicy, PasswordReset, Proof, ResetRequest, SetPasswordError, Site,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, sample};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

const PASSWORD: &str = "quiet umbrella festival 92";
const TICK: Duration = Duration::from_millis(5);

fn main() -> Result<()> {
    let (flood_size, rounds, each) =
        if benches::measures() { (1_000, 15, Duration::from_secs(1)) } else { (100, 1, Duration::from_millis(200)) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // First the floods, so that the memory of the rates is not in theirs.
    let backends = backends()?;
    for (name, hasher) in &backends {
        runtime.block_on(flood(name, hasher, flood_size))?;
    }
    for (name, hasher) in &backends {
        runtime.block_on(rates(name, hasher, rounds, each))?;
    }
    Ok(())
}

fn backends() -> Result<Vec<(&'static str, Arc<Argon2Hasher>)>> {
    #[cfg_attr(not(feature = "simd"), allow(unused_mut, reason = "one backend only"))]
    let mut backends = vec![("argon2", Arc::new(Argon2Hasher::default()))];
    #[cfg(feature = "simd")]
    {
        let function = Arc::new(password_reset_argon2_simd::SimdArgon2::new()?);
        backends.push(("argon2-simd", Arc::new(Argon2Hasher::default().with_function(function))));
    }
    Ok(backends)
}

/// All completions at once, each a task of the executor.
async fn flood(name: &str, hasher: &Arc<Argon2Hasher>, size: u32) -> Result<()> {
    let threads = thread::available_parallelism()?.get().min(4);
    let pool = HashPool::new(Arc::<Argon2Hasher>::clone(hasher), HashPoolConfig::default().threads(threads))?;
    let mut app = App::start(pool, size)?;
    let grants = app.grants(size).await?;
    let before = resident_kib();
    // The same watch without a flood, for what the machine does besides.
    let quiet = Watch::start();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (_, quiet) = quiet.end()?;
    let watch = Watch::start();
    let mut running = JoinSet::new();
    for grant in grants {
        let reset = app.reset.clone();
        running.spawn(async move {
            let start = Instant::now();
            let outcome = reset.set_password(grant, NewPassword::confirmed(PASSWORD, PASSWORD)).await;
            (start.elapsed(), outcome.map(drop))
        });
    }
    let (mut set, mut busy) = (Vec::new(), Vec::new());
    while let Some(finished) = running.join_next().await {
        let (took, outcome) = finished?;
        match outcome {
            Ok(()) => set.push(took),
            Err(SetPasswordError::Busy { .. }) => busy.push(took),
            Err(error) => return Err(error.into()),
        }
    }
    let (highest, gaps) = watch.end()?;
    let workers = u64::from(Argon2Params::DEFAULT.memory_kib()) * threads as u64 / 1024;
    println!("{name}: {size} completions at once: {} set, {} answered busy", set.len(), busy.len());
    println!(
        "{name}: resident {} MiB before, {} MiB at most; workers x memory + 64 MiB is {} MiB",
        before / 1024,
        highest / 1024,
        workers + 64
    );
    println!("{name}: time to \"busy\": {}", percentiles(busy));
    println!("{name}: time to success: {}", percentiles(set));
    println!("{name}: a task that sleeps {TICK:?} wakes late by: {}", percentiles(gaps));
    println!("{name}: the same just before the flood: {}", percentiles(quiet));
    Ok(())
}

/// Whole completions a second beside bare hashes a second, on as many threads, in turns.
async fn rates(name: &str, hasher: &Arc<Argon2Hasher>, rounds: usize, each: Duration) -> Result<()> {
    let threads = thread::available_parallelism()?.get().min(4);
    let pool = HashPool::new(Arc::<Argon2Hasher>::clone(hasher), HashPoolConfig::default().threads(threads))?;
    // Where the grants run out first, the round is shorter.
    let size = u32::try_from(each.as_millis() / 4)?;
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        // A store of its own for each round: the one in memory walks through all of its rows.
        let mut app = App::start(pool.clone(), size)?;
        let grants = Arc::new(Mutex::new(app.grants(size).await?));
        let bare = bare_rate(hasher, threads, each)?;
        let start = Instant::now();
        let mut running = JoinSet::new();
        // Enough in flight to keep every thread busy, and few enough for the queue.
        for _ in 0..threads * 4 {
            let (reset, grants) = (app.reset.clone(), Arc::clone(&grants));
            running.spawn(async move {
                let mut done = 0_u32;
                while start.elapsed() < each {
                    let Some(grant) = grants.lock().await.pop() else { break };
                    reset.set_password(grant, NewPassword::confirmed(PASSWORD, PASSWORD)).await?;
                    done += 1;
                }
                anyhow::Ok(done)
            });
        }
        let mut done = 0;
        while let Some(finished) = running.join_next().await {
            done += finished??;
        }
        let completions = f64::from(done) / start.elapsed().as_secs_f64();
        ratios.push((completions / bare, completions, bare));
    }
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, completions, bare) = ratios[ratios.len() / 2];
    let percent = ratio * 100.0;
    println!(
        "{name}: {completions:.1} completions and {bare:.1} bare hashes a second: {percent:.1} % (median of {rounds})"
    );
    Ok(())
}

fn bare_rate(hasher: &Arc<Argon2Hasher>, threads: usize, each: Duration) -> Result<f64> {
    let mut workers: Vec<_> = (0..threads).map(|_| hasher.worker()).collect();
    for worker in &mut workers {
        // The first hash also takes the memory from the operating system; the pool's workers have theirs.
        worker.hash(&Password::new(PASSWORD))?;
    }
    let start = Instant::now();
    let hashing: Vec<_> = workers
        .into_iter()
        .map(|mut worker| {
            thread::spawn(move || {
                let password = Password::new(PASSWORD);
                let mut done = 0_u32;
                while start.elapsed() < each {
                    worker.hash(&password)?;
                    done += 1;
                }
                anyhow::Ok(done)
            })
        })
        .collect();
    let mut done = 0;
    for thread in hashing {
        done += thread.join().map_err(|_panic| anyhow::anyhow!("a hash panicked"))??;
    }
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |part: usize| times.get((times.len() * part / 1000).min(times.len().saturating_sub(1)));
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    format!("p50 {:.2} ms, p99 {:.2} ms, maximum {:.2} ms", ms(at(500)), ms(at(990)), ms(at(1000)))
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Looks at the resident memory, and lets a task sleep again and again to see how late it wakes.
struct Watch {
    ended: Arc<AtomicBool>,
    highest: Arc<AtomicU64>,
    sampler: thread::JoinHandle<()>,
    gaps: std::sync::mpsc::Receiver<Duration>,
}

impl Watch {
    fn start() -> Self {
        let (ended, highest) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(resident_kib())));
        let (sender, gaps) = std::sync::mpsc::channel();
        tokio::spawn(async move {
            loop {
                let start = Instant::now();
                tokio::time::sleep(TICK).await;
                if sender.send(start.elapsed().saturating_sub(TICK)).is_err() {
                    break;
                }
            }
        });
        let sampler = thread::spawn({
            let (ended, highest) = (Arc::clone(&ended), Arc::clone(&highest));
            move || {
                while !ended.load(Ordering::Relaxed) {
                    highest.fetch_max(resident_kib(), Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(2));
                }
            }
        });
        Self { ended, highest, sampler, gaps }
    }

    fn end(self) -> Result<(u64, Vec<Duration>)> {
        self.ended.store(true, Ordering::Relaxed);
        self.sampler.join().map_err(|_panic| anyhow::anyhow!("the sampler panicked"))?;
        Ok((self.highest.load(Ordering::Relaxed), self.gaps.try_iter().collect()))
    }
}

struct App {
    reset: PasswordReset,
    links: UnboundedReceiver<String>,
    next: u32,
    worker: tokio::task::JoinHandle<()>,
}

impl Drop for App {
    fn drop(&mut self) {
        // The worker holds the pool, and with it the memory of the workers.
        self.worker.abort();
    }
}

impl App {
    fn start(pool: HashPool, users: u32) -> Result<Self> {
        let accounts = MemoryAccounts::new();
        for user in 0..users {
            let account = Account::new(user.to_string(), AccountStatus::Active);
            accounts.add(account.with_contact(Contact::email(address(user))));
        }
        let (sender, links) = unbounded_channel();
        let mut limits = Limits::default();
        limits.requests_per_minute = u32::MAX;
        let policy = match benches::asked("estimate") {
            true => PasswordPolicy::from_rules([Rule::MinLength(8), Rule::MaxLength(64), Rule::MaxBytes(256)]),
            false => PasswordPolicy::default(),
        };
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) = PasswordReset::builder(accounts, MemoryStore::new(), sample::keys(), site)
            .notifier(Links(sender))
            .hash_pool(pool)
            .policy(policy)
            .limits(limits)
            .build()?;
        let worker = tokio::spawn(worker.run());
        Ok(Self { reset, links, next: 0, worker })
    }

    /// Grants of accounts that have none yet.
    async fn grants(&mut self, count: u32) -> Result<Vec<Grant>> {
        static SOURCE: AtomicU32 = AtomicU32::new(0x0b00_0000);
        for user in self.next..self.next + count {
            let source = IpAddr::from(SOURCE.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let identifier = Identifier::email(&address(user))?;
            self.reset.request(ResetRequest::email_link(identifier, source)).await?;
        }
        self.next += count;
        let mut grants = Vec::new();
        for _ in 0..count {
            let link = self.links.recv().await.context("a mail")?;
            grants.push(self.reset.verify(Proof::Link(LinkToken::parse(&link)?)).await?);
        }
        Ok(grants)
    }
}

fn address(user: u32) -> String {
    format!("user{user}@toko.example")
}

/// Hands the links of mails to the bench.
#[derive(Debug)]
struct Links(UnboundedSender<String>);

#[async_trait]
impl Notifier for Links {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        if let MessageBody::Link(reset) = message.body() {
            let secret = reset.link.expose().rsplit('#').next().unwrap_or_default().to_owned();
            let _ended = self.0.send(secret);
        }
        Delivery::Delivered
    }
}
