//! Hashes that other systems wrote: Django 5, Werkzeug 3 and passlib 1.7 themselves; the others by their documented layout.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use password_reset::hashing::{Argon2Hasher, Argon2Params};
use password_reset::ports::{HashError, PasswordHasher, Verdict};
use password_reset::{Password, PasswordHash};
use password_reset_imported_hashes::{CostBounds, ImportedHashes};

const PASSWORD: &str = "Lembah-Kopi-73";

const IMPORTED: [&str; 30] = [
    // Django
    "pbkdf2_sha256$1000$seasalt2seasalt2seasalt$elaQkQbVMbhpFg6e7cHk9vXT5mLEobNb92+/CXA94WE=",
    "pbkdf2_sha1$1000$seasalt2seasalt2seasalt$GvgJC17eI8mrK+xR/DEqwS7haos=",
    "scrypt$16384$seasalt2seasalt2seasalt$8$5$aovvabZ6993HKagRjbwiWcjO2YhF+Kz1nM7jetKrSO+k5tERcdgBP469MyzIDWMaSIfmYznpPAVyaQnvfxV/0g==",
    "bcrypt_sha256$$2b$04$xNVPARM6eTPbJwq7bfUlkeygKkm9Xvt4MqdUoiqOJ7Xql3PD69T0W",
    "bcrypt$$2b$04$VJmZVT51PveF2Iefws84J.oav3pVgIYtYVQMBH9RKK3aV.3zm./e2",
    "argon2$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0MnNlYXNhbHQ$chiuaoHPBe6EHfcJ81qThV8antbaqz6fCwTr4uP0mRQ",
    // Werkzeug
    "scrypt:1024:8:1$WQkaiph9xAaF4QE3$b84345e09e02062aecef14f0b9e8942601edfd824003e6a9a0876a5c766caabc56b622beed2ddeadba8f513cc65da3c98596a39cb5281e2dda1e747e621d17cd",
    "scrypt:32768:8:1$5cFwQOls4P61otLT$8cd9989b7c1414df5e6d4f79f7b8a764889a5206696fb685c2a9ea820c05db99bb7a42a389861bdf2158dbf965337fb8ad8b2fec6b8cdd5e7845c03aef9e0802",
    "pbkdf2:sha256:1000$lQaTzn7savjFATXQ$6fc25178cf9c007215408a8cfa034d4ee9ff764e8d8b0bb5d5385538fafb9356",
    "pbkdf2:sha1:1000$Ol5HqIqKlvoF2bfg$bc5f1b18b0dcf29d2513d279675ed290944ab6b8",
    "pbkdf2:sha512:1000$SINkqthIYRmpiaQQ$09e0a9c7f14498f7833899a1786860a1feea9f52f752b55247f9f8da3c4bcb2071a3f2eb97d8b93c1ff4e1b3133612076ae4be1fbfb147a0ef1e3d5268b9635b",
    // passlib
    "$pbkdf2-sha256$1000$McY45zzH.D8HYAzBmPOeEw$4s4bmgZujrFYOULZXVt9gsf.6DDSTwBl4MnK0.Vzgik",
    "$pbkdf2-sha512$1000$LqXUOmdszdk7JwSgdG4tZQ$BK101Zi85pvCW5z6wzkEWXvcQH42WQ1VScuuZR8aWb.4eDURGCF1JQZfyPGhU7nNRYRFoZfX5IYiRqHXAB2YeQ",
    "$pbkdf2$1000$vdfae./dmzPmPOecUyoFoA$sv2yhMhLV5nHiJe2tq4ClxODESg",
    "$scrypt$ln=10,r=8,p=1$WCtl7P2/9763du6d8x6D0A$ecdATv01HsoUwci2T/ZPNIn4CIhMbvTnMAz0DHrxdVc",
    "$2a$04$pjCOQoL8X7aBCawlFtHNy.CiLx/iXe1BFaA5WWuSExXCpMwJ8FYK6",
    "$2b$04$iXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u.",
    "$2y$04$MhY6FC618KaLcQPou2PgpuGzRBC6soBtq7hNpkbYk23F/ZoI0E/EC",
    // ASP.NET
    "AAABAgMEBQYHCAkKCwwNDg9DiGZYejBv3Kafl6OQqBnpLZdbi+qtf8cyf7HWgpwkQA==",
    "AQAAAAAAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg9DiGZYejBv3Kafl6OQqBnpLZdbi+qtf8cyf7HWgpwkQA==",
    "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg/AGLwCkL2LKAAgu6mqz3ZFjZWIAtvL1of9cDNnmyztQQ==",
    "AQAAAAIAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg+ZMVvNrXBia/b6Y9AfPYiH4pyi4yXvJK/P6Iuqh+8/rQ==",
    // PHC strings
    "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$ZtZfx2NFNF46Mvd4TSO5yYDrLt23Pg9ue1qwr1DBRxk",
    "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw",
    // Spring
    "{scrypt}$a0801$AAECAwQFBgcICQoLDA0ODw==$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw=",
    "{scrypt@SpringSecurity_v5_8}$a0801$AAECAwQFBgcICQoLDA0ODw==$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw=",
    "{bcrypt}$2a$04$pjCOQoL8X7aBCawlFtHNy.CiLx/iXe1BFaA5WWuSExXCpMwJ8FYK6",
    "{argon2}$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0MnNlYXNhbHQ$chiuaoHPBe6EHfcJ81qThV8antbaqz6fCwTr4uP0mRQ",
    "{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0MnNlYXNhbHQ$chiuaoHPBe6EHfcJ81qThV8antbaqz6fCwTr4uP0mRQ",
    // the other hasher's own
    "$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0MnNlYXNhbHQ$chiuaoHPBe6EHfcJ81qThV8antbaqz6fCwTr4uP0mRQ",
];

