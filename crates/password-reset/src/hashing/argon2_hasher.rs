//! The default password hasher: Argon2id (RFC 9106) in PHC strings.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Params, Version};
use zeroize::Zeroizing;

use crate::hashing::argon2_function::{Argon2Call, Argon2Function, Argon2Worker, DefaultFunction};
use crate::identity::password::{MAX_TYPED_BYTES, Password};
use crate::identity::password_hash::PasswordHash;
use crate::ports::{HashError, HashWorker, PasswordHasher, RandomSource, SystemRandom, Verdict};
use crate::secret::same;

const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// The least memory, in KiB, that OWASP's Password Storage Cheat Sheet asks for with each number of passes. More passes
/// than in the last row do not allow less memory.
const OWASP_ROWS: [(u32, u32); 5] = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];

/// Memory, passes over it, and lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Argon2Params {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Params {
    /// 19 MiB, 2 passes, 1 lane: OWASP's second row, the least that these crates accept.
    pub const DEFAULT: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// 64 MiB, 3 passes, 4 lanes: the second recommended option of RFC 9106 §4.
    pub const HARDENED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    pub(crate) const MAX: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    /// Makes parameters from the memory in KiB, the number of passes and the number of lanes.
    ///
    /// Lanes are computed one after another, so more lanes do not save time.
    ///
    /// # Errors
    /// [`Argon2ParamsError`] names the parameter that is below OWASP's row for the number of passes (1 pass 46 MiB, 2
    /// passes 19 MiB, 3 passes 12 MiB, 4 passes 9 MiB, 5 or more passes 7 MiB), or above 1 GiB, 16 passes, 16 lanes.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, Argon2ParamsError> {
        let within = |field, value: u32, least, most| {
            if (least..=most).contains(&value) { Ok(()) } else { Err(Argon2ParamsError { field, least, most }) }
        };
        within("passes", passes, 1, Self::MAX.passes)?;
        within("lanes", lanes, 1, Self::MAX.lanes)?;
        let (_, least) = OWASP_ROWS.into_iter().rfind(|(row, _)| passes >= *row).unwrap_or((2, 19_456));
        within("memory_kib", memory_kib, least, Self::MAX.memory_kib)?;
        Ok(Self { memory_kib, passes, lanes })
    }

    /// Memory, in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    fn covers(self, other: &Params) -> bool {
        other.m_cost() <= self.memory_kib && other.t_cost() <= self.passes && other.p_cost() <= self.lanes
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A parameter of Argon2 is too weak or too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argon2: `{field}` is out of range: use {least} to {most}")]
pub struct Argon2ParamsError {
    field: &'static str,
    least: u32,
    most: u32,
}

impl Argon2ParamsError {
    /// The parameter: `memory_kib`, `passes` or `lanes`.
    #[must_use]
    pub const fn field(self) -> &'static str {
        self.field
    }
}

/// Hashes with Argon2id version 19, a random salt of 16 bytes and a tag of 32, written as a PHC string.
///
/// Verifies every variant (`argon2id`, `argon2i`, `argon2d`, versions 16 and 19, other parameters) within the
/// [bounds](Self::with_bounds), and reports hashes that are outdated.
#[derive(Clone, Debug)]
pub struct Argon2Hasher {
    params: Argon2Params,
    bounds: Argon2Params,
    random: Arc<dyn RandomSource>,
    function: Arc<dyn Argon2Function>,
}

impl Argon2Hasher {
    /// Makes new hashes with these parameters.
    #[must_use]
    pub fn new(params: Argon2Params) -> Self {
        let bounds = Argon2Params { memory_kib: 64 * 1024, passes: 10, lanes: 8 };
        Self { params, bounds, random: Arc::new(SystemRandom), function: Arc::new(DefaultFunction) }.with_bounds(bounds)
    }

