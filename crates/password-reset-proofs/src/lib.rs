//! Searches over the whole of `password-reset`, which are the tests of this crate, and what they share:
//!
//! * `game`: a stranger plays against the owner, and whatever happens the owner can finish.
//! * `two_worlds`: whatever a stranger does, two services that differ in one account alone answer the same.
//! * `table`: every way to prove an account meets every obligation.

use std::sync::Arc;

use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{HashPool, Key, Password, PasswordHash};

/// A small generator (SplitMix64): the same numbers from the same seed on every machine.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Begins with a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw().checked_rem(limit).unwrap_or(0)
    }

    /// One of these.
    ///
    /// # Panics
    /// When there are none.
    #[allow(clippy::expect_used, reason = "a list of choices without any is a mistake in the test")]
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let limit = u64::try_from(from.len()).unwrap_or(u64::MAX);
        let at = usize::try_from(self.below(limit)).unwrap_or(0);
        *from.get(at).expect("there is a choice")
    }

    /// Whether something happens that does so in this many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Random bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, drawn) in chunk.iter_mut().zip(self.draw().to_be_bytes()) {
                *byte = drawn;
            }
        }
    }
}

/// A key that follows from a seed.
///
/// # Panics
/// When the id is no key id.
#[must_use]
#[allow(clippy::expect_used, reason = "a bad key id is a mistake in the test")]
pub fn key(id: &str, seed: u8) -> Key {
    let bytes: Vec<u8> = (0..32).map(|at: u8| seed.wrapping_mul(31).wrapping_add(at)).collect();
    Key::new(id, &bytes).expect("a key")
}

/// A hash without cost and without a salt, so that what happens to one account changes nothing of another's secrets.
#[must_use]
pub fn cheap_hash(password: &str) -> PasswordHash {
    PasswordHash::new(format!("cheap${}", Password::new(password).expose()))
}

/// One thread that makes and compares such hashes.
///
/// # Panics
/// When the thread cannot be started.
#[must_use]
#[allow(clippy::expect_used, reason = "without threads there is no test")]
pub fn cheap_pool() -> HashPool {
    HashPool::new(Arc::new(CheapHasher), HashPoolConfig::default().threads(1)).expect("a thread")
}

#[derive(Debug)]
struct CheapHasher;

struct CheapWorker;

impl PasswordHasher for CheapHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(CheapWorker)
    }
}

impl HashWorker for CheapWorker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(cheap_hash(password.expose()))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let is_same = cheap_hash(password.expose()) == *hash;
        Ok(if is_same { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}
