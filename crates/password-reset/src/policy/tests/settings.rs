//! How rules are put together, checked and shown.

use std::collections::HashSet;

use super::super::*;
use super::{both, breaks, every_rule, every_violation, only};
use crate::texts::Language;

#[test]
fn presets_are_as_documented_and_valid() {
    let nist = PasswordPolicy::nist_800_63b();
    assert_eq!((nist.min_length(), nist.max_length(), nist.max_bytes()), (Some(15), Some(256), Some(1024)));
    assert!(!nist.has(RuleKind::NotCurrent) && nist.earlier() == 0);
    for class in [RuleKind::Upper, RuleKind::Lower, RuleKind::Digit, RuleKind::Symbol] {
        assert!(!nist.has(class), "NIST wants no classes");
    }
    let four = PasswordPolicy::four_classes();
    assert_eq!((four.min_length(), four.max_length(), four.max_bytes()), (Some(8), Some(256), Some(1024)));
    assert!(four.has(RuleKind::NotCurrent) && four.earlier() == 0 && !four.has(RuleKind::Strength));
    let asvs = PasswordPolicy::asvs_5();
    assert_eq!((asvs.min_length(), asvs.normalization()), (Some(15), Normalization::AsTyped));
    for class in [RuleKind::Upper, RuleKind::Lower, RuleKind::Letter, RuleKind::Digit, RuleKind::Symbol] {
        assert!(!asvs.has(class), "ASVS wants no classes");
    }
    assert!(asvs.has(RuleKind::NotBreached) && !asvs.has(RuleKind::Strength) && !asvs.has(RuleKind::NotCurrent));
    assert!(asvs.check(&both("gajah payung kopi senja"), &[]).is_empty());
    let bssn = PasswordPolicy::bssn();
    assert_eq!((bssn.min_length(), bssn.earlier(), bssn.has(RuleKind::NotCurrent)), (Some(8), 1, true));
    let pci = PasswordPolicy::pci_dss_4();
    assert_eq!((pci.min_length(), pci.earlier(), pci.has(RuleKind::NotCurrent)), (Some(12), 4, true));
    assert_eq!(pci.check(&both("1234567890 7"), &[]).codes(), ["needs_letter"]);
    for policy in [&nist, &four, &asvs, &bssn, &pci] {
        assert_eq!(policy.validate(), Ok(()));
        assert_eq!((policy.max_length(), policy.max_bytes()), (Some(256), Some(1024)));
        for required in [RuleKind::NotCommon, RuleKind::NotContext, RuleKind::Confirmed] {
            assert!(policy.has(required), "{policy:?}");
        }
    }
    assert_eq!(four.with(Rule::NotEarlier(4)).earlier(), 4);
}

#[test]
fn the_attribute_is_made_from_the_rules() {
    assert_eq!(PasswordPolicy::nist_800_63b().passwordrules(), "minlength: 15; maxlength: 256;");
    let four = PasswordPolicy::four_classes();
    let attribute = four.passwordrules();
    assert_eq!(
        attribute,
        "minlength: 8; maxlength: 256; required: upper; required: lower; required: digit; required: [-~!@#$%^&*_+=.,:;?];"
    );
    let symbols = attribute.split_once('[').unwrap().1.trim_end_matches("];");
    assert!(symbols.chars().all(classes::is_symbol), "the offered symbols are accepted");
}

/// A small reader of the attribute's language: properties, and classes that are names or `[…]`.
fn reads(attribute: &str) -> Vec<(&str, Vec<&str>)> {
    let mut rest = attribute;
    let mut read = Vec::new();
    while let Some((property, after)) = rest.split_once(':') {
        let symbols = after.find('[').filter(|open| after.find(';').is_none_or(|end| *open < end));
        let end = symbols.map_or(Some(0), |_| after.find(']')).unwrap();
        let end = end + after[end..].find(';').unwrap();
        let values: Vec<&str> = match symbols {
            Some(_) => vec![after[..end].trim()],
            None => after[..end].split(',').map(str::trim).collect(),
        };
        read.push((property.trim(), values));
        rest = &after[end + 1..];
    }
    assert!(rest.trim().is_empty(), "{rest}");
    read
}

