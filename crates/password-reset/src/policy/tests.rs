//! The rules, one by one and together.

#![allow(clippy::disallowed_methods, reason = "one test measures how long a check takes")]
#![allow(clippy::arithmetic_side_effects, reason = "test code")]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::identity::locale::Locale;

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
    assert!(codes(&NewPassword::confirmed("caf\u{e9}", "cafe\u{301}")).is_empty(), "after normalisation");
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
    let refused = [
        "Password1!",
        "P@ssw0rd1!",
        "P@$$w0rd",
        "Qwerty123!",
        "Welcome1!",
        "!1Password",
        "Password2024!",
        "Dragon12#",
        "Monkey#99",
        "Iloveyou1!",
        "Michael1!",
        "Abcdefg1!",
    ];
    for text in refused {
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
    for text in [
        "123456",
        "password",
        "12345678",
        "qwerty",
        "123456789",
        "12345",
        "1234",
        "111111",
        "1234567",
        "dragon",
        "123123",
        "baseball",
        "abc123",
        "football",
        "monkey",
        "letmein",
        "shadow",
        "master",
        "696969",
        "mustang",
        "666666",
        "qwertyuiop",
        "123321",
        "superman",
        "1qaz2wsx",
        "7777777",
        "000000",
        "qazwsx",
        "123qwe",
        "killer",
        "trustno1",
        "sunshine",
        "iloveyou",
        "princess",
        "admin",
        "welcome",
        "login",
        "starwars",
        "passw0rd",
        "zaq12wsx",
    ] {
        assert!(breaks(Rule::NotCommon, text), "{text}");
        assert!(breaks(Rule::NotCommon, &text.to_uppercase()), "{text}");
    }
}

#[test]
fn an_application_adds_its_own_words() {
    let list = Blocklist::new(["TokoContoh", "bukan rahasia lagi sama sekali", "", "caf\u{e9}-enak"]);
    assert_eq!(list.len(), 3);
    let policy = only(Rule::NotCommon).with_blocklist(list);
    let refused = |text: &str| policy.check(&both(text), &[]).codes() == ["too_common"];
    for text in ["tokocontoh", "TOKOCONTOH", "TokoContoh1!", "Bukan Rahasia Lagi Sama Sekali", "CAFE\u{301}-ENAK"] {
        assert!(refused(text), "{text}");
    }
    for text in ["tokocontohku", "TokoContoh123456", "bukan rahasia lagi", "cafe-enak"] {
        assert!(!refused(text), "{text}");
    }
    let lines = Blocklist::from_lines("satu dua tiga\r\n\nempat lima\n".as_bytes()).unwrap();
    assert_eq!(lines, Blocklist::new(["satu dua tiga", "empat lima"]));
    assert!(Blocklist::from_lines(b"\xff\n".as_slice()).is_err());
    assert_eq!(format!("{lines:?}"), "Blocklist(2 values)");
}

/// People write one number, address or name in several forms, and each is the same word.
#[test]
fn words_are_refused_in_all_forms_that_people_write() {
    let table: [(&str, &[&str]); 8] = [
        (
            "+6281200000003",
            &[
                "081200000003!!!",
                "6281200000003",
                "+6281200000003",
                "81200000003",
                "006281200000003",
                "+62 812 0000 0003",
                "0812-0000-0003!",
                "(0812)00000003",
                "0812.0000.0003",
                "+62(0)81200000003",
                "300000002180",
                "!!081200000003!!",
                "\u{660}\u{668}\u{661}\u{662}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{663}",
            ],
        ),
        ("+12025550123", &["2025550123", "12025550123!", "1-202-555-0123", "(202) 555-0123"]),
        ("+447700900123", &["07700900123", "7700900123", "00447700900123"]),
        ("0812-0000-0003", &["081200000003", "6281200000003"]),
        (
            "budi.santoso+toko@surat.example",
            &[
                "budi.santoso",
                "BudiSantoso1",
                "budi.santoso+toko",
                "santosobudi",
                "bsantoso99",
                "budis2024",
                "surat!!!",
            ],
        ),
        ("Ani Wijaya", &["aniwijaya", "WijayaAni", "ani.wijaya!", "awijaya1", "aniw2024!", "Ani12345", "wijaya#1"]),
        ("Siti Nur Aini", &["sitinuraini", "aininursiti", "sitiaini", "nur12345", "s.aini!"]),
        ("ani_w", &["ani_w2024", "aniw1234", "ani12345!"]),
    ];
    let policy = only(Rule::NotContext);
    for (word, refused) in table {
        for text in refused {
            assert_eq!(policy.check(&both(text), &[word]).codes(), ["too_personal"], "{text} of {word}");
        }
    }
    for (word, taken) in [
        ("+6281200000003", "081200000004!!!"),
        ("+6281200000003", "nomor081200000003"),
        ("12345678", "9945678!"),
        ("budi@id", "id123456"),
        ("Ani Wijaya", "animasiwijaya"),
    ] {
        assert!(policy.check(&both(taken), &[word]).is_empty(), "{taken} of {word}");
    }
}

