//! The most used passwords, counted. They are read from the sources of zxcvbn, which knows them in the order in which
//! they are used.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use std::fs;
use std::ops::RangeBounds;
use std::path::PathBuf;
use std::process::Command;

use password_reset::{NewPassword, PasswordPolicy};

/// As many as OWASP ASVS 5.0 asks for (6.2.4).
const MAX_USED: usize = 3_000;

/// Where cargo has put the sources of zxcvbn.
fn sources() -> PathBuf {
    let cargo = Command::new(env!("CARGO"))
        // What other platforms need may never have been downloaded.
        .args(["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", "host-tuple"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata = String::from_utf8(cargo.stdout).unwrap();
    let manifests = metadata.split("\"manifest_path\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let manifest = manifests.map(PathBuf::from).find(|path| {
        let folder = path.parent().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
        folder.is_some_and(|name| name.starts_with("zxcvbn-"))
    });
    manifest.expect("zxcvbn is a dependency").with_file_name("src")
}

/// The first of these lengths, the most used first.
fn most_used(lengths: impl RangeBounds<usize>) -> Vec<String> {
    let source = fs::read_to_string(sources().join("frequency_lists.rs")).unwrap();
    let list = source.split("const PASSWORDS: &str = \"").nth(1).and_then(|rest| rest.split('"').next());
    let fitting = list.expect("the list").split(',').filter(|password| lengths.contains(&password.chars().count()));
    fitting.take(MAX_USED).map(str::to_owned).collect()
}

fn passes(policy: &PasswordPolicy, password: &str) -> bool {
    let violations = policy.check(&NewPassword::confirmed(password, password), &[]);
    !violations.codes().contains(&"too_common")
}

/// All that a length of eight lets through.
#[test]
fn the_three_thousand_most_used_of_eight_characters_and_more_are_refused_as_common() {
    let all = most_used(8..);
    assert_eq!(all.len(), MAX_USED);
    let policy = PasswordPolicy::four_classes();
    let passed: Vec<_> = all.iter().filter(|password| passes(&policy, password)).collect();
    assert!(passed.is_empty(), "{passed:?}");
}

/// Hardly any have fifteen; this is what people make of them then. The first 32 characters are looked at, so of longer ones
/// the half is not the whole any more.
#[test]
fn the_same_twice_are_refused_where_fifteen_characters_are_asked_for() {
    let policy = PasswordPolicy::nist_800_63b();
    let all = most_used(8..=16);
    assert_eq!(all.len(), MAX_USED);
    let passed: Vec<_> = all.iter().filter(|password| passes(&policy, &format!("{password}{password}"))).collect();
    assert!(passed.is_empty(), "{} of {}: {passed:?}", passed.len(), all.len());
}
