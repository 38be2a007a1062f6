//! The pepper, with a hasher that stores its input.

#![allow(clippy::arithmetic_side_effects, reason = "test code")]

use super::*;

/// Stores its input in plain text.
#[derive(Debug)]
struct Plain;

impl PasswordHasher for Plain {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(Self)
    }
}

impl HashWorker for Plain {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::new(format!("plain${}", password.expose())))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let stored = hash.as_str().strip_prefix("plain$").ok_or(HashError::Unreadable)?;
        Ok(if stored == password.expose() { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}

fn key(id: &str, seed: u8) -> Key {
    let bytes: Vec<u8> = (seed..seed + 32).collect();
    Key::new(id, &bytes).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text)
}

const MATCH: Verdict = Verdict::Match { outdated: false };
const OUTDATED: Verdict = Verdict::Match { outdated: true };

#[test]
fn the_hashed_text_is_keyed_and_the_stored_text_names_the_key() {
    let mut worker = PepperedHasher::new(Plain, key("2026a", 1)).worker();
    let hash = worker.hash(&password("rahasia sekali")).unwrap();
    let inner = hash.as_str().strip_prefix("{pepper:2026a}plain$").unwrap();
    // HMAC-SHA256, computed by its definition, not by the crate under test.
    let mac = {
        use sha2::Digest;
        let pad = |with: u8| -> Vec<u8> {
            let mut block = [0_u8; 64];
            block[..32].copy_from_slice(&(1..33).collect::<Vec<u8>>());
            block.iter().map(|byte| byte ^ with).collect()
        };
        let text = b"password-reset pepper 1\0rahasia sekali";
        let inside = Sha256::digest([pad(0x36).as_slice(), text].concat());
        Sha256::digest([pad(0x5c).as_slice(), inside.as_slice()].concat())
    };
    assert_eq!(inner, STANDARD_NO_PAD.encode(mac));
    assert_eq!(worker.verify(&password("rahasia sekali"), &hash), Ok(MATCH));
    assert_eq!(worker.verify(&password("rahasia sekalI"), &hash), Ok(Verdict::Mismatch));
    let other = PepperedHasher::new(Plain, key("2026a", 2)).worker().hash(&password("rahasia sekali")).unwrap();
    assert_ne!(other, hash, "another key");
}

#[test]
fn after_a_rotation_the_old_key_verifies_and_new_hashes_use_the_new_one() {
    let (text, old) = (password("rahasia sekali"), key("2025", 1));
    let stored = PepperedHasher::new(Plain, old).worker().hash(&text).unwrap();
    let rotated = PepperedHasher::new(Plain, key("2026", 2)).verifying(key("2025", 1)).unwrap();
    let mut worker = rotated.worker();
    assert_eq!(worker.verify(&text, &stored), Ok(OUTDATED));
    assert_eq!(worker.verify(&password("lain"), &stored), Ok(Verdict::Mismatch));
    let renewed = worker.hash(&text).unwrap();
    assert!(renewed.as_str().starts_with("{pepper:2026}"));
    assert_eq!(worker.verify(&text, &renewed), Ok(MATCH));
    let mut later = PepperedHasher::new(Plain, key("2026", 2)).worker();
    assert_eq!(later.verify(&text, &stored), Err(HashError::UnknownKey), "a key dropped too early is reported");
    assert_eq!(later.verify(&text, &renewed), Ok(MATCH));
}

#[test]
fn hashes_from_before_the_pepper_verify_and_are_outdated() {
    let mut worker = PepperedHasher::new(Plain, key("2026", 1)).worker();
    let stored = Plain.hash(&password("rahasia")).unwrap();
    assert_eq!(worker.verify(&password("rahasia"), &stored), Ok(OUTDATED));
    assert_eq!(worker.verify(&password("lain"), &stored), Ok(Verdict::Mismatch));
}

#[test]
fn no_stored_text_panics_or_matches() {
    let mut worker = PepperedHasher::new(Plain, key("2026", 1)).worker();
    for stored in
        ["", "{pepper:", "{pepper:}", "{pepper:2026", "{pepper:2026}", "{pepper:2026}x", "{pepper:é}plain$", "}"]
    {
        let verdict = worker.verify(&password(""), &PasswordHash::new(stored));
        assert!(matches!(verdict, Err(HashError::Unreadable | HashError::UnknownKey)), "{stored}: {verdict:?}");
    }
}

#[test]
fn texts_longer_than_any_password_are_not_hashed_or_compared() {
    let mut worker = PepperedHasher::new(Plain, key("2026", 1)).worker();
    let long = password(&"x".repeat(MAX_TYPED_BYTES + 1));
    assert_eq!(worker.hash(&long), Err(HashError::Failed));
    assert_eq!(worker.verify(&long, &PasswordHash::new("plain$x")), Ok(Verdict::Mismatch));
}

#[test]
fn keys_must_differ_and_debug_does_not_show_them() {
    let one = || PepperedHasher::new(Plain, key("a", 1));
    assert!(matches!(one().verifying(key("a", 2)), Err(KeyError::Twice { .. })));
    assert!(matches!(one().verifying(key("b", 1)), Err(KeyError::Twice { .. })));
    assert!(one().verifying(key("b", 2)).unwrap().verifying(key("b", 3)).is_err());
    // A worker that uses the keys already is no second key.
    let hasher = one();
    let _worker = hasher.worker();
    assert!(hasher.verifying(key("b", 2)).is_ok());
    assert_eq!(format!("{:?}", one()), "PepperedHasher { inner: Plain, key: Key(a, …) }");
}

#[test]
fn argon2_with_a_pepper_verifies_only_with_the_key() {
    let hasher = || PepperedHasher::new(crate::hashing::Argon2Hasher::default(), key("2026", 1));
    let hash = hasher().worker().hash(&password("rahasia sekali")).unwrap();
    assert!(hash.as_str().starts_with("{pepper:2026}$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(hasher().worker().verify(&password("rahasia sekali"), &hash), Ok(MATCH));
    let inner = PasswordHash::new(hash.as_str().strip_prefix("{pepper:2026}").unwrap());
    let alone = crate::hashing::Argon2Hasher::default().worker().verify(&password("rahasia sekali"), &inner);
    assert_eq!(alone, Ok(Verdict::Mismatch), "without the key it is another password");
}
