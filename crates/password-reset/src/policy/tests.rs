//! The rules, one by one and together.

#![allow(clippy::disallowed_methods, reason = "one test measures how long a check takes")]
#![allow(clippy::arithmetic_side_effects, reason = "test code")]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::texts::Language;

mod settings;
mod words;

fn both(text: &str) -> NewPassword {
    NewPassword::confirmed(text, text)
}

fn nist(text: &str, words: &[&str]) -> Vec<&'static str> {
    PasswordPolicy::nist_800_63b().check(&both(text), words).codes()
}

fn four(text: &str, words: &[&str]) -> Vec<&'static str> {
    PasswordPolicy::four_classes().check(&both(text), words).codes()
}

fn only(rule: Rule) -> PasswordPolicy {
    PasswordPolicy::from_rules([Rule::MaxBytes(1024), rule])
}

fn breaks(rule: Rule, text: &str) -> bool {
    !only(rule).check(&both(text), &[]).is_empty()
}

#[test]
fn all_sixteen_class_combinations_name_exactly_what_is_missing() {
    let parts = [("QZXW", "needs_upper"), ("vkjm", "needs_lower"), ("7302", "needs_digit"), ("#%&~", "needs_symbol")];
    for chosen in 0..16_u8 {
        // Eight letters of a script without case, so that length is never the reason.
        let mut text = "丂丄丅丆丏丒丗丟".to_owned();
        let mut missing = Vec::new();
        for (at, (letters, code)) in parts.iter().enumerate() {
            if chosen & (1 << at) == 0 {
                missing.push(*code);
            } else {
                text.push_str(letters);
            }
        }
        for policy in [PasswordPolicy::four_classes(), PasswordPolicy::bssn()] {
            assert_eq!(policy.check(&both(&text), &[]).codes(), missing, "{text}");
        }
    }
}

#[test]
fn symbols_are_visible_and_neither_letters_nor_digits() {
    for symbol in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~€£°§«»–…✓→🔑😀".chars() {
        assert!(!breaks(Rule::Symbol, &format!("abc{symbol}")), "{symbol}");
        for class in [Rule::Upper, Rule::Digit] {
            assert!(breaks(class, &format!("abc{symbol}")), "{symbol}");
        }
    }
    let none = [
        ' ', '\u{a0}', '\u{3000}', '\t', '\n', '\0', '\u{7f}', '\u{200b}', '\u{200d}', '\u{feff}', '\u{ad}',
        '\u{202e}', '\u{fe0f}', '\u{323}', '\u{20dd}', '\u{e000}', '\u{ffff}', 'a', 'é', 'ß', '中', 'ª', '7', '٧', '²',
        '½', 'Ⅷ',
    ];
    for letter in none {
        assert!(breaks(Rule::Symbol, &format!("abc{letter}")), "{letter:?}");
    }
}

#[test]
fn case_and_digits_are_those_of_unicode() {
    for upper in ["É", "Ж", "Ω", "İ", "Ⅷ"] {
        assert!(!breaks(Rule::Upper, upper) && breaks(Rule::Lower, upper), "{upper}");
    }
    for lower in ["é", "ж", "ω", "ı", "ß"] {
        assert!(!breaks(Rule::Lower, lower) && breaks(Rule::Upper, lower), "{lower}");
    }
    for neither in ["中", "あ", "ا", "1", "!"] {
        assert!(breaks(Rule::Lower, neither) && breaks(Rule::Upper, neither), "{neither}");
    }
    for digit in ["0", "9", "٧", "७", "²"] {
        assert!(!breaks(Rule::Digit, digit), "{digit}");
    }
    assert!(breaks(Rule::Digit, "Ⅷ") && breaks(Rule::Digit, "五"));
}

#[test]
fn length_is_counted_in_code_points_after_normalisation() {
    for (least, rule) in [(15, Rule::MinLength(15)), (8, Rule::MinLength(8))] {
        for letter in ["x", "é", "e\u{301}", "🔑", "中"] {
            assert!(breaks(rule, &letter.repeat(least - 1)), "{letter} {least}");
            assert!(!breaks(rule, &letter.repeat(least)), "{letter} {least}");
        }
    }
    // A family of seven code points is seven, whatever the screen shows.
    assert!(!breaks(Rule::MinLength(8), "👨\u{200d}👩\u{200d}👧\u{200d}👦!"));
    for (most, broken) in [(64, false), (256, false), (257, true)] {
        assert_eq!(breaks(Rule::MaxLength(256), &"x".repeat(most)), broken);
        assert_eq!(breaks(Rule::MaxLength(256), &"e\u{301}".repeat(most)), broken);
    }
    assert!(!breaks(Rule::MaxLength(256), &"🔑".repeat(256)), "256 code points of any script are under the byte cap");
    assert_eq!(only(Rule::Lower).check(&both(&"🔑".repeat(257)), &[]).codes(), ["too_many_bytes"]);
}