#[test]
fn words_of_the_account_and_their_derivatives_are_refused() {
    let words = ["budi.santoso", "budi.santoso@surat.example", "Toko Contoh", "+628123456789", "Ani"];
    let refused = [
        "budi.santoso",
        "BudiSantoso",
        "budisantoso1",
        "B.u.d.i santoso",
        "osotnas.idub",
        "OsotnasIdub99!",
        "Bud1.S4nt0so",
        "8ud1s@nt05o!!",
        "budi",
        "Budi17081945",
        "!!budi!!",
        "budibudibudi",
        "santoso#1",
        "budi.santoso@surat.example",
        "surat",
        "TOKO CONTOH",
        "tokocontoh2024",
        "T0k0C0nt0h",
        "628123456789",
        "987654321826",
        "ani",
        "Ani2024!",
        "@n1",
    ];
    let policy = only(Rule::NotContext);
    for text in refused {
        assert_eq!(policy.check(&both(text), &words).codes(), ["too_personal"], "{text}");
    }
    let taken = [
        "",
        "budi pergi ke pasar",
        "santosa",
        "budi123456789",
        "animasi",
        "kopi toko senja",
        "bud",
        "titik",
        "contohlah",
    ];
    for text in taken {
        assert_eq!(policy.check(&both(text), &words).codes(), [""; 0], "{text}");
    }
    assert!(policy.check(&both(""), &["", " ", "..", "a", "é"]).is_empty(), "empty and tiny words are no words");
    assert!(!policy.check(&both("ßtraßeß"), &["ßtraßeß"]).is_empty());
}

#[test]
fn words_count_towards_strength_but_are_not_common() {
    let words = ["zwartkopje"];
    assert_eq!(only(Rule::NotCommon).check(&both("zwartkopje"), &words).codes(), [""; 0]);
    assert_eq!(only(Rule::Strength(3)).check(&both("zwartkopje"), &words).codes(), ["too_weak"]);
}