fn hasher() -> ImportedHashes {
    let bounds = Argon2Params::new(100 * 1024, 2, 8).unwrap();
    ImportedHashes::new(Argon2Hasher::default().with_bounds(bounds))
}

fn verify(password: &str, hash: &str) -> Result<Verdict, HashError> {
    hasher().worker().verify(&Password::new(password), &PasswordHash::new(hash))
}

#[test]
fn each_systems_hash_verifies_and_is_outdated() {
    for hash in IMPORTED {
        assert_eq!(verify(PASSWORD, hash), Ok(Verdict::Match { outdated: true }), "{hash}");
        assert_eq!(verify("lembah-kopi-73", hash), Ok(Verdict::Mismatch), "{hash}");
    }
}

#[test]
fn new_hashes_are_of_the_other_hasher_and_not_outdated() {
    let mut worker = hasher().worker();
    let password = Password::new(PASSWORD);
    let hash = worker.hash(&password).unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
    assert_eq!(worker.verify(&password, &hash), Ok(Verdict::Match { outdated: false }));
}

/// Where one character of salt, tag or cost is changed, nothing matches.
#[test]
fn a_changed_hash_never_matches() {
    let cheap = CostBounds::default().bcrypt(5).scrypt_kib(2048).pbkdf2(20_000);
    let mut worker = ImportedHashes::new(Argon2Hasher::default()).with_bounds(cheap).worker();
    for hash in IMPORTED.iter().filter(|hash| hash.len() < 140 && !hash.contains("argon2") && !hash.contains("16384")) {
        for at in (0..hash.len()).step_by(7) {
            let other = if hash.as_bytes()[at] == b'7' { "6" } else { "7" };
            let changed = format!("{}{other}{}", &hash[..at], &hash[at + 1..]);
            // The last character of a base64 text can hold bits of no byte; costs above the bounds are refused.
            let answer = worker.verify(&Password::new(PASSWORD), &PasswordHash::new(changed.as_str()));
            let is_free = at + 3 >= hash.len() && !hash.ends_with(|last: char| last.is_ascii_hexdigit());
            assert!(is_free || !matches!(answer, Ok(Verdict::Match { .. })), "{changed}: {answer:?}");
        }
    }
}

#[test]
fn costs_above_the_bounds_run_nothing() {
    let salt_and_tag = "seasalt2seasalt2$elaQkQbVMbhpFg6e7cHk9vXT5mLEobNb92+/CXA94WE=";
    for (hash, is_read) in [
        (format!("pbkdf2_sha256$3000001${salt_and_tag}"), false),
        (format!("pbkdf2_sha256$4294967295${salt_and_tag}"), false),
        // Two blocks of SHA-1 take twice the work.
        (format!("pbkdf2_sha1$1500001${salt_and_tag}"), false),
        ("$2b$15$iXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u.".to_owned(), false),
        ("$2b$31$iXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u.".to_owned(), false),
        // 128 MiB; 64 MiB and 17 passes; 64 MiB in the blocks of the passes.
        ("$scrypt$ln=17,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw".to_owned(), false),
        ("$scrypt$ln=16,r=8,p=17$AAECAwQFBgcICQoLDA0ODw$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw".to_owned(), false),
        (
            "$scrypt$ln=1,r=40000,p=16$AAECAwQFBgcICQoLDA0ODw$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw".to_owned(),
            false,
        ),
        (
            "$argon2id$v=19$m=102401,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0$chiuaoHPBe6EHfcJ81qThV8antbaqz6fCwTr4uP0mRQ"
                .to_owned(),
            false,
        ),
        (
            "argon2$argon2id$v=19$m=102401,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0$chiuaoHPBe6EHfcJ81qThV8antbaqz6fCwTr4uP0mRQ"
                .to_owned(),
            false,
        ),
        ("$scrypt$ln=10,r=8,p=16$AAECAwQFBgcICQoLDA0ODw$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw".to_owned(), true),
    ] {
        let expected = if is_read { Ok(Verdict::Mismatch) } else { Err(HashError::TooCostly) };
        assert_eq!(verify(PASSWORD, &hash), expected, "{hash}");
    }
}

