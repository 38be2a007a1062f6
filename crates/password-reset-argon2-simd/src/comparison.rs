//! The comparison with the `argon2` crate that has to pass before the implementation is used.

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

/// A known answer of the reference implementation.
struct Known {
    algorithm: Algorithm,
    version: Version,
    lanes: u32,
    tag: [u8; 32],
}

/// From the reference implementation's own tests (P-H-C/phc-winner-argon2, `src/test.c`): "password", "somesalt", 256 KiB,
/// 2 passes.
const KNOWN: [Known; 4] = [
    Known {
        algorithm: Algorithm::Argon2id,
        version: Version::V0x13,
        lanes: 1,
        tag: [
            0x9d, 0xfe, 0xb9, 0x10, 0xe8, 0x0b, 0xad, 0x03, 0x11, 0xfe, 0xe2, 0x0f, 0x9c, 0x0e, 0x2b, 0x12, 0xc1, 0x79,
            0x87, 0xb4, 0xca, 0xc9, 0x0c, 0x2e, 0xf5, 0x4d, 0x5b, 0x30, 0x21, 0xc6, 0x8b, 0xfe,
        ],
    },
    Known {
        algorithm: Algorithm::Argon2id,
        version: Version::V0x13,
        lanes: 2,
        tag: [
            0x6d, 0x09, 0x3c, 0x50, 0x1f, 0xd5, 0x99, 0x96, 0x45, 0xe0, 0xea, 0x3b, 0xf6, 0x20, 0xd7, 0xb8, 0xbe, 0x7f,
            0xd2, 0xdb, 0x59, 0xc2, 0x0d, 0x9f, 0xff, 0x95, 0x39, 0xda, 0x2b, 0xf5, 0x70, 0x37,
        ],
    },
    Known {
        algorithm: Algorithm::Argon2i,
        version: Version::V0x13,
        lanes: 1,
        tag: [
            0x89, 0xe9, 0x02, 0x9f, 0x46, 0x37, 0xb2, 0x95, 0xbe, 0xb0, 0x27, 0x05, 0x6a, 0x73, 0x36, 0xc4, 0x14, 0xfa,
            0xdd, 0x43, 0xf6, 0xb2, 0x08, 0x64, 0x52, 0x81, 0xcb, 0x21, 0x4a, 0x56, 0x45, 0x2f,
        ],
    },
    Known {
        algorithm: Algorithm::Argon2i,
        version: Version::V0x10,
        lanes: 1,
        tag: [
            0xfd, 0x4d, 0xd8, 0x3d, 0x76, 0x2c, 0x49, 0xbd, 0xea, 0xf5, 0x7c, 0x47, 0xbd, 0xcd, 0x0c, 0x2f, 0x1b, 0xab,
            0xf8, 0x63, 0xfd, 0xeb, 0x49, 0x0d, 0xf6, 0x3e, 0xde, 0x99, 0x75, 0xfc, 0xcf, 0x06,
        ],
    },
];

/// Known answers first, then random parameters, then those of new hashes.
pub(crate) fn compare(worker: &mut dyn Argon2Worker, random: &dyn RandomSource) -> Result<(), Mismatch> {
    for known in KNOWN {
        let params = Params::new(256, 2, known.lanes, Some(32)).map_err(|_out_of_range| Mismatch::NotCompared)?;
        let call = Argon2Call::new(known.algorithm, known.version, &params, b"password", b"somesalt");
        let mut tag = [0; 32];
        if worker.compute(&call, &mut tag).is_err() || tag != known.tag {
            return Err(Mismatch::KnownAnswer { set: format!("{call:?}") });
        }
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
