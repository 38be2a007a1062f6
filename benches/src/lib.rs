//! Shared by the benches: an application in memory, and ratios measured in one run.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

pub mod database;
pub mod peers;
pub mod processor;
pub mod site;
pub mod statistics;
pub mod whatsapp;

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::SystemClock;
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountStatus, Builder, Contact, HashPool, Identifier, PasswordReset, ResetRequest, Site, Worker,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, sample};

/// Whether a word stands on the command line.
pub fn asked(word: &str) -> bool {
    std::env::args().any(|argument| argument == word)
}

/// Whether something is measured. Under `cargo test` the benches only show that they run.
pub fn measures() -> bool {
    asked("--bench")
}

/// The engines that the command line names, or all.
pub fn engines() -> Vec<&'static str> {
    let all = ["sqlite", "postgres"];
    let named: Vec<&str> = all.into_iter().filter(|engine| asked(engine)).collect();
    if named.is_empty() { all.to_vec() } else { named }
}

/// The pool that applications get by default.
pub fn pool() -> HashPool {
    HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default()).expect("threads")
}

/// An application with one account, in memory.
pub struct App {
    pub reset: PasswordReset,
    pub worker: Worker,
    pub mail: RecordingNotifier,
}

impl App {
    pub fn new(pool: HashPool, change: impl FnOnce(Builder) -> Builder) -> Self {
        let accounts = MemoryAccounts::new();
        accounts.add(Account::new("7", AccountStatus::Active).with_contact(Contact::email("ani@toko.example")));
        let mail = RecordingNotifier::new();
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let mut limits = password_reset::Limits::default();
        limits.requests_per_minute = u32::MAX;
        let builder = PasswordReset::builder(accounts, MemoryStore::new(), sample::keys(), site)
            .notifier(mail.clone())
            .hash_pool(pool)
            .limits(limits)
            .clock(SystemClock);
        let (reset, worker) = change(builder).build().expect("a complete application");
        Self { reset, worker, mail }
    }

    /// Requests a reset, runs the worker, and returns the secret of the link.
    pub async fn link(&self) -> String {
        self.reset.request(request()).await.expect("asked");
        self.worker.run_once().await.expect("sent");
        self.mail.last().expect("a mail").link_secret().expect("a link").to_owned()
    }
}

pub fn request() -> ResetRequest {
    let identifier = Identifier::email("ani@toko.example").expect("an address");
    // Each from another address, so that no quota applies.
    static FROM: AtomicU32 = AtomicU32::new(0);
    ResetRequest::email_link(identifier, IpAddr::from(FROM.fetch_add(1, Ordering::Relaxed).to_be_bytes()))
}

pub fn link(text: &str) -> LinkToken {
    LinkToken::parse(text).expect("well formed")
}

/// Times two things in turns, so that other load on the machine affects both, and prints the ratio of the second to the
/// first.
pub fn ratio(what: &str, mut baseline: impl FnMut(), mut measured: impl FnMut()) {
    const ROUNDS: u32 = 30;
    if !measures() {
        return;
    }
    let mut ratios = Vec::new();
    let mut each = Duration::ZERO;
    for _ in 0..ROUNDS {
        let of_baseline = time(&mut baseline);
        let of_measured = time(&mut measured);
        each += of_measured / ROUNDS;
        ratios.push(of_measured.as_secs_f64() / of_baseline.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!("{what}: {median:.2} times the baseline (median of {ROUNDS}; {:.1} µs each)", each.as_secs_f64() * 1e6);
}

/// Runs it for at least 20 ms, and returns the time of one.
fn time(run: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < Duration::from_millis(20) {
        run();
        runs += 1;
    }
    black_box(start.elapsed() / runs)
}
