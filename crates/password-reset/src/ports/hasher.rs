//! Password hashing, as a plain factory of workers.

use std::fmt::Debug;

use crate::account::PasswordHash;
use crate::password::Password;

/// Makes hash workers. The [`HashPool`](crate::HashPool) calls it once for each of its threads.
///
/// Implement it to keep an application's own hashes (bcrypt, scrypt); the default is
/// [`Argon2Hasher`](crate::Argon2Hasher), and [`PepperedHasher`](crate::PepperedHasher) puts a key before any of them.
pub trait PasswordHasher: Debug + Send + Sync + 'static {
    /// Makes a worker with its own memory.
    fn worker(&self) -> Box<dyn HashWorker>;
}

/// Hashes and verifies, one password at a time, on a thread of its own.
pub trait HashWorker: Send {
    /// Makes a new hash with a fresh salt.
    ///
    /// # Errors
    /// When the hash function or the random source fails.
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Compares a password with a stored hash.
    ///
    /// # Errors
    /// When the stored hash cannot be read, or its cost is over the worker's bound. Never panics on any stored text.
    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError>;
}

/// What comparing a password with a stored hash found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is the password.
    Match {
        /// The hash was made with other parameters than new ones are; hash the password again and store it (R95).
        outdated: bool,
    },
    /// It is another password.
    Mismatch,
}

/// A password could not be hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The stored text is no hash that this hasher reads.
    #[error("the stored password hash cannot be read")]
    Unreadable,
    /// The stored hash asks for more memory or time than allowed.
    #[error("the stored password hash costs more than the configured bound")]
    TooCostly,
    /// The stored hash was made with a key that the hasher does not have.
    #[error("the stored password hash was made with a key that is not there")]
    UnknownKey,
    /// The hash function or the random source failed.
    #[error("hashing failed")]
    Failed,
}
