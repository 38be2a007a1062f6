//! Password hashing, as a factory of workers.

use std::fmt::Debug;

use crate::identity::password::Password;
use crate::identity::password_hash::PasswordHash;

/// Makes hash workers. The [`HashPool`](crate::HashPool) makes one for each of its threads.
///
/// Implement it to keep an application's own hashes (bcrypt, scrypt). The default is
/// [`Argon2Hasher`](crate::hashing::Argon2Hasher); [`PepperedHasher`](crate::hashing::PepperedHasher) adds a key to any of them.
pub trait PasswordHasher: Debug + Send + Sync + 'static {
    /// Makes a worker with its own memory.
    fn worker(&self) -> Box<dyn HashWorker>;
}

/// Hashes and verifies one password at a time, on one thread of the pool.
pub trait HashWorker: Send {
    /// Makes a new hash with a fresh salt.
    ///
    /// # Errors
    /// When the hash function or the random source fails.
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Compares a password with a stored hash.
    ///
    /// # Errors
    /// When the stored hash cannot be read, or its cost is above the worker's bound. Must not panic on any stored text.
    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError>;
}

/// The outcome of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The password matches.
    Match {
        /// The hash has other parameters than new hashes; hash the password again and store the result.
        outdated: bool,
    },
    /// The password does not match.
    Mismatch,
}

/// A password could not be hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The hasher cannot read the stored text.
    #[error("stored password hash has an unknown format: use a `PasswordHasher` that reads it")]
    Unreadable,
    /// The stored hash asks for more memory or time than allowed.
    #[error("stored password hash exceeds the cost bounds: raise them with `Argon2Hasher::with_bounds`")]
    TooCostly,
    /// The stored hash was made with a key that the hasher does not have.
    #[error("stored password hash needs a pepper key that is not configured: add it with `verifying`")]
    UnknownKey,
    /// The hash function or the random source failed.
    #[error("hashing failed")]
    Failed,
}
