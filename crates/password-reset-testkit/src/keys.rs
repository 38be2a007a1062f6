//! Keys of tests.

use password_reset::{Key, KeyRing};

/// A key that follows from a seed, and so is none to keep anything safe with.
///
/// # Panics
/// When the id is no key id.
#[must_use]
#[allow(clippy::expect_used, reason = "test support: a bad key id is a mistake in the test")]
pub fn key(id: &str, seed: u8) -> Key {
    let bytes: Vec<u8> = (0..32).map(|at: u8| seed.wrapping_mul(31).wrapping_add(at)).collect();
    Key::new(id, &bytes).expect("a key")
}

/// Keys for a service of a test: `k1` of the seed 1, and `counters` of the seed 2.
#[must_use]
pub fn keys() -> KeyRing {
    KeyRing::new(key("k1", 1), key("counters", 2))
}
