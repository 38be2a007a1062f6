#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod compute;
mod stored;

use std::sync::Arc;

use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{Password, PasswordHash};

use crate::stored::Stored;

/// Every policy refuses longer passwords, so no hash can be of one.
const MAX_PASSWORD_BYTES: usize = 16 * 1024;

/// The highest cost of an imported hash that is verified.
///
/// # Security
/// An attacker who can write a hash into the user table chooses its cost. A hash above a bound is [`HashError::TooCostly`]
/// and runs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostBounds {
    bcrypt: u32,
    scrypt_kib: u64,
    pbkdf2: u32,
}

impl CostBounds {
    /// Sets the highest cost of bcrypt. The default is 14, about a second.
    #[must_use]
    pub const fn bcrypt(mut self, cost: u32) -> Self {
        self.bcrypt = cost;
        self
    }

    /// Sets the most memory of scrypt, in KiB (`128 × N × r`). The default is 64 MiB. Its passes `p` may be at most 16.
    #[must_use]
    pub const fn scrypt_kib(mut self, kib: u64) -> Self {
        self.scrypt_kib = kib;
        self
    }

    /// Sets the most iterations of PBKDF2, all blocks of its output counted. The default is 3,000,000, about a second.
    #[must_use]
    pub const fn pbkdf2(mut self, iterations: u32) -> Self {
        self.pbkdf2 = iterations;
        self
    }
}

impl Default for CostBounds {
    fn default() -> Self {
        Self { bcrypt: 14, scrypt_kib: 64 * 1024, pbkdf2: 3_000_000 }
    }
}

/// Verifies imported hashes, and leaves new hashes to another hasher.
///
/// Each imported hash that matches is [outdated](Verdict::Match), so that a login writes a new one. A text in none of the
/// [formats](crate#formats) goes to the other hasher, as its own hashes do.
#[derive(Clone, Debug)]
pub struct ImportedHashes {
    inner: Arc<dyn PasswordHasher>,
    bounds: CostBounds,
}

impl ImportedHashes {
    /// Reads imported hashes beside those of another hasher, such as
    /// [`Argon2Hasher`](password_reset::hashing::Argon2Hasher), which makes all new ones.
    #[must_use]
    pub fn new(inner: impl PasswordHasher) -> Self {
        Self { inner: Arc::new(inner), bounds: CostBounds::default() }
    }

    /// Sets the highest cost of an imported hash. Argon2 hashes have the bounds of the other hasher.
    #[must_use]
    pub const fn with_bounds(mut self, bounds: CostBounds) -> Self {
        self.bounds = bounds;
        self
    }
}

impl PasswordHasher for ImportedHashes {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(Worker { inner: self.inner.worker(), bounds: self.bounds })
    }
}

struct Worker {
    inner: Box<dyn HashWorker>,
    bounds: CostBounds,
}

impl HashWorker for Worker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        self.inner.hash(password)
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let typed = password.expose().as_bytes();
        let is_match = match Stored::read(hash.as_str())? {
            Stored::Other => return self.inner.verify(password, hash),
            Stored::Prefixed(text) => self.inner.verify(password, &PasswordHash::new(text))? != Verdict::Mismatch,
            _ if typed.len() > MAX_PASSWORD_BYTES => false,
            Stored::Bcrypt(hash) => compute::bcrypt(typed, &hash, self.bounds.bcrypt)?,
            Stored::Scrypt(hash) => compute::scrypt(typed, &hash, self.bounds.scrypt_kib)?,
            Stored::Pbkdf2(hash) => compute::pbkdf2(typed, &hash, self.bounds.pbkdf2)?,
        };
        Ok(if is_match { Verdict::Match { outdated: true } } else { Verdict::Mismatch })
    }
}