#[test]
fn passwords_generated_from_the_attribute_are_accepted() {
    let policies = [
        PasswordPolicy::nist_800_63b(),
        PasswordPolicy::four_classes(),
        PasswordPolicy::pci_dss_4(),
        PasswordPolicy::four_classes().without(RuleKind::Upper).without(RuleKind::Lower).with(Rule::Letter),
    ];
    for policy in policies {
        let attribute = policy.passwordrules();
        let mut least = 0;
        let mut made = String::new();
        for (property, values) in reads(&attribute) {
            match (property, values.as_slice()) {
                ("minlength", [number]) => least = number.parse().unwrap(),
                ("maxlength", [number]) => assert!(number.parse::<usize>().unwrap() >= 64),
                ("required", classes) => {
                    // Any one of those named is enough; the last one is the most demanding.
                    made.push(match *classes.last().unwrap() {
                        "upper" => 'Q',
                        "lower" => 'q',
                        "digit" => '7',
                        symbols => {
                            let inner = symbols.strip_prefix("[-").and_then(|text| text.strip_suffix(']')).unwrap();
                            assert!(inner.is_ascii() && !inner.contains(['-', '[', ']', ' ']), "{inner}");
                            inner.chars().last().unwrap()
                        }
                    });
                }
                other => panic!("{other:?}"),
            }
        }
        let filler = "mzvkwpqxjhrgbtnycdfs";
        made.extend(filler.chars().cycle().take(usize::saturating_sub(least, made.chars().count())));
        assert_eq!(policy.check(&both(&made), &[]).codes(), [""; 0], "{made}: {attribute}");
    }
}

#[test]
fn a_letter_is_one_of_any_script() {
    for text in ["12a", "12É", "中12", "ب1"] {
        assert!(!breaks(Rule::Letter, text), "{text}");
    }
    for text in ["12345", "!?", "٧٧", " ", ""] {
        assert!(breaks(Rule::Letter, text), "{text}");
    }
    assert!(only(Rule::Letter).passwordrules().contains("required: lower, upper;"));
}

#[test]
fn a_password_is_valid_for_ever_unless_the_policy_says_otherwise() {
    let set_at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let lasting = [PasswordPolicy::four_classes(), PasswordPolicy::asvs_5(), PasswordPolicy::bssn()];
    for policy in [PasswordPolicy::nist_800_63b()].into_iter().chain(lasting) {
        assert_eq!(policy.valid_until(set_at), None);
    }
    let ninety = PasswordPolicy::four_classes().with(Rule::MaxAge(90));
    assert_eq!(ninety.valid_until(set_at), Some(set_at + TimeDelta::days(90)));
    assert_eq!(ninety.valid_until(DateTime::<Utc>::MAX_UTC), Some(DateTime::<Utc>::MAX_UTC));
    assert!(ninety.check(&both("Xk7#mQ2!v"), &[]).is_empty(), "no new password breaks it");
}

#[test]
fn rules_are_replaced_and_left_out_by_kind() {
    let policy = PasswordPolicy::nist_800_63b().with(Rule::MinLength(20)).without(RuleKind::Confirmed);
    assert_eq!(policy.min_length(), Some(20));
    assert_eq!(policy.validate(), Ok(()));
    assert!(!policy.has(RuleKind::Confirmed));
    assert_eq!(policy.rules().len(), PasswordPolicy::nist_800_63b().rules().len() - 1);
}

#[test]
fn contradictory_and_unsafe_policies_are_refused_by_name() {
    let four = PasswordPolicy::four_classes;
    let twice = PasswordPolicy::from_rules(four().rules().iter().copied().chain([Rule::MinLength(9)]));
    let cases = [
        (twice, RuleKind::MinLength),
        (four().with(Rule::MinLength(7)), RuleKind::MinLength),
        (four().with(Rule::MinLength(257)), RuleKind::MinLength),
        (four().without(RuleKind::MinLength), RuleKind::MinLength),
        (four().with(Rule::MaxLength(63)), RuleKind::MaxLength),
        (four().with(Rule::MaxLength(4097)), RuleKind::MaxLength),
        (four().without(RuleKind::MaxLength), RuleKind::MaxLength),
        (four().with(Rule::MaxBytes(255)), RuleKind::MaxBytes),
        (four().with(Rule::MaxBytes(4097)), RuleKind::MaxBytes),
        (four().without(RuleKind::MaxBytes), RuleKind::MaxBytes),
        (four().with(Rule::NotEarlier(0)), RuleKind::NotEarlier),
        (four().with(Rule::NotEarlier(6)), RuleKind::NotEarlier),
        (four().with(Rule::Strength(0)), RuleKind::Strength),
        (four().with(Rule::Strength(5)), RuleKind::Strength),
        (four().with(Rule::MaxAge(0)), RuleKind::MaxAge),
        (four().with(Rule::MaxAge(3651)), RuleKind::MaxAge),
        (four().without(RuleKind::NotCommon).with_blocklist(Blocklist::new(["x"])), RuleKind::NotCommon),
        (PasswordPolicy::from_rules([]), RuleKind::MinLength),
    ];
    for (policy, rule) in cases {
        let error = policy.validate().unwrap_err();
        assert_eq!(error.rule(), rule, "{error}");
        assert!(error.to_string().contains(rule.code()), "{error}");
    }
}

