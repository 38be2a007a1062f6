//! `argon2-rust` behind the core's [`Argon2Function`].

use argon2_rust::params::{Memory, TagLen};
use argon2_rust::{Algorithm, Argon2, Error, Hasher, Params, Version};
use password_reset::hashing::{Argon2Call, Argon2Function, Argon2Worker};
use password_reset::ports::{HashError, SystemRandom};

use crate::comparison::{self, Mismatch};

/// Argon2 by SIMD instructions, with the `argon2-rust` crate.
///
/// # Security
/// The dependency is young, has not been audited, and consists of unsafe code for the most part; see the crate's
/// documentation before you use it.
#[derive(Clone, Debug)]
pub struct SimdArgon2(());

impl SimdArgon2 {
    /// Compares the implementation with the `argon2` crate on this machine. Takes some milliseconds.
    ///
    /// # Errors
    /// [`Mismatch`] when the two differ in one tag, or the comparison cannot run. Use the default function then.
    pub fn new() -> Result<Self, Mismatch> {
        comparison::compare(&mut SimdWorker::default(), &SystemRandom)?;
        Ok(Self(()))
    }

    /// The instructions that were chosen for this CPU, for a log: `avx512`, `avx2`, `sse2`, `neon` or `scalar`.
    #[must_use]
    pub fn instructions(&self) -> &'static str {
        argon2_rust::detected_backend().name()
    }
}

impl Argon2Function for SimdArgon2 {
    fn worker(&self) -> Box<dyn Argon2Worker> {
        Box::new(SimdWorker::default())
    }
}

/// Keeps its memory from hash to hash; the dependency wipes it after each.
#[derive(Default)]
pub(crate) struct SimdWorker {
    hasher: Option<Hasher>,
}

impl Argon2Worker for SimdWorker {
    fn compute(&mut self, call: &Argon2Call<'_>, tag: &mut [u8]) -> Result<(), HashError> {
        let argon2 = configured(call, tag.len()).map_err(|_out_of_range| HashError::Failed)?;
        let hasher = self.hasher.get_or_insert_with(|| argon2.hasher());
        hasher.set_argon2(argon2);
        let done = hasher.hash_into_with_ad(call.password, call.salt, &[], call.params.data(), tag);
        done.map_err(|_refused| HashError::Failed)
    }

    fn shrink(&mut self, kept_kib: u32) {
        let kept = usize::try_from(kept_kib).unwrap_or(usize::MAX);
        if let Some(hasher) = self.hasher.as_mut().filter(|hasher| hasher.reserved_blocks() > kept) {
            hasher.clear();
        }
    }
}

fn configured(call: &Argon2Call<'_>, tag_bytes: usize) -> Result<Argon2, Error> {
    let algorithm = match call.algorithm {
        argon2::Algorithm::Argon2d => Algorithm::Argon2d,
        argon2::Algorithm::Argon2i => Algorithm::Argon2i,
        argon2::Algorithm::Argon2id => Algorithm::Argon2id,
    };
    let version = match call.version {
        argon2::Version::V0x10 => Version::V0x10,
        argon2::Version::V0x13 => Version::V0x13,
    };
    let params = Params::builder()
        .memory(Memory::kib(u64::from(call.params.m_cost())))
        .passes(call.params.t_cost())
        .lanes(call.params.p_cost())
        .threads(1)
        .tag_len(TagLen::bytes(tag_bytes as u64))
        .build()?;
    Ok(Argon2::new(algorithm, version, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_keeps_its_memory_and_gives_back_what_a_stored_hash_took() {
        let mut worker = SimdWorker::default();
        let mut tag = [0; 32];
        let reserved = |worker: &SimdWorker| worker.hasher.as_ref().map_or(0, Hasher::reserved_blocks);
        for (memory, kept) in [(32, 32), (256, 0), (32, 32)] {
            let params = argon2::Params::new(memory, 1, 1, Some(32)).unwrap();
            let (algorithm, version) = (argon2::Algorithm::Argon2id, argon2::Version::V0x13);
            worker.compute(&Argon2Call::new(algorithm, version, &params, b"sandi", b"somesalt"), &mut tag).unwrap();
            assert!(reserved(&worker) >= memory as usize);
            worker.shrink(32);
            assert_eq!(reserved(&worker), kept);
        }
    }

    #[test]
    fn a_call_out_of_range_fails_and_does_not_panic() {
        let params = argon2::Params::new(32, 1, 1, None).unwrap();
        let (algorithm, version) = (argon2::Algorithm::Argon2id, argon2::Version::V0x13);
        let mut worker = SimdWorker::default();
        let short_salt = Argon2Call::new(algorithm, version, &params, b"sandi", b"salt");
        assert_eq!(worker.compute(&short_salt, &mut [0; 32]), Err(HashError::Failed));
        let no_tag = Argon2Call::new(algorithm, version, &params, b"sandi", b"somesalt");
        assert_eq!(worker.compute(&no_tag, &mut []), Err(HashError::Failed));
    }
}
