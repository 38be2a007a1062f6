//! A password hasher for tests whose subject is not hashing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{HashPool, Password, PasswordHash};

/// Smaller salts are for hashes that a test makes.
const FIRST_SALT: usize = 1_000;

/// A [`PasswordHasher`] without cost, whose hashes show the password. Clones share their counts.
///
/// It is for tests: a default Argon2id takes tens of milliseconds for each password that is set or compared, and much more in a build
/// without optimisation.
///
/// ```
/// use password_reset::Password;
/// use password_reset_testkit::PlainHasher;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let hasher = PlainHasher::salted();
/// let (pool, old) = (hasher.pool(), PlainHasher::hash_of("an old password", 1));
/// pool.verify(&Password::new("an old password"), &old).await?;
/// let new = pool.hash(&Password::new("a new password")).await?;
/// assert_eq!((PlainHasher::password_of(&new), hasher.hashed(), hasher.verified()), (Some("a new password"), 1, 1));
/// # Ok::<(), password_reset::hashing::PoolError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct PlainHasher {
    is_salted: bool,
    hashed: Arc<AtomicUsize>,
    verified: Arc<AtomicUsize>,
}

impl PlainHasher {
    /// With a salt that counts, so that the same password never has the same hash twice, as in production.
    #[must_use]
    pub fn salted() -> Self {
        Self { is_salted: true, hashed: Arc::default(), verified: Arc::default() }
    }

    /// Without a salt: a hash is a function of the password, and [`hash_of`](Self::hash_of) with the salt 0 makes the same.
    #[must_use]
    pub fn unsalted() -> Self {
        Self { is_salted: false, ..Self::salted() }
    }

    /// A hash of a password, for an account of a test. Salts from 1,000 on are the hasher's own.
    #[must_use]
    pub fn hash_of(password: &str, salt: usize) -> PasswordHash {
        hash(&Password::new(password), salt)
    }

    /// The password of a hash of this hasher.
    #[must_use]
    pub fn password_of(hash: &PasswordHash) -> Option<&str> {
        hash.as_str().strip_prefix("plain$")?.split_once('$').map(|(_, password)| password)
    }

    /// How many hashes it made.
    #[must_use]
    pub fn hashed(&self) -> usize {
        self.hashed.load(Ordering::SeqCst)
    }

    /// How many passwords it compared with a hash.
    #[must_use]
    pub fn verified(&self) -> usize {
        self.verified.load(Ordering::SeqCst)
    }

    /// Goes on as after so many hashes and no comparison: a run that is repeated gets the same salts.
    pub fn restart_at(&self, hashed: usize) {
        self.hashed.store(hashed, Ordering::SeqCst);
        self.verified.store(0, Ordering::SeqCst);
    }

    /// A pool of two threads, for [`Builder::hash_pool`](password_reset::Builder::hash_pool).
    ///
    /// # Panics
    /// When the threads cannot be started.
    #[must_use]
    #[allow(clippy::expect_used, reason = "test support: without threads there is no test")]
    pub fn pool(&self) -> HashPool {
        HashPool::new(Arc::new(self.clone()), HashPoolConfig::default().threads(2)).expect("threads")
    }
}

impl PasswordHasher for PlainHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(self.clone())
    }
}

impl HashWorker for PlainHasher {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        let before = self.hashed.fetch_add(1, Ordering::SeqCst);
        Ok(hash(password, if self.is_salted { FIRST_SALT.saturating_add(before) } else { 0 }))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let stored = Self::password_of(hash).ok_or(HashError::Unreadable)?;
        Ok(if stored == password.expose() { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}

fn hash(password: &Password, salt: usize) -> PasswordHash {
    PasswordHash::new(format!("plain${salt}${}", password.expose()))
}
