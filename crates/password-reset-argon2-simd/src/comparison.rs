//! The comparison with the `argon2` crate that has to pass before the implementation is used.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, AssociatedData, Params, ParamsBuilder, Version};
use password_reset::hashing::{Argon2Call, Argon2Worker};
use password_reset::ports::RandomSource;

/// How many random sets of parameters are compared at the start.
const RANDOM_SETS: usize = 48;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Argon2id, Algorithm::Argon2i, Algorithm::Argon2d];
const VERSIONS: [Version; 2] = [Version::V0x13, Version::V0x10];

/// The implementation and the `argon2` crate differ, or could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// A known answer of the reference implementation was missed.
    #[error("the SIMD implementation of Argon2 misses a known answer ({set}): use the default one")]
    KnownAnswer {
        /// The parameters.
        set: String,
    },
    /// A tag differs from that of the `argon2` crate.
    #[error("the SIMD implementation of Argon2 differs from the argon2 crate ({set}): use the default one")]
    Differs {
        /// The parameters. The password was a random one, and is not in them.
        set: String,
    },
    /// The comparison could not run: no random bytes, or no memory.
    #[error("the SIMD implementation of Argon2 could not be compared with the argon2 crate")]
    NotCompared,
}

/// Known answers of the reference implementation, from its own tests (P-H-C/phc-winner-argon2, `src/test.c`), for "password".
const KNOWN: [&str; 4] = [
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    "$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
];

/// Known answers first, then random parameters, then those of new hashes.
pub(crate) fn compare(worker: &mut dyn Argon2Worker, random: &dyn RandomSource) -> Result<(), Mismatch> {
    for known in KNOWN {
        compare_known(worker, known)?;
    }
    for _ in 0..RANDOM_SETS {
        let mut bytes = [0; Set::BYTES];
        random.fill(&mut bytes).map_err(|_no_random_bytes| Mismatch::NotCompared)?;
        Set::from(&bytes).ok_or(Mismatch::NotCompared)?.compare(worker)?;
    }
    let new_hashes = Params::new(19 * 1024, 2, 1, Some(32)).map_err(|_out_of_range| Mismatch::NotCompared)?;
    let call = Argon2Call::new(Algorithm::Argon2id, Version::V0x13, &new_hashes, b"a password", &[7; 16]);
    compare_call(worker, &call, 32)
}

fn compare_known(worker: &mut dyn Argon2Worker, known: &str) -> Result<(), Mismatch> {
    let read = || {
        let phc = Phc::new(known).ok()?;
        let (algorithm, version) = (Algorithm::new(phc.algorithm).ok()?, Version::try_from(phc.version?).ok()?);
        Some((algorithm, version, Params::try_from(&phc).ok()?, phc.salt?, phc.hash?))
    };
    let (algorithm, version, params, salt, expected) = read().ok_or(Mismatch::NotCompared)?;
    let call = Argon2Call::new(algorithm, version, &params, b"password", &salt);
    let mut tag = vec![0; expected.len()];
    if worker.compute(&call, &mut tag).is_err() || tag != expected.as_bytes() {
        return Err(Mismatch::KnownAnswer { set: format!("{call:?}") });
    }
    Ok(())
}

/// Inputs of one comparison, made from random bytes.
#[derive(Debug)]
struct Set {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    password: Vec<u8>,
    salt: Vec<u8>,
    tag_bytes: usize,
}

impl Set {
    const BYTES: usize = 256;

    /// 8 to 519 KiB, 1 to 4 passes and lanes, tags of 4 to 103 bytes, salts of 8 to 63, passwords of up to 127.
    fn from(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let [algorithm, version, memory, memory_too, passes, lanes, tag, salt, password, data, material @ ..] = bytes;
        let lanes = u32::from(lanes % 4).saturating_add(1);
        let memory =
            u32::from(u16::from_le_bytes([*memory, *memory_too]) % 488).saturating_add(lanes.saturating_mul(8));
        let tag_bytes = usize::from(tag % 100).saturating_add(4);
        let mut params = ParamsBuilder::new();
        params.m_cost(memory).t_cost(u32::from(passes % 4).saturating_add(1)).p_cost(lanes).output_len(tag_bytes);
        let (salt, rest) = material.split_at_checked(usize::from(salt % 56).saturating_add(8))?;
        let (password, rest) = rest.split_at_checked(usize::from(password % 128))?;
        let data = AssociatedData::new(rest.get(..usize::from(data % 33))?).ok()?;
        Some(Self {
            algorithm: *ALGORITHMS.get(usize::from(algorithm % 3))?,
            version: *VERSIONS.get(usize::from(version % 2))?,
            params: params.data(data).build().ok()?,
            password: password.to_owned(),
            salt: salt.to_owned(),
            tag_bytes,
        })
    }

    fn compare(&self, worker: &mut dyn Argon2Worker) -> Result<(), Mismatch> {
        let call = Argon2Call::new(self.algorithm, self.version, &self.params, &self.password, &self.salt);
        compare_call(worker, &call, self.tag_bytes)
    }
}

fn compare_call(worker: &mut dyn Argon2Worker, call: &Argon2Call<'_>, tag_bytes: usize) -> Result<(), Mismatch> {
    let (mut tag, mut expected) = (vec![0; tag_bytes], vec![0; tag_bytes]);
    Argon2::new(call.algorithm, call.version, call.params.clone())
        .hash_password_into(call.password, call.salt, &mut expected)
        .map_err(|_refused| Mismatch::NotCompared)?;
    if worker.compute(call, &mut tag).is_err() || tag != expected {
        return Err(Mismatch::Differs { set: format!("{call:?}") });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