#[test]
fn nothing_is_trimmed_cut_or_folded() {
    for text in [
        " spasi di depan dan belakang ",
        "\tkolom demi kolom yang panjang",
        "ﬁle Ａbc ①② panjang sekali",
        "密码🔑 yang panjang",
    ] {
        let new = both(text);
        assert_eq!(new.password().expose(), text);
        assert!(PasswordPolicy::nist_800_63b().check(&new, &[]).is_empty(), "{text}");
    }
    let policy = only(Rule::Confirmed);
    assert!(!policy.check(&NewPassword::confirmed("sandi ", "sandi"), &[]).is_empty());
}

#[test]
fn the_second_entry_must_be_there_and_be_the_same() {
    let policy = only(Rule::Confirmed);
    let codes = |new: &NewPassword| policy.check(new, &[]).codes();
    let two_spellings = NewPassword::confirmed("caf\u{e9}", "cafe\u{301}");
    assert!(codes(&two_spellings).is_empty(), "after normalisation");
    let as_typed = policy.clone().with_normalization(Normalization::AsTyped);
    assert_eq!(as_typed.check(&two_spellings, &[]).codes(), ["not_confirmed"]);
    for new in [
        NewPassword::new("a"),
        NewPassword::confirmed("a", "b"),
        NewPassword::confirmed("a", ""),
        NewPassword::confirmed("a", "A"),
    ] {
        assert_eq!(codes(&new), ["not_confirmed"]);
    }
    assert!(
        only(Rule::Lower).check(&NewPassword::new("a"), &[]).is_empty(),
        "it may be missing where the policy does not ask for it"
    );
}

#[test]
fn the_default_accepts_four_lower_case_words() {
    assert_eq!(PasswordPolicy::default(), PasswordPolicy::nist_800_63b());
    for text in
        ["gajah payung kopi senja", "correct horse battery staple", "kucing-terbang-ke-bulan", "qpwm zvkt lrhs bnxd"]
    {
        assert_eq!(nist(text, &[]), [""; 0], "{text}");
    }
}

#[test]
fn the_default_refuses_values_that_attackers_try_first() {
    for text in [
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "123456789012345678",
        "qwertyuiopasdfghjkl",
        "passwordpassword",
        "abcdefghijklmnopqrstuvwxyz",
    ] {
        let codes = nist(text, &[]);
        assert!(codes.contains(&"too_common") || codes.contains(&"too_weak"), "{text}: {codes:?}");
    }
    assert_eq!(nist("short", &[])[0], "too_short");
}

#[test]
fn four_classes_still_refuse_common_passwords() {
    let refused = "Password1! P@ssw0rd1! P@$$w0rd Qwerty123! Welcome1! !1Password Password2024! Dragon12# Monkey#99 \
                   Iloveyou1! Michael1! Abcdefg1!";
    for text in refused.split(' ') {
        assert_eq!(four(text, &[]), ["too_common"], "{text}");
    }
    for text in ["Xk7#mQ2!v", "Gajah&Payung7", "Tr0ub4dor&Kuda3", "sEnja-k0pi"] {
        assert_eq!(four(text, &[]), [""; 0], "{text}");
    }
}

#[test]
fn the_whole_value_is_compared_not_its_parts() {
    for text in
        ["password", "PASSWORD", "Password", "dragon", "123456", "qwerty", "password1", "17-08-1945", "elephant"]
    {
        assert!(breaks(Rule::NotCommon, text), "{text}");
    }
    for text in ["password gajah", "my dragon flies", "kopi123456senja", "", "x", "ka"] {
        assert!(!breaks(Rule::NotCommon, text), "{text}");
    }
}

#[test]
fn the_most_used_passwords_are_all_refused() {
    // A sample from the head of published lists; each is refused by itself and with the usual ending.
    let most_used = "123456 password 12345678 qwerty 123456789 12345 1234 111111 1234567 dragon 123123 baseball abc123 \
                     football monkey letmein shadow master 696969 mustang 666666 qwertyuiop 123321 superman 1qaz2wsx \
                     7777777 000000 qazwsx 123qwe killer trustno1 sunshine iloveyou princess admin welcome login \
                     starwars passw0rd zaq12wsx";
    for text in most_used.split(' ') {
        assert!(breaks(Rule::NotCommon, text), "{text}");
        assert!(breaks(Rule::NotCommon, &text.to_uppercase()), "{text}");
    }
}

