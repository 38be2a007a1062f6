//! Argon2, for real.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use proptest::prelude::*;

use super::*;
use crate::error::PortError;

/// The cheapest parameters in OWASP's rows, so that the tests are quick.
fn quick() -> Argon2Hasher {
    Argon2Hasher::new(Argon2Params::new(7168, 5, 1).unwrap())
}

/// Far below any row, for tests of many hashes. The public API refuses such parameters.
fn tiny() -> Argon2Hasher {
    Argon2Hasher::new(Argon2Params { memory_kib: 8, passes: 1, lanes: 1 })
}

fn password(text: &str) -> Password {
    Password::new(text)
}

fn verify(hasher: &Argon2Hasher, typed: &str, hash: &str) -> Result<Verdict, HashError> {
    hasher.worker().verify(&password(typed), &PasswordHash::new(hash))
}

#[test]
fn new_hashes_are_phc_strings_with_the_configured_parameters() {
    for (hasher, start) in [
        (Argon2Hasher::default(), "$argon2id$v=19$m=19456,t=2,p=1$"),
        (Argon2Hasher::new(Argon2Params::HARDENED), "$argon2id$v=19$m=65536,t=3,p=4$"),
    ] {
        let mut worker = hasher.worker();
        let hash = worker.hash(&password("sandi yang cukup panjang")).unwrap();
        assert!(hash.as_str().starts_with(start), "{}", hash.as_str());
        let phc = Phc::new(hash.as_str()).unwrap();
        assert_eq!((phc.salt.unwrap().len(), phc.hash.unwrap().len()), (16, 32));
        let verdict = worker.verify(&password("sandi yang cukup panjang"), &hash);
        assert_eq!(verdict, Ok(Verdict::Match { outdated: false }));
        assert_eq!(worker.verify(&password("sandi yang cukup panjanG"), &hash), Ok(Verdict::Mismatch));
    }
}

#[test]
fn other_implementations_agree() {
    // From the reference implementation's own tests (P-H-C/phc-winner-argon2, `src/test.c`): "password", "somesalt".
    let cases = [
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
        // Version 16, written with its number and, as it was at first, without.
        "$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
    ];
    for hash in cases {
        let right = verify(&quick(), "password", hash);
        assert_eq!(right, Ok(Verdict::Match { outdated: true }), "{hash}");
        assert_eq!(verify(&quick(), "passwore", hash), Ok(Verdict::Mismatch), "{hash}");
    }
}

#[test]
fn every_kind_of_older_hash_verifies_and_is_outdated() {
    let hasher = quick();
    let own = Params::new(7168, 5, 1, Some(32)).unwrap();
    let other = |memory, passes, lanes, tag| Params::new(memory, passes, lanes, Some(tag)).unwrap();
    let salt: [u8; 16] = *b"sixteen bytes...";
    let cases = [
        (Algorithm::Argon2id, Version::V0x13, own.clone(), &salt[..], false),
        (Algorithm::Argon2i, Version::V0x13, own.clone(), &salt[..], true),
        (Algorithm::Argon2d, Version::V0x13, own.clone(), &salt[..], true),
        (Algorithm::Argon2id, Version::V0x10, own.clone(), &salt[..], true),
        (Algorithm::Argon2id, Version::V0x13, own, &salt[..15], true),
        (Algorithm::Argon2id, Version::V0x13, other(8192, 5, 1, 32), &salt[..], true),
        (Algorithm::Argon2id, Version::V0x13, other(7168, 4, 1, 32), &salt[..], true),
        (Algorithm::Argon2id, Version::V0x13, other(7168, 5, 2, 32), &salt[..], true),
        (Algorithm::Argon2id, Version::V0x13, other(7168, 5, 1, 64), &salt[..], true),
    ];
    for (algorithm, version, params, salt, outdated) in cases {
        let mut tag = vec![0; params.output_len().unwrap()];
        let written = ParamsString::try_from(&params).unwrap();
        Argon2::new(algorithm, version, params).hash_password_into(b"sandi", salt, &mut tag).unwrap();
        let phc = Phc {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: written,
            salt: Some(Salt::new(salt).unwrap()),
            hash: Some(Output::new(&tag).unwrap()),
        };
        assert_eq!(verify(&hasher, "sandi", &phc.to_string()), Ok(Verdict::Match { outdated }), "{phc}");
    }
}