#[test]
fn weakness_comes_with_advice_in_both_languages() {
    let violations = only(Rule::Strength(3)).check(&both("qwertyuiop"), &[]);
    let [violation @ Violation::TooWeak(weakness)] = violations.iter().as_slice() else { panic!("{violations:?}") };
    assert!(weakness.score() < 3 && weakness.min() == 3);
    let [english, indonesian] = Locale::ALL.map(|locale| violation.advice(locale));
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
    use crate::hashing::password::{MAX_TYPED_BYTES, normalize_password};
    for unit in ["\u{301}\u{323}", "e\u{301}", "\u{1d15e}", "\u{1100}\u{1161}\u{11a8}"] {
        let text = unit.repeat(MAX_TYPED_BYTES / unit.len());
        let started = Instant::now();
        let normal = normalize_password(&text);
        assert!(normal.len() <= text.len() * 3);
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

#[test]
fn presets_are_as_documented_and_valid() {
    let nist = PasswordPolicy::nist_800_63b();
    assert_eq!((nist.min_length(), nist.max_length(), nist.max_bytes()), (Some(15), Some(256), Some(1024)));
    assert!(!nist.refuses_current() && nist.earlier() == 0);
    for class in [RuleKind::Upper, RuleKind::Lower, RuleKind::Digit, RuleKind::Symbol] {
        assert!(!nist.has(class), "R77");
    }
    let four = PasswordPolicy::four_classes();
    assert_eq!((four.min_length(), four.max_length(), four.max_bytes()), (Some(8), Some(256), Some(1024)));
    assert!(four.refuses_current() && four.earlier() == 0 && !four.has(RuleKind::Strength));
    let asvs = PasswordPolicy::asvs_5();
    assert_eq!((asvs.min_length(), asvs.normalization()), (Some(15), Normalization::AsTyped));
    for class in [RuleKind::Upper, RuleKind::Lower, RuleKind::Letter, RuleKind::Digit, RuleKind::Symbol] {
        assert!(!asvs.has(class), "R77");
    }
    assert!(asvs.has(RuleKind::NotBreached) && !asvs.has(RuleKind::Strength) && !asvs.refuses_current());
    assert!(asvs.check(&both("gajah payung kopi senja"), &[]).is_empty());
    let bssn = PasswordPolicy::bssn();
    assert_eq!((bssn.min_length(), bssn.earlier(), bssn.refuses_current()), (Some(8), 1, true));
    let pci = PasswordPolicy::pci_dss_4();
    assert_eq!((pci.min_length(), pci.earlier(), pci.refuses_current()), (Some(12), 4, true));
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

pub(super) fn every_violation() -> Vec<Violation> {
    vec![
        Violation::TooShort { min: 15 },
        Violation::TooLong { max: 256 },
        Violation::TooManyBytes { max: 1024 },
        Violation::NeedsUpper,
        Violation::NeedsLower,
        Violation::NeedsLetter,
        Violation::NeedsDigit,
        Violation::NeedsSymbol,
        Violation::SameAsCurrent,
        Violation::UsedBefore { earlier: 4 },
        Violation::TooCommon,
        Violation::Breached,
        Violation::TooPersonal,
        Violation::TooWeak(Weakness { score: 1, min: 3, warning: None, suggestions: Vec::new() }),
        Violation::NotConfirmed,
    ]
}

#[test]
fn every_sentence_exists_in_both_languages_and_follows_the_password() {
    let sentences: Vec<[String; 2]> = every_rule()
        .into_iter()
        .map(|rule| Locale::ALL.map(|locale| rule.sentence(locale)))
        .chain(every_violation().iter().map(|violation| Locale::ALL.map(|locale| violation.sentence(locale))))
        .chain([Locale::ALL.map(|locale| Rule::NotEarlier(1).sentence(locale))])
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
    assert_eq!(Violation::NeedsSymbol.sentence(Locale::English), "must include a symbol");
    assert_eq!(Violation::NeedsSymbol.sentence(Locale::Indonesian), "harus mengandung simbol");
    assert!(Violation::TooShort { min: 15 }.sentence(Locale::Indonesian).contains("15"));
}

#[test]
fn codes_are_stable_distinct_and_all_that_is_displayed() {
    let all: Violations = every_violation().into_iter().collect();
    let codes = [
        "too_short",
        "too_long",
        "too_many_bytes",
        "needs_upper",
        "needs_lower",
        "needs_letter",
        "needs_digit",
        "needs_symbol",
        "same_as_current",
        "used_before",
        "too_common",
        "breached",
        "too_personal",
        "too_weak",
        "not_confirmed",
    ];
    assert_eq!(all.codes(), codes);
    assert_eq!(RuleKind::ALL.into_iter().filter_map(RuleKind::violation_code).collect::<Vec<_>>(), codes);
    assert_eq!(all.codes().into_iter().collect::<HashSet<_>>().len(), codes.len());
    assert_eq!(all.to_string(), codes.join(", "));
    assert_eq!(Violation::TooShort { min: 15 }.params(), [("min", 15)]);
    assert_eq!(Violation::UsedBefore { earlier: 4 }.params(), [("earlier", 4)]);
    assert!(Violations::default().into_result().is_ok() && all.into_result().is_err());
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
    for kind in RuleKind::ALL {
        let Some(range) = kind.range() else { continue };
        for (number, taken) in [(*range.start(), true), (range.start() - 1, false), (range.end() + 1, false)] {
            let rule = Rule::new(kind, Some(number)).unwrap();
            let policy = PasswordPolicy::four_classes().with(Rule::MaxLength(64)).with(rule);
            assert_eq!(policy.validate().is_ok(), taken, "{rule:?}");
        }
    }
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
