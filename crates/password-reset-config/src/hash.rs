//! The cost of hashing.

use std::sync::Arc;

use password_reset::HashPool;
use password_reset::hashing::{Argon2Hasher, Argon2Params, HashPoolConfig};

use crate::error::SettingsError;
use crate::reader::Reader;

/// The parameters of Argon2id, and the threads that hash; `password-reset calibrate` finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashSettings {
    /// The parameters.
    pub params: Argon2Params,
    /// The threads; as many as the machine has unless said.
    pub threads: Option<usize>,
}

impl HashSettings {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let default = Argon2Params::DEFAULT;
        let memory = reader.number("hash.memory_kib").unwrap_or(default.memory_kib());
        let passes = reader.number("hash.passes").unwrap_or(default.passes());
        let params = Argon2Params::new(memory, passes, default.lanes());
        let params = reader.checked("hash.memory_kib", params).unwrap_or(default);
        Self { params, threads: reader.number("hash.threads") }
    }

    pub(crate) fn pool(self) -> Result<HashPool, SettingsError> {
        let mut config = HashPoolConfig::default();
        if let Some(threads) = self.threads {
            config = config.threads(threads);
        }
        HashPool::new(Arc::new(Argon2Hasher::new(self.params)), config)
            .map_err(|error| SettingsError::one("hash.threads", error))
    }
}
