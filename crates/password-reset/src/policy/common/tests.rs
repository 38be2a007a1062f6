//! The second estimate is spared only where it could not find anything.

#![allow(clippy::arithmetic_side_effects, reason = "test code")]

use proptest::prelude::*;

use super::*;

/// Words from the lists of passwords, names and English, short and long, often and seldom used.
const WORDS: &str = "password dragon iloveyou trustno1 1qaz2wsx michael chrysanthemum elephant counterproductive \
                     mississippi thunderbirds administrator qwertyuiop superman constantinople responsibility \
                     assassinations zygote gajah payung senja abc xyzzy love";

const KEY_ROWS: [&str; 7] = [
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qazwsxedcrfvtgb",
    "!qaz@wsx#edc",
    "qwedsazxcvfr",
    "zaq1xsw2cde3vfr4",
];

fn part_of(text: &'static str) -> impl Strategy<Value = String> {
    (0..text.len(), 3..=text.len()).prop_map(move |(from, count)| text.chars().cycle().skip(from).take(count).collect())
}

fn pattern() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(WORDS.split(' ').collect::<Vec<_>>()).prop_map(str::to_owned);
    let keys = proptest::sample::select(KEY_ROWS.as_slice()).prop_flat_map(part_of);
    let sequence = (proptest::char::range('a', 'z'), -5_i32..=5, 3_i32..=26).prop_map(|(first, step, count)| {
        let letter = |at| u32::try_from(first as i32 + step * at).ok().and_then(char::from_u32).unwrap_or('a');
        (0..count).map(letter).collect()
    });
    let repeat = ("[a-z]{1,8}", 2_usize..=8).prop_map(|(base, times)| base.repeat(times));
    prop_oneof![4 => word.clone(), 2 => keys, 1 => sequence, 1 => repeat, 1 => (word.clone(), word).prop_map(|(one, two)| one + &two)]
}

/// How people and attackers vary a pattern: look-alikes, reversed, other case, digits and symbols around it.
fn variant() -> impl Strategy<Value = String> {
    let case = prop_oneof![Just(0_u64), Just(1), Just(u64::MAX), any::<u64>(), any::<u64>()];
    let lookalikes = prop_oneof![2 => Just(0_u64), 1 => any::<u64>()];
    let around = || prop_oneof![Just(String::new()), "[0-9!#$%.-]{0,5}"];
    (pattern(), case, lookalikes, proptest::bool::weighted(0.2), around(), around()).prop_map(
        |(text, case, lookalikes, backwards, before, after)| {
            let letters: Vec<char> = text.chars().collect();
            let varied = letters.iter().enumerate().map(|(at, letter)| {
                let bit = at % 64;
                match letter {
                    'a' if lookalikes >> bit & 1 == 1 => '4',
                    'e' if lookalikes >> bit & 1 == 1 => '3',
                    'i' if lookalikes >> bit & 1 == 1 => '1',
                    'o' if lookalikes >> bit & 1 == 1 => '0',
                    's' if lookalikes >> bit & 1 == 1 => '$',
                    letter if case >> bit & 1 == 1 => letter.to_ascii_uppercase(),
                    letter => *letter,
                }
            });
            let varied: String = if backwards { varied.rev().collect() } else { varied.collect() };
            format!("{before}{varied}{after}")
        },
    )
}

/// Whether a stem that is one pattern was ruled out.
fn misses(password: &str, words: &[&str]) -> bool {
    let whole = strength::estimate(password, words);
    Stem::of(password)
        .is_some_and(|stem| is_one_pattern(&stem.estimate(), &[]) && !stem.can_be_one_pattern(password, &whole))
}

fn needs_second_estimate(password: &str) -> bool {
    let whole = strength::estimate(password, &[]);
    Stem::of(password).is_some_and(|stem| stem.can_be_one_pattern(password, &whole))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_variant_of_a_pattern_is_ruled_out(password in variant(), word in "[a-z]{3,10}") {
        prop_assert!(!misses(&password, &[]), "{password}");
        prop_assert!(!misses(&password, &[&word]), "{password} {word}");
    }

    #[test]
    fn no_text_is_ruled_out_that_one_estimate_more_would_refuse(password in "[ -~]{3,40}") {
        prop_assert!(!misses(&password, &[]), "{password}");
    }
}

#[test]
fn mixed_case_does_not_hide_long_patterns() {
    for stem in [
        "aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "XyzzyqwrxyzzyqwrxyzzyqwR",
        "QwErTyUiOpAsDfGhJkLzXcVbNm",
        "PaSsWoRdpAsSwOrDPASSWORDpassword",
        "CoUnTeRpRoDuCtIvE",
    ] {
        for (before, after) in [("", ""), ("", "2024!"), ("!!", "99#"), ("12345", "")] {
            let password = format!("{before}{stem}{after}");
            assert!(!misses(&password, &[]), "{password}");
        }
    }
}

#[test]
fn passwords_that_the_default_policy_takes_are_estimated_once() {
    for password in [
        "quiet umbrella festival 92",
        "Quiet umbrella festival 92!",
        "gajah payung kopi senja",
        "Gajah-Payung-Kopi-Senja-7",
        "correct horse battery staple!",
        "7vK#pq2Lx9RtmZw4Hn",
        "hXw7vKpq2Lx9RtmZw4Hn",
    ] {
        assert!(!needs_second_estimate(password), "{password}");
    }
}