#[test]
fn weakness_comes_with_advice_in_both_languages() {
    let violations = only(Rule::Strength(3)).check(&both("qwertyuiop"), &[]);
    let [violation] = violations.iter().as_slice() else { panic!("{violations:?}") };
    let score = violation.weakness().unwrap().score();
    assert!(score < 3);
    assert_eq!((violation.rule(), violation.params()), (Rule::Strength(3), vec![("score", score.into()), ("min", 3)]));
    let [english, indonesian] =
        [Language::english(), Language::indonesian()].map(|language| violation.advice(&language));
    assert!(english.len() >= 2 && english.len() == indonesian.len(), "{english:?} {indonesian:?}");
    assert!(english.iter().zip(&indonesian).all(|(english, indonesian)| english != indonesian));
}

#[test]
fn a_password_over_the_byte_cap_is_refused_for_that_alone_and_fast() {
    // The worst for each step: marks that would be sorted, look-alikes, one long word.
    let huge = 10 * 1024 * 1024;
    let corpus = ["\u{301}\u{323}", "e\u{301}", "4@8({[<369!1|70$5+%2", "a", "\u{f900}", "각"];
    for unit in corpus {
        let text = unit.repeat(huge / unit.len());
        let started = Instant::now();
        for policy in [PasswordPolicy::nist_800_63b(), PasswordPolicy::four_classes(), PasswordPolicy::from_rules([])] {
            let new = NewPassword::new(text.clone());
            assert_eq!(policy.check(&new, &["budi"]).codes(), ["too_many_bytes"]);
        }
        // Only copying and wiping; even a second is a hundred times what it takes.
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }
}

#[test]
fn normalising_the_longest_text_is_not_quadratic() {
    use crate::identity::password::MAX_TYPED_BYTES;
    for unit in ["\u{301}\u{323}", "e\u{301}", "\u{1d15e}", "\u{1100}\u{1161}\u{11a8}"] {
        let text = unit.repeat(MAX_TYPED_BYTES / unit.len());
        let started = Instant::now();
        let normal = Password::new(text.as_str());
        assert!(normal.expose().len() <= text.len() * 3);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}

#[test]
fn the_most_expensive_passwords_under_the_cap_are_checked_fast() {
    let words = ["budi.santoso@surat.example"; 200];
    for unit in ["4@8({[<369!1|70$5+%2", "(1[7{|<!5+$@", "0123456789", "aA", "password", "\u{301}", "🔑", "ab1", "x!Q7"]
    {
        let text: String = unit.chars().cycle().take(256).collect();
        let started = Instant::now();
        let _violations = PasswordPolicy::nist_800_63b().check(&both(&text), &words);
        // A few milliseconds in an optimised build; zxcvbn alone took a whole second for the first of these.
        assert!(started.elapsed() < Duration::from_secs(1), "{unit}: {:?}", started.elapsed());
    }
}

pub(super) fn every_rule() -> Vec<Rule> {
    let rules = vec![
        Rule::MinLength(15),
        Rule::MaxLength(256),
        Rule::MaxBytes(1024),
        Rule::Upper,
        Rule::Lower,
        Rule::Letter,
        Rule::Digit,
        Rule::Symbol,
        Rule::NotCurrent,
        Rule::NotEarlier(4),
        Rule::NotCommon,
        Rule::NotBreached,
        Rule::NotContext,
        Rule::Strength(3),
        Rule::Confirmed,
        Rule::MaxAge(90),
    ];
    assert_eq!(rules.iter().map(|rule| rule.kind()).collect::<Vec<_>>(), RuleKind::ALL);
    rules
}

/// But for that of strength without advice.
pub(super) fn every_violation() -> Vec<Violation> {
    every_rule().into_iter().filter(|rule| rule.kind().violation_code().is_some()).map(Violation::from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_password_panics_or_appears_in_violations(text in "\\PC{0,300}", word in "\\PC{0,20}") {
        let violations = PasswordPolicy::four_classes().with(Rule::Strength(4)).check(&both(&text), &[&word]);
        let said = format!("{violations:?} {violations}");
        prop_assert!(text.chars().count() < 12 || !said.contains(&text));
    }

    #[test]
    fn every_simple_derivative_of_a_word_is_refused(word in "[a-z]{3,20}", before in "[0-9!#]{0,4}", after in "[0-9!#]{0,4}", upper in any::<u32>(), backwards in any::<bool>()) {
        let derived: String = word.chars().enumerate().map(|(at, letter)| if upper >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter }).collect();
        let derived: String = if backwards { derived.chars().rev().collect() } else { derived };
        let text = format!("{before}{derived}{after}");
        prop_assert_eq!(only(Rule::NotContext).check(&both(&text), &[&word]).codes(), ["too_personal"]);
    }
}