#[test]
fn bounds_are_the_applications() {
    let low = CostBounds::default().bcrypt(3).scrypt_kib(1023).pbkdf2(999);
    let mut worker = ImportedHashes::new(Argon2Hasher::default()).with_bounds(low).worker();
    for hash in IMPORTED.iter().filter(|hash| !hash.contains("argon2") && !hash.starts_with('A')) {
        let answer = worker.verify(&Password::new(PASSWORD), &PasswordHash::new(*hash));
        assert_eq!(answer, Err(HashError::TooCostly), "{hash}");
    }
}

/// As PHP and most others do.
#[test]
fn bcrypt_reads_72_bytes() {
    let of_80 = "$2b$04$Gye8u11Wf68kj99Gs/y6rOrDxUPFmoRPx4Yq5CEq1uWxtEyFoLqoe";
    for (length, expected) in [(71, false), (72, true), (80, true), (90, true)] {
        let verdict = verify(&"a".repeat(length), of_80).unwrap();
        assert_eq!(verdict != Verdict::Mismatch, expected, "{length}");
    }
}

#[test]
fn what_is_no_hash_is_unreadable() {
    let damaged = [
        "",
        "!",
        "*",
        "$",
        "$2",
        "$2b$",
        "$2x$04$iXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u.",
        "$2b$+4$iXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u.",
        "$2b$04$iXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u",
        "$2b$04$éXLZFrm1xHwcH6BoWJmVSebhA8wGxybChVuBmOUdt/i00RjQ4K/u",
        "pbkdf2_sha256$0$salt$elaQkQbVMbhpFg6e7cHk9vXT5mLEobNb92+/CXA94WE=",
        "pbkdf2_sha256$+1000$salt$elaQkQbVMbhpFg6e7cHk9vXT5mLEobNb92+/CXA94WE=",
        "pbkdf2_sha256$1000$salt$",
        "pbkdf2_sha256$1000$salt$YQ==",
        "pbkdf2_sha256$1000$sa$lt$elaQkQbVMbhpFg6e7cHk9vXT5mLEobNb92+/CXA94WE=",
        "scrypt$16383$salt$8$5$aovvabZ6993HKagRjbwiWcjO2YhF+Kz1nM7jetKrSO8=",
        "scrypt$16384$salt$0$5$aovvabZ6993HKagRjbwiWcjO2YhF+Kz1nM7jetKrSO8=",
        "scrypt$16384$salt$8$0$aovvabZ6993HKagRjbwiWcjO2YhF+Kz1nM7jetKrSO8=",
        "scrypt:1024:8:1$salt$abc",
        "scrypt:1024:8:1$salt$zz",
        "pbkdf2:md5:1000$salt$6fc25178cf9c007215408a8cfa034d4e",
        "$pbkdf2-sha256$i=1000,l=31$AAECAwQFBgcICQoLDA0ODw$ZtZfx2NFNF46Mvd4TSO5yYDrLt23Pg9ue1qwr1DBRxk",
        "$scrypt$ln=300,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw",
        "{scrypt}$zz$AAECAwQFBgcICQoLDA0ODw==$HKZLHg6ec91WcM87Iw1wf9pSfaRdHEbRZWmMWAPq8Nw=",
        "{noop}Lembah-Kopi-73",
        "{bcrypt}Lembah-Kopi-73",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "AQAAAAEAACcQAAAA/w",
        "AAAB",
        "A",
    ];
    for hash in damaged {
        assert_eq!(verify(PASSWORD, hash), Err(HashError::Unreadable), "{hash}");
    }
    let long = format!("pbkdf2_sha256$1000${}$elaQkQbVMbhpFg6e7cHk9vXT5mLEobNb92+/CXA94WE=", "s".repeat(2000));
    assert_eq!(verify(PASSWORD, &long), Err(HashError::Unreadable));
}

/// No policy accepts one, and hashing it for nothing would be work that a stranger chooses.
#[test]
fn a_password_that_no_policy_accepts_matches_nothing() {
    for hash in IMPORTED.iter().filter(|hash| !hash.contains("argon2")) {
        assert_eq!(verify(&"a".repeat(16 * 1024 + 1), hash), Ok(Verdict::Mismatch), "{hash}");
    }
}

proptest::proptest! {
    /// Whatever stands in the table, verifying it ends with an answer, and is no match.
    #[test]
    fn any_text_has_an_answer(
        hash in r"(\$2[abxy]\$|\$scrypt\$ln=|\$pbkdf2(-sha(1|256|512))?\$|pbkdf2_sha256\$|scrypt[:$]|pbkdf2:sha1:|\{[a-z]{4,8}\}|A[AQ]AAA)[-a-zA-Z0-9+/=.,:$]{0,90}",
    ) {
        let mut worker = ImportedHashes::new(Argon2Hasher::default())
            .with_bounds(CostBounds::default().bcrypt(5).scrypt_kib(256).pbkdf2(2_000))
            .worker();
        let answer = worker.verify(&Password::new(PASSWORD), &PasswordHash::new(hash));
        let is_match = matches!(answer, Ok(Verdict::Match { .. }));
        proptest::prop_assert!(!is_match, "{answer:?}");
    }
}
