//! Hashes of the SIMD implementation and of the default one are the same.

#![allow(clippy::expect_used, reason = "test code")]

use std::sync::Arc;

use password_reset::Password;
use password_reset::hashing::{Argon2Hasher, Argon2Params};
use password_reset::ports::{PasswordHasher, Verdict};
use password_reset_argon2_simd::SimdArgon2;

fn hashers() -> [Argon2Hasher; 2] {
    let params = Argon2Params::new(7 * 1024, 5, 1).expect("in range");
    let simd = SimdArgon2::new().expect("equal on this machine");
    [Argon2Hasher::new(params), Argon2Hasher::new(params).with_function(Arc::new(simd))]
}

#[test]
fn each_implementation_verifies_hashes_of_the_other() {
    let password = Password::new("gajah payung kopi senja");
    let [default, simd] = hashers();
    for (made_by, read_by) in [(&default, &simd), (&simd, &default), (&simd, &simd)] {
        let hash = made_by.worker().hash(&password).expect("hashed");
        let mut worker = read_by.worker();
        assert_eq!(worker.verify(&password, &hash), Ok(Verdict::Match { outdated: false }));
        assert_eq!(worker.verify(&Password::new("gajah payung kopi"), &hash), Ok(Verdict::Mismatch));
    }
}

#[test]
fn the_chosen_instructions_have_a_name() {
    assert!(!SimdArgon2::new().expect("equal on this machine").instructions().is_empty());
}
