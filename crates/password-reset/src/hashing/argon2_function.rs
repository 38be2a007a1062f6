//! The Argon2 function itself, apart from PHC strings, bounds and salts.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::ports::HashError;

/// An implementation of the Argon2 function (RFC 9106), for
/// [`Argon2Hasher::with_function`](crate::hashing::Argon2Hasher::with_function).
///
/// The default is the [`argon2`] crate. Everything around the function stays with the hasher: PHC strings, the bounds for
/// stored hashes, salts, the comparison in constant time.
///
/// # Security
/// An implementation that computes another tag locks every user out, or makes hashes that nothing else can verify. Compare
/// it with the [`argon2`] crate before it is used.
pub trait Argon2Function: fmt::Debug + Send + Sync + 'static {
    /// Makes a worker with its own memory. Called once for each thread of the pool.
    fn worker(&self) -> Box<dyn Argon2Worker>;
}

/// Computes Argon2 on one thread, and keeps its memory from call to call.
pub trait Argon2Worker: Send {
    /// Computes the tag into `tag`, whose length is that of the call.
    ///
    /// # Errors
    /// [`HashError::Failed`], when memory is short for example. `tag` is then undefined.
    ///
    /// # Security
    /// Must leave its memory wiped: the first blocks let anyone who reads them test passwords at no cost.
    fn compute(&mut self, call: &Argon2Call<'_>, tag: &mut [u8]) -> Result<(), HashError>;

    /// Gives memory above so many KiB back. A stored hash can ask for more than new hashes do.
    fn shrink(&mut self, kept_kib: u32);
}

/// One call of the function, in the types of the [`argon2`] crate.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Argon2Call<'a> {
    /// `argon2id`, `argon2i` or `argon2d`.
    pub algorithm: Algorithm,
    /// 16 or 19.
    pub version: Version,
    /// Memory, passes, lanes, and associated data ([`Params::data`]), which is nearly always empty.
    pub params: &'a Params,
    /// The password.
    pub password: &'a [u8],
    /// The salt, of 8 bytes or more.
    pub salt: &'a [u8],
}

impl<'a> Argon2Call<'a> {
    /// A call with these inputs.
    #[must_use]
    pub const fn new(
        algorithm: Algorithm,
        version: Version,
        params: &'a Params,
        password: &'a [u8],
        salt: &'a [u8],
    ) -> Self {
        Self { algorithm, version, params, password, salt }
    }
}

impl fmt::Debug for Argon2Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, version, params, .. } = self;
        write!(f, "Argon2Call({algorithm}, {version:?}, {params:?})")
    }
}

/// The [`argon2`] crate.
#[derive(Debug)]
pub(crate) struct DefaultFunction;

impl Argon2Function for DefaultFunction {
    fn worker(&self) -> Box<dyn Argon2Worker> {
        Box::new(DefaultWorker::default())
    }
}

/// Allocates its memory for the first hash and keeps it.
#[derive(Default)]
struct DefaultWorker {
    arena: Vec<Block>,
}

impl Argon2Worker for DefaultWorker {
    fn compute(&mut self, call: &Argon2Call<'_>, tag: &mut [u8]) -> Result<(), HashError> {
        let Argon2Call { algorithm, version, params, password, salt } = *call;
        let blocks = params.block_count();
        let missing = blocks.saturating_sub(self.arena.len());
        self.arena.try_reserve_exact(missing).map_err(|_no_memory| HashError::Failed)?;
        if missing > 0 {
            self.arena.resize(blocks, Block::new());
        }
        let context = Argon2::new(algorithm, version, params.clone());
        let done = context.hash_password_into_with_memory(password, salt, tag, self.arena.as_mut_slice());
        // `Block::zeroize` would write each word alone, which takes half as long again.
        for block in self.arena.iter_mut().take(blocks) {
            *block = Block::new();
        }
        zeroize::optimization_barrier(self.arena.as_slice());
        done.map_err(|_refused| HashError::Failed)
    }

    fn shrink(&mut self, kept_kib: u32) {
        let kept = usize::try_from(kept_kib).unwrap_or(usize::MAX);
        if self.arena.len() > kept {
            self.arena.truncate(kept);
            self.arena.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_keeps_its_memory_wiped_and_gives_back_what_a_stored_hash_took() {
        let mut worker = DefaultWorker::default();
        assert!(worker.arena.is_empty(), "no memory is taken before the first password");
        let is_wiped =
            |worker: &DefaultWorker| worker.arena.iter().all(|block| block.as_ref().iter().all(|word| *word == 0));
        let mut tag = [0; 32];
        let own = Params::new(32, 1, 1, Some(32)).unwrap();
        let call = |params| Argon2Call::new(Algorithm::Argon2id, Version::V0x13, params, b"sandi", b"somesalt");
        assert!(worker.compute(&call(&own), &mut tag).is_ok());
        let first = worker.arena.as_ptr();
        assert!(worker.arena.len() == 32 && is_wiped(&worker));
        assert!(worker.compute(&call(&own), &mut tag).is_ok());
        assert_eq!(worker.arena.as_ptr(), first, "the same memory again");
        let bigger = Params::new(256, 2, 1, Some(32)).unwrap();
        assert!(worker.compute(&call(&bigger), &mut tag).is_ok());
        assert!(worker.arena.len() == 256 && is_wiped(&worker));
        worker.shrink(32);
        assert_eq!((worker.arena.len(), worker.arena.capacity()), (32, 32));
        assert!(is_wiped(&worker));
        assert!(!format!("{:?}", call(&own)).contains("sandi"));
    }
}
