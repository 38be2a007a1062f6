//! Ports that cost nothing and are the same in every run.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use async_trait::async_trait;
use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{
    AdminContext, AdminDecision, Decision, HashError, HashWorker, PasswordHasher, ProofContext, RandomSource,
    RiskPolicy, Verdict,
};
use password_reset::{HashPool, Password, PasswordHash, PortError, StepUp};
use password_reset_proofs::Dice;

/// What all games on one thread share: the pool of hashing threads, and how often each thing was drawn.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) pool: HashPool,
    pub(crate) salts: Count,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let salts = Count::default();
        let config = HashPoolConfig::default().threads(2);
        Self { pool: HashPool::new(Arc::new(PlainHasher(salts.clone())), config).unwrap(), salts }
    }
}

/// A count that a resumed game sets back to where it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicU64>);

impl Count {
    pub(crate) fn at(count: u64) -> Self {
        Self(Arc::new(AtomicU64::new(count)))
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, count: u64) {
        self.0.store(count, Ordering::Relaxed);
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A hash shows its password, after a salt that is a count.
#[derive(Debug)]
struct PlainHasher(Count);

pub(crate) fn plain_hash(salt: u64, password: &str) -> PasswordHash {
    PasswordHash::new(format!("plain${salt}${password}"))
}

pub(crate) fn password_of(hash: &PasswordHash) -> &str {
    hash.as_str().splitn(3, '$').nth(2).unwrap()
}

impl PasswordHasher for PlainHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(PlainWorker(self.0.clone()))
    }
}

struct PlainWorker(Count);

impl HashWorker for PlainWorker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(plain_hash(self.0.next(), password.expose()))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let same = password_of(hash) == password.expose();
        Ok(if same { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}

/// Random bytes that are a function of a count.
#[derive(Clone, Debug)]
pub(crate) struct CountedRandom(pub(crate) Count);

impl RandomSource for CountedRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        Dice::new(self.0.next()).fill(bytes);
        Ok(())
    }
}

/// Requires the same step-up of every proof, or none.
#[derive(Debug)]
pub(crate) struct Policy(pub(crate) Option<StepUp>);

#[async_trait]
impl RiskPolicy for Policy {
    async fn assess(&self, _: &ProofContext) -> Result<Decision, PortError> {
        Ok(self.0.map_or(Decision::Allow, Decision::StepUp))
    }

    async fn authorize_admin(&self, _: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Deny)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread, also inside another one: a race runs one verb in the middle of another.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
