//! Passwords and their hashes: Argon2, the pool of threads that hashes, the pepper.

pub(crate) mod argon2_function;
pub(crate) mod argon2_hasher;
pub(crate) mod calibration;
pub(crate) mod hash_pool;
pub(crate) mod password;
pub(crate) mod pepper;