#[test]
fn the_whole_password_counts() {
    // Nothing is cut at byte 72 or at a NUL.
    let mut worker = tiny().worker();
    let long = "x".repeat(72);
    for (left, right) in [(format!("{long}a"), format!("{long}b")), ("a\0b".to_owned(), "a\0c".to_owned())] {
        let hash = worker.hash(&password(&left)).unwrap();
        assert!(matches!(worker.verify(&password(&left), &hash), Ok(Verdict::Match { .. })));
        assert_eq!(worker.verify(&password(&right), &hash), Ok(Verdict::Mismatch));
        assert_eq!(worker.verify(&password(&left[..1]), &hash), Ok(Verdict::Mismatch));
    }
    // Spaces stay, and both ways of writing é are one.
    for (left, same) in [(" sandi ", " sandi "), ("caf\u{e9}", "cafe\u{301}"), ("密码🔑", "密码🔑")] {
        let hash = worker.hash(&password(left)).unwrap();
        assert!(matches!(worker.verify(&password(same), &hash), Ok(Verdict::Match { .. })));
    }
    let hash = worker.hash(&password(" sandi ")).unwrap();
    assert_eq!(worker.verify(&password("sandi"), &hash), Ok(Verdict::Mismatch));
}

#[test]
fn ten_thousand_salts_are_all_different() {
    let mut worker = tiny().worker();
    let password = password("sandi");
    let salts: HashSet<_> = (0..10_000)
        .map(|_| Phc::new(worker.hash(&password).unwrap().as_str()).unwrap().salt.unwrap().to_string())
        .collect();
    assert_eq!(salts.len(), 10_000);
}

/// Returns bytes that the test knows, or fails.
#[derive(Debug, Default)]
struct Known(Mutex<Option<u8>>);

impl RandomSource for Known {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        let byte = self.0.lock().unwrap().ok_or_else(|| PortError::transient("no random bytes"))?;
        bytes.fill(byte);
        Ok(())
    }
}

#[test]
fn salts_come_from_the_random_source_alone() {
    let random = Arc::new(Known(Mutex::new(Some(7))));
    let mut worker = tiny().with_random(Arc::<Known>::clone(&random)).worker();
    let hash = worker.hash(&password("sandi")).unwrap();
    assert_eq!(&*Phc::new(hash.as_str()).unwrap().salt.unwrap(), &[7; 16]);
    *random.0.lock().unwrap() = None;
    assert_eq!(worker.hash(&password("sandi")), Err(HashError::Failed));
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let cases = [
        (47_103, 1, 1, "memory_kib"),
        (19_455, 2, 1, "memory_kib"),
        (12_287, 3, 1, "memory_kib"),
        (9_215, 4, 1, "memory_kib"),
        (7_167, 5, 1, "memory_kib"),
        (7_167, 16, 1, "memory_kib"),
        (0, 2, 1, "memory_kib"),
        (1_048_577, 2, 1, "memory_kib"),
        (u32::MAX, 2, 1, "memory_kib"),
        (65_536, 0, 1, "passes"),
        (65_536, 17, 1, "passes"),
        (65_536, 3, 0, "lanes"),
        (65_536, 3, 17, "lanes"),
    ];
    for (memory, passes, lanes, field) in cases {
        let error = Argon2Params::new(memory, passes, lanes).unwrap_err();
        assert_eq!(error.field(), field, "{memory} {passes} {lanes}: {error}");
        assert!(error.to_string().contains(field));
    }
    for (passes, memory) in OWASP_ROWS {
        assert!(Argon2Params::new(memory, passes, 1).is_ok());
    }
    for own in [Argon2Params::DEFAULT, Argon2Params::HARDENED] {
        assert_eq!(Argon2Params::new(own.memory_kib, own.passes, own.lanes), Ok(own));
    }
}

/// Counts the calls that reach the function.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicUsize>);

impl Argon2Function for Counted {
    fn worker(&self) -> Box<dyn Argon2Worker> {
        Box::new(CountedWorker(self.clone(), DefaultFunction.worker()))
    }
}

struct CountedWorker(Counted, Box<dyn Argon2Worker>);

impl Argon2Worker for CountedWorker {
    fn compute(&mut self, call: &Argon2Call<'_>, tag: &mut [u8]) -> Result<(), HashError> {
        self.0.0.fetch_add(1, Ordering::SeqCst);
        self.1.compute(call, tag)
    }

    fn shrink(&mut self, kept_kib: u32) {
        assert_eq!(kept_kib, 19_456, "to the cost of new hashes");
        self.1.shrink(kept_kib);
    }
}

