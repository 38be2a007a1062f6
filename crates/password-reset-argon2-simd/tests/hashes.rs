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
fn hashes_of_other_variants_and_versions_verify_and_are_outdated() {
    let [_, simd] = hashers();
    // From the reference implementation's own tests (P-H-C/phc-winner-argon2, `src/test.c`): "password", "somesalt".
    for hash in [
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
    ] {
        let verdict = simd.worker().verify(&Password::new("password"), &password_reset::PasswordHash::new(hash));
        assert_eq!(verdict, Ok(Verdict::Match { outdated: true }), "{hash}");
    }
}

#[test]
fn the_chosen_instructions_have_a_name() {
    assert!(!SimdArgon2::new().expect("equal on this machine").instructions().is_empty());
}