    /// Sets the highest cost of a stored hash that is verified. The default is 64 MiB, 10 passes, 8 lanes; never less than
    /// the cost of new hashes.
    ///
    /// # Security
    /// An attacker who can write a hash into the account table chooses its cost. A hash above the bound is
    /// [`HashError::TooCostly`] and runs nothing; up to the bound, a worker takes that memory while it verifies.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Argon2Params) -> Self {
        self.bounds = Argon2Params {
            memory_kib: bounds.memory_kib.max(self.params.memory_kib),
            passes: bounds.passes.max(self.params.passes),
            lanes: bounds.lanes.max(self.params.lanes),
        };
        self
    }

    /// Takes salts from another source than the operating system, for tests.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.random = random;
        self
    }

    /// Computes with another implementation of Argon2 than the `argon2` crate.
    #[must_use]
    pub fn with_function(mut self, function: Arc<dyn Argon2Function>) -> Self {
        self.function = function;
        self
    }
}

impl Default for Argon2Hasher {
    /// With [`Argon2Params::DEFAULT`].
    fn default() -> Self {
        Self::new(Argon2Params::DEFAULT)
    }
}

impl PasswordHasher for Argon2Hasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(Worker { function: self.function.worker(), hasher: self.clone() })
    }
}

struct Worker {
    hasher: Argon2Hasher,
    function: Box<dyn Argon2Worker>,
}

impl HashWorker for Worker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        let password = password.expose().as_bytes();
        if password.len() > MAX_TYPED_BYTES {
            return Err(HashError::Failed);
        }
        let Argon2Params { memory_kib, passes, lanes } = self.hasher.params;
        let params = Params::new(memory_kib, passes, lanes, Some(TAG_BYTES)).map_err(|_cannot_be| HashError::Failed)?;
        let written = ParamsString::try_from(&params).map_err(|_cannot_be| HashError::Failed)?;
        let mut salt = [0; SALT_BYTES];
        self.hasher.random.fill(&mut salt).map_err(|_no_random_bytes| HashError::Failed)?;
        let mut tag = Zeroizing::new([0; TAG_BYTES]);
        let call = Argon2Call::new(Algorithm::Argon2id, Version::V0x13, &params, password, &salt);
        self.function.compute(&call, tag.as_mut_slice())?;
        let phc = Phc {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: written,
            salt: Some(Salt::new(&salt).map_err(|_cannot_be| HashError::Failed)?),
            hash: Some(Output::new(tag.as_slice()).map_err(|_cannot_be| HashError::Failed)?),
        };
        Ok(PasswordHash::new(phc.to_string()))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let stored = Stored::read(hash.as_str()).ok_or(HashError::Unreadable)?;
        if !self.hasher.bounds.covers(&stored.params) {
            return Err(HashError::TooCostly);
        }
        let password = password.expose().as_bytes();
        if password.len() > MAX_TYPED_BYTES {
            return Ok(Verdict::Mismatch);
        }
        let outdated = stored.is_outdated(self.hasher.params);
        let mut tag = Zeroizing::new([0; Output::MAX_LENGTH]);
        let tag = tag.get_mut(..stored.tag.len()).ok_or(HashError::Unreadable)?;
        let call = Argon2Call::new(stored.algorithm, stored.version, &stored.params, password, &stored.salt);
        let computed = self.function.compute(&call, tag);
        self.function.shrink(self.hasher.params.memory_kib);
        computed?;
        Ok(if same(tag, stored.tag.as_ref()) { Verdict::Match { outdated } } else { Verdict::Mismatch })
    }
}

/// A stored hash, parsed.
struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    tag: Output,
}

impl Stored {
    fn read(text: &str) -> Option<Self> {
        let phc = Phc::new(text).ok()?;
        let params = Params::try_from(&phc).ok()?;
        // Hashes without a version are from before versions were written (P-H-C/phc-winner-argon2, `decode_string`).
        let version = phc.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?;
        let salt = phc.salt.filter(|salt| salt.len() >= argon2::MIN_SALT_LEN)?;
        Some(Self { algorithm: Algorithm::new(phc.algorithm).ok()?, version, params, salt, tag: phc.hash? })
    }

    fn is_outdated(&self, own: Argon2Params) -> bool {
        self.algorithm != Algorithm::Argon2id
            || self.version != Version::V0x13
            || self.params.m_cost() != own.memory_kib
            || self.params.t_cost() != own.passes
            || self.params.p_cost() != own.lanes
            || !self.params.data().is_empty()
            || !self.params.keyid().is_empty()
            || self.salt.len() < SALT_BYTES
            || self.tag.len() != TAG_BYTES
    }
}

#[cfg(test)]
mod tests;
