//! Passwords and their hashes: Argon2, the pool of threads that hashes, the pepper.

pub(crate) mod argon2_function;
pub(crate) mod argon2_hasher;
pub(crate) mod calibration;
pub(crate) mod hash_pool;
pub(crate) mod pepper;

pub use self::argon2_function::{Argon2Call, Argon2Function, Argon2Worker};
pub use self::argon2_hasher::{Argon2Hasher, Argon2Params, Argon2ParamsError};
pub use self::calibration::{Calibration, CalibrationError, PoolBounds};
pub use self::hash_pool::{HashPoolConfig, PoolError, PoolSlot, PoolWorker};
pub use self::pepper::PepperedHasher;
pub use crate::identity::password::Normalization;
