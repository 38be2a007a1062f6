//! The report, over all presets and standards.

use std::collections::HashSet;

use password_reset::policy::Rule;

use super::*;

fn codes(policy: &PasswordPolicy, standard: Standard) -> Vec<&'static str> {
    deviations(policy, standard).iter().map(Deviation::code).collect()
}

#[test]
fn the_deviations_of_each_preset_are_these_alone() {
    let presets = [
        PasswordPolicy::nist_800_63b(),
        PasswordPolicy::four_classes(),
        PasswordPolicy::asvs_5(),
        PasswordPolicy::bssn(),
        PasswordPolicy::pci_dss_4(),
    ];
    let expected: [[&[&str]; 4]; 5] = [
        // NIST, ASVS, BSSN, PCI DSS
        [&[], &["normalization", "not_breached"], &["mix", "max_age"], &["letter_and_digit", "history", "max_age"]],
        [
            &["min_length", "composition"],
            &["min_length", "composition", "normalization", "not_breached"],
            &["max_age"],
            &["min_length", "history", "max_age"],
        ],
        [&["normalization"], &[], &["mix", "max_age"], &["letter_and_digit", "history", "max_age"]],
        [
            &["min_length", "composition"],
            &["min_length", "composition", "normalization", "not_breached"],
            &["max_age"],
            &["min_length", "history", "max_age"],
        ],
        [
            &["min_length", "composition", "max_age"],
            &["min_length", "composition", "normalization", "max_age", "not_breached"],
            &[],
            &[],
        ],
    ];
    for (policy, expected) in presets.iter().zip(expected) {
        for (standard, expected) in Standard::ALL.iter().copied().zip(expected) {
            assert_eq!(codes(policy, standard), expected, "{}: {policy:?}", standard.title());
        }
    }
}

#[test]
fn every_wish_is_seen_when_it_is_denied_and_when_it_is_granted() {
    let bare = PasswordPolicy::from_rules([]);
    let all = [Rule::Upper, Rule::Digit, Rule::MaxAge(91), Rule::MaxLength(63), Rule::NotEarlier(3), Rule::NotCurrent];
    let wrong = all.into_iter().fold(bare.clone(), PasswordPolicy::with);
    let report = |policy: &PasswordPolicy, standard| codes(policy, standard);
    assert_eq!(report(&bare, Standard::Nist80063B4), ["min_length", "not_common"]);
    let nist = ["min_length", "max_length", "composition", "max_age", "not_common"];
    assert_eq!(report(&wrong, Standard::Nist80063B4), nist);
    let as_typed = wrong.clone().with_normalization(Normalization::AsTyped);
    assert!(report(&as_typed, Standard::Nist80063B4).contains(&"normalization"));
    let asvs = [
        "min_length",
        "not_common",
        "composition",
        "normalization",
        "max_length",
        "max_age",
        "not_context",
        "not_breached",
    ];
    assert_eq!(report(&wrong, Standard::Asvs5), asvs);
    assert_eq!(report(&bare, Standard::Bssn42021), ["min_length", "mix", "max_age"]);
    assert_eq!(report(&wrong, Standard::PciDss4), ["min_length", "history", "max_age"]);
    let enough =
        [Rule::MinLength(12), Rule::NotEarlier(4), Rule::MaxAge(90)].into_iter().fold(wrong, PasswordPolicy::with);
    assert_eq!(report(&enough, Standard::PciDss4), [""; 0]);
    for (without, code) in [
        (RuleKind::Digit, "letter_and_digit"),
        (RuleKind::Upper, "letter_and_digit"),
        (RuleKind::NotCurrent, "history"),
        (RuleKind::NotEarlier, "history"),
        (RuleKind::MaxAge, "max_age"),
        (RuleKind::MinLength, "min_length"),
    ] {
        assert_eq!(report(&enough.clone().without(without), Standard::PciDss4), [code], "{without:?}");
    }
    assert_eq!(report(&enough.with(Rule::Letter).without(RuleKind::Upper), Standard::PciDss4), [""; 0]);
}

#[test]
fn the_stronger_of_two_clauses_is_reported_once() {
    for (least, weight) in [(7, Weight::Required), (8, Weight::Recommended), (14, Weight::Recommended)] {
        let report = deviations(&PasswordPolicy::asvs_5().with(Rule::MinLength(least)), Standard::Asvs5);
        let [deviation] = report.as_slice() else { panic!("{report:?}") };
        assert_eq!((deviation.code(), deviation.section(), deviation.weight()), ("min_length", "6.2.1", weight));
    }
}

#[test]
fn a_report_has_texts_in_both_languages() {
    let mut seen = HashSet::new();
    let policies = [
        PasswordPolicy::from_rules([]),
        PasswordPolicy::from_rules([Rule::MaxLength(63), Rule::MaxAge(400), Rule::Upper, Rule::Lower]),
        PasswordPolicy::from_rules([Rule::NotCurrent, Rule::MinLength(3), Rule::Letter, Rule::Digit, Rule::Symbol]),
        PasswordPolicy::from_rules([Rule::NotCurrent, Rule::NotEarlier(2)]),
        PasswordPolicy::from_rules([Rule::NotEarlier(4)]).with_normalization(Normalization::AsTyped),
    ];
    for policy in &policies {
        for &standard in Standard::ALL {
            for deviation in deviations(policy, standard) {
                assert_eq!(deviation.standard(), standard);
                for say in [Deviation::asks, Deviation::has] {
                    let [english, indonesian] =
                        [Language::english(), Language::indonesian()].map(|language| say(&deviation, &language));
                    assert_ne!(english, indonesian);
                    for sentence in [&english, &indonesian] {
                        assert!(sentence.chars().next().is_some_and(char::is_lowercase), "{sentence}");
                        assert!(!sentence.ends_with(['.', ' ']) && !sentence.contains("  "), "{sentence}");
                    }
                    seen.insert(english);
                }
            }
        }
    }
    for said in [
        "asks for at least 12 characters",
        "the policy requires 3",
        "the policy has no such rule",
        "the policy requires an uppercase letter, a lowercase letter",
        "the policy refuses only the current password and 2 before it",
        "the policy refuses the 4 before the current one, but not the current one",
        "the policy takes them as they were typed",
        "the policy requires a change after 400 days",
        "the policy allows 63",
    ] {
        assert!(seen.contains(said), "{said}: {seen:#?}");
    }
}

#[test]
fn standards_have_names_that_differ() {
    let titles: HashSet<&str> = Standard::ALL.iter().copied().map(Standard::title).collect();
    assert_eq!(titles.len(), Standard::ALL.len());
}

#[test]
fn the_preset_for_public_bodies_conforms_once_an_age_is_set() {
    let policy = PasswordPolicy::bssn().with(Rule::MinLength(12)).with(Rule::MaxAge(180));
    assert_eq!(codes(&policy, Standard::Bssn42021), [""; 0]);
}
