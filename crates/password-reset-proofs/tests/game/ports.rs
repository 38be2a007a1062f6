//! Ports that cost nothing and are the same in every run.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use async_trait::async_trait;
use password_reset::ports::{AdminContext, AdminDecision, Decision, ProofContext, RandomSource, RiskPolicy};
use password_reset::{HashPool, PortError, StepUp};
use password_reset_proofs::Dice;
use password_reset_testkit::PlainHasher;

/// What all games on one thread share: the pool of hashing threads, and how often each thing was drawn.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) pool: HashPool,
    pub(crate) hasher: PlainHasher,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let hasher = PlainHasher::salted();
        Self { pool: hasher.pool(), hasher }
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

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
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
