//! Valid and invalid policy files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, reason = "test code")]

use std::error::Error;
use std::fs;

use password_reset::hashing::Normalization;
use password_reset::policy::{Blocklist, Rule, RuleKind};
use password_reset::{Languages, NewPassword, PasswordPolicy};
use password_reset_policy::{read_file, read_text, to_json};
use proptest::prelude::*;

fn read(text: &str) -> PasswordPolicy {
    read_text("rules.toml", text).unwrap_or_else(|error| panic!("{error}"))
}

/// Line, column and key of each fault, and the whole text.
fn faults(text: &str) -> (Vec<(usize, usize, Option<String>)>, String) {
    let error = read_text("rules.toml", text).unwrap_err();
    let places = error.faults().iter().map(|fault| (fault.line, fault.column, fault.key.clone())).collect();
    (places, error.to_string())
}

#[test]
fn every_preset_can_be_named() {
    for (name, preset) in [
        ("nist_800_63b", PasswordPolicy::nist_800_63b()),
        ("four_classes", PasswordPolicy::four_classes()),
        ("asvs_5", PasswordPolicy::asvs_5()),
        ("bssn", PasswordPolicy::bssn()),
        ("pci_dss_4", PasswordPolicy::pci_dss_4()),
    ] {
        assert_eq!(read(&format!("preset = \"{name}\"")), preset);
    }
}

#[test]
fn keys_change_add_and_leave_out_rules() {
    let text = r#"
        preset = "four_classes"
        min_length = 10
        symbol = false
        not_earlier = 3
        max_age = 0x5a
        letter = true
        normalization = "as_typed"
        blocklist = ["TokoContoh"]
    "#;
    let expected = PasswordPolicy::four_classes()
        .with(Rule::MinLength(10))
        .without(RuleKind::Symbol)
        .with(Rule::Letter)
        .with(Rule::NotEarlier(3))
        .with(Rule::MaxAge(90))
        .with_normalization(Normalization::AsTyped)
        .with_blocklist(Blocklist::new(["TokoContoh"]));
    assert_eq!(read(text), expected);
}

#[test]
fn a_policy_needs_no_preset() {
    let text = "min_length = 12\nmax_length = 128\nmax_bytes = 512\ndigit = true\n";
    let policy = read(text);
    let rules = [Rule::MinLength(12), Rule::MaxLength(128), Rule::MaxBytes(512), Rule::Digit];
    assert_eq!(policy, PasswordPolicy::from_rules(rules));
    assert_eq!(policy.check(&NewPassword::new("gajah payung kopi"), &[]).codes(), ["needs_digit"]);
}

#[test]
fn all_faults_are_reported_with_line_and_allowed_values() {
    let text = "preset = \"owasp\"\n\nmin_length = 7\nupper = 1\nstrength = \"strong\"\n  max_age = 4_000\n\
                pasword = true\nblocklist = [\"a\", 2]\nnormalization = \"nfkc\"\nnot_earlier = -1\nmax_length = true\n";
    let (places, said) = faults(text);
    let at = |line, column, key: &str| (line, column, Some(key.to_owned()));
    assert_eq!(
        places,
        [
            at(1, 10, "preset"),
            at(3, 14, "min_length"),
            at(4, 9, "upper"),
            at(5, 12, "strength"),
            at(6, 13, "max_age"),
            at(7, 1, "pasword"),
            at(8, 13, "blocklist"),
            at(9, 17, "normalization"),
            at(10, 15, "not_earlier"),
            at(11, 14, "max_length"),
        ]
    );
    for line in [
        "rules.toml, line 1, column 10: preset: must be one of nist_800_63b, four_classes, asvs_5, bssn, pci_dss_4",
        "rules.toml, line 3, column 14: min_length: must be a number from 8 to 4096, or false to disable the rule",
        "rules.toml, line 4, column 9: upper: must be true or false",
        "rules.toml, line 5, column 12: strength: must be a number from 1 to 4, or false to disable the rule",
        "rules.toml, line 6, column 13: max_age: must be a number from 1 to 3650, or false to disable the rule",
        "rules.toml, line 9, column 17: normalization: must be one of nfc, as_typed",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n---\n{said}");
    }
    let unknown = said.lines().find(|line| line.contains("pasword")).unwrap();
    for &kind in RuleKind::ALL {
        assert!(unknown.contains(kind.code()), "{unknown}");
    }
}