#[test]
fn every_sentence_exists_in_both_languages_and_follows_the_password() {
    let sentences: Vec<[String; 2]> = every_rule()
        .into_iter()
        .map(|rule| [Language::english(), Language::indonesian()].map(|language| rule.sentence(&language)))
        .chain(every_violation().iter().map(|violation| {
            [Language::english(), Language::indonesian()].map(|language| violation.sentence(&language))
        }))
        .chain([[Language::english(), Language::indonesian()].map(|language| Rule::NotEarlier(1).sentence(&language))])
        .collect();
    for [english, indonesian] in &sentences {
        assert_ne!(english, indonesian);
        for sentence in [english, indonesian] {
            assert!(sentence.chars().next().is_some_and(char::is_lowercase), "{sentence}");
            assert!(!sentence.ends_with(['.', ' ']), "{sentence}");
        }
        // After "Your password" and "Kata sandi Anda".
        assert!(["must ", "is ", "has ", "does "].iter().any(|verb| english.starts_with(verb)), "{english}");
    }
    assert_eq!(Violation::from(Rule::Symbol).sentence(&Language::english()), "must include a symbol");
    assert_eq!(Violation::from(Rule::Symbol).sentence(&Language::indonesian()), "harus mengandung simbol");
    assert!(Violation::from(Rule::MinLength(15)).sentence(&Language::indonesian()).contains("15"));
}

#[test]
fn codes_are_stable_distinct_and_all_that_is_displayed() {
    let all: Violations = every_violation().into_iter().collect();
    let codes = "too_short too_long too_many_bytes needs_upper needs_lower needs_letter needs_digit needs_symbol \
                 same_as_current used_before too_common breached too_personal too_weak not_confirmed";
    let codes: Vec<&str> = codes.split(' ').collect();
    assert_eq!(all.codes(), codes);
    assert_eq!(RuleKind::ALL.iter().copied().filter_map(RuleKind::violation_code).collect::<Vec<_>>(), codes);
    assert_eq!(all.codes().into_iter().collect::<HashSet<_>>().len(), codes.len());
    assert_eq!(all.to_string(), codes.join(", "));
    assert_eq!(Violation::from(Rule::MinLength(15)).params(), [("min", 15)]);
    assert_eq!(Violation::from(Rule::NotEarlier(4)).params(), [("earlier", 4)]);
    assert!(Violations::default().is_empty());
}

#[test]
fn a_rule_is_made_from_its_kind_and_its_number() {
    for rule in every_rule() {
        assert_eq!(Rule::new(rule.kind(), rule.value()), Some(rule));
        assert_eq!(rule.kind().range().is_some(), rule.value().is_some(), "{rule:?}");
        let other = if rule.value().is_some() { None } else { Some(1) };
        assert_eq!(Rule::new(rule.kind(), other), None, "{rule:?}");
    }
    assert_eq!(Rule::new(RuleKind::Strength, Some(256)), None);
}

#[test]
fn validation_uses_the_published_ranges() {
    for &kind in RuleKind::ALL {
        let Some(range) = kind.range() else { continue };
        for (number, taken) in [(*range.start(), true), (range.start() - 1, false), (range.end() + 1, false)] {
            let rule = Rule::new(kind, Some(number)).unwrap();
            let policy = PasswordPolicy::four_classes().with(Rule::MaxLength(64)).with(rule);
            assert_eq!(policy.validate().is_ok(), taken, "{rule:?}");
        }
    }
}