impl Counted {
    fn calls(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[test]
fn the_function_can_be_replaced() {
    let function = Counted::default();
    let hasher = Argon2Hasher::default().with_function(Arc::new(function.clone()));
    let mut worker = hasher.worker();
    let hash = worker.hash(&password("sandi")).unwrap();
    assert_eq!(worker.verify(&password("sandi"), &hash), Ok(Verdict::Match { outdated: false }));
    assert_eq!(function.calls(), 2);
}

#[test]
fn a_stored_hash_that_costs_too_much_runs_nothing() {
    let rest = "$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let function = Counted::default();
    let hasher = Argon2Hasher::default().with_function(Arc::new(function.clone()));
    for params in
        ["m=65537,t=1,p=1", "m=4294967295,t=1,p=1", "m=256,t=11,p=1", "m=256,t=4294967295,p=1", "m=256,t=1,p=9"]
    {
        let hash = format!("$argon2id$v=19${params}{rest}");
        assert_eq!(verify(&hasher, "sandi", &hash), Err(HashError::TooCostly), "{params}");
    }
    assert_eq!(function.calls(), 0);
    // The bound is never below the cost of new hashes, and a wider one admits more.
    let narrow =
        Argon2Hasher::new(Argon2Params::HARDENED).with_bounds(Argon2Params { memory_kib: 8, passes: 1, lanes: 1 });
    let hash = narrow.worker().hash(&password("sandi")).unwrap();
    assert_eq!(verify(&narrow, "sandi", hash.as_str()), Ok(Verdict::Match { outdated: false }));
    assert_eq!(verify(&Argon2Hasher::default(), "sandi", hash.as_str()), Ok(Verdict::Match { outdated: true }));
    let wide = Argon2Hasher::default().with_bounds(Argon2Params::new(65_536, 16, 1).unwrap());
    assert_eq!(verify(&wide, "sandi", &format!("$argon2id$v=19$m=256,t=11,p=1{rest}")), Ok(Verdict::Mismatch));
}

#[test]
fn a_text_beyond_any_policy_costs_no_hash() {
    let function = Counted::default();
    let mut worker = Argon2Hasher::default().with_function(Arc::new(function.clone())).worker();
    let huge = password(&"x".repeat(10 * 1024 * 1024));
    assert_eq!(worker.hash(&huge), Err(HashError::Failed));
    let stored = "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8";
    assert_eq!(worker.verify(&huge, &PasswordHash::new(stored)), Ok(Verdict::Mismatch));
    assert_eq!(function.calls(), 0);
}

const GOOD: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[test]
fn corrupt_and_foreign_hashes_are_unreadable() {
    let corpus = [
        "",
        "$",
        "$$$$$",
        "*",
        "!locked",
        "plain text",
        "\0",
        "$argon2id",
        "$argon2id$",
        "$argon2id$v=19",
        "$argon2id$v=19$m=256,t=2,p=1",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=256,t=2,p=1$$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=18$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=99999999999$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=0,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=4294967295$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=536870913$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=٢٥٦,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1,x=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4=",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$n",
        "$argon2x$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$ärgon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=ü19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHß$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$2b$12$KIXQ3b2E8b9xS1W0aJ6WLuF6w7m3g1x0m9e5h2n8v4c7k1r0t6y2S",
        "$2b$12$ééééééééééééééééééééééééééééééééééééééééééééééééééééé",
        "$2b$é",
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$pbkdf2-sha256$i=600000$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "pbkdf2_sha256$600000$salt$aGFzaA==",
        "{SSHA}aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo",
    ];
    for hash in corpus {
        assert_eq!(verify(&tiny(), "password", hash), Err(HashError::Unreadable), "{hash}");
    }
    for long in ["$".repeat(100_000), format!("{GOOD}{}", "A".repeat(100_000)), "é".repeat(50_000)] {
        assert_eq!(verify(&tiny(), "password", &long), Err(HashError::Unreadable));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_stored_text_panics(text in any::<String>()) {
        let _answer = verify(&tiny(), "password", &text);
    }

    #[test]
    fn no_mangled_hash_panics_or_matches_another_password(
        at in 0..GOOD.len(),
        gone in 0_usize..4,
        put in prop_oneof!["[ -~]{0,4}", "\\PC{0,3}", "\\$[a-z]{1,3}=[0-9]{1,11}"],
    ) {
        let end = at.saturating_add(gone).min(GOOD.len());
        let mangled = format!("{}{put}{}", &GOOD[..at], &GOOD[end..]);
        let answer = verify(&tiny(), "another password", &mangled);
        let matched = matches!(answer, Ok(Verdict::Match { .. }));
        prop_assert!(!matched, "{mangled}");
    }

    #[test]
    fn no_parameters_panic(memory in any::<u32>(), passes in any::<u32>(), lanes in any::<u32>(), version in any::<u32>()) {
        let text = format!("$argon2id$v={version}$m={memory},t={passes},p={lanes}$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
        let _answer = verify(&tiny(), "password", &text);
    }
}