#[test]
fn faults_of_the_rules_together_have_a_line() {
    for (text, line, key) in [
        ("preset = \"four_classes\"\nmin_length = 300\n", 2, "min_length"),
        ("# own\npreset = \"four_classes\"\nmax_length = 2000\n", 2, "max_bytes"),
        ("preset = \"four_classes\"\n\nmax_bytes = false", 3, "max_bytes"),
        ("upper = true\n", 1, "min_length"),
        ("\npreset = \"nist_800_63b\"\nnot_common = false\nblocklist = [\"x\"]", 3, "not_common"),
        ("", 1, "min_length"),
    ] {
        let (places, said) = faults(text);
        let [(at, _, of)] = places.as_slice() else { panic!("{said}") };
        assert_eq!((*at, of.as_deref()), (line, Some(key)), "{said}");
        assert_eq!(said.matches(key).count(), 1, "{said}");
    }
}

#[test]
fn invalid_toml_is_reported_with_its_line() {
    for (text, line) in [
        ("preset = \"bssn\"\nmin_length 12\n", 2),
        ("preset = \"bssn\nmin_length = 12\n", 1),
        ("min_length = 12\nmin_length = 13\n", 2),
        ("ä = [1,", 1),
    ] {
        let (places, said) = faults(text);
        assert_eq!(places[0].0, line, "{said}");
        assert!(said.starts_with(&format!("rules.toml, line {line}, column ")), "{said}");
    }
}

#[test]
fn a_file_is_read_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.toml");
    let error = read_file(&path).unwrap_err();
    assert!(error.to_string().starts_with("cannot read ") && error.source().is_some(), "{error}");
    assert!(error.faults().is_empty());
    fs::write(&path, "preset = \"bssn\"\n").unwrap();
    assert_eq!(read_file(&path).unwrap(), PasswordPolicy::bssn());
}

#[test]
fn json_has_every_rule_in_order_with_its_number_and_its_sentence() {
    let policy = PasswordPolicy::pci_dss_4();
    for language in Languages::default().iter() {
        let json = to_json(&policy, language);
        let rules = json["rules"].as_array().unwrap();
        assert_eq!(rules.len(), policy.rules().len());
        for (shown, rule) in rules.iter().zip(policy.rules()) {
            assert_eq!(shown["code"], rule.kind().code());
            assert_eq!(shown.get("value").and_then(|value| value.as_u64()), rule.value().map(u64::from));
            assert_eq!(shown["text"], rule.sentence(language));
        }
        assert_eq!(json["normalization"], "nfc");
        assert_eq!(json["passwordrules"], policy.passwordrules());
    }
}

/// A policy as a file.
fn written(policy: &PasswordPolicy) -> String {
    let lines = policy.rules().iter().map(|rule| match rule.value() {
        Some(value) => format!("{} = {value}\n", rule.kind().code()),
        None => format!("{} = true\n", rule.kind().code()),
    });
    lines.chain([format!("normalization = \"{}\"\n", policy.normalization().code())]).collect()
}

#[test]
fn every_rule_can_be_written_in_a_file() {
    let all = RuleKind::ALL.iter().map(|&kind| Rule::new(kind, kind.range().map(|range| *range.end())).unwrap());
    let policy = PasswordPolicy::from_rules(all);
    assert_eq!(read(&written(&policy)), policy);
}

proptest! {
    #[test]
    fn random_text_does_not_panic(text in "[ -~\\n]{0,200}") {
        if let Err(error) = read_text("rules.toml", &text) {
            prop_assert!(error.faults().iter().all(|fault| fault.line >= 1 && fault.column >= 1));
        }
    }

    #[test]
    fn random_values_do_not_panic(key in 0_usize..20, value in "([0-9-]{1,8}|true|false|\"[a-z_]{0,9}\"|\\[[0-9, ]{0,5}\\]|\\{\\}|[a-zé]{1,4})") {
        let keys: Vec<&str> = ["preset", "normalization", "blocklist", "x"].into_iter().chain(RuleKind::ALL.iter().map(|kind| kind.code())).collect();
        let text = format!("preset = \"bssn\"\n{} = {value}\n", keys[key % keys.len()]);
        let _read = read_text("rules.toml", &text);
    }
}
