//! What comes instead of a secret, and what a key ring refuses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "test code")]

use password_reset::KeyRing;
use password_reset::secret::{CancelToken, Code, GrantToken, KeyError, LinkToken, LockToken, RequesterToken};
use proptest::prelude::*;

/// Reads a text as each kind of long secret, and says what it writes back; `None` where it is refused.
fn read_back(text: &str) -> [Option<String>; 4] {
    [
        LinkToken::parse(text).ok().map(|token| token.expose().to_owned()),
        RequesterToken::parse(text).ok().map(|token| token.expose().to_owned()),
        CancelToken::parse(text).ok().map(|token| token.expose().to_owned()),
        GrantToken::parse(text).ok().map(|token| token.expose().to_owned()),
    ]
}

fn is_refused(text: &str) -> bool {
    read_back(text).iter().all(Option::is_none)
}

const SHORT: usize = 64;
const LONG: usize = 75;

#[test]
fn what_is_no_secret_is_refused() {
    let corpus = [
        "",
        " ",
        "\t\n",
        "\0",
        "null",
        "undefined",
        "0",
        "true",
        "[]",
        "{}",
        "'",
        "' OR '1'='1",
        "%00",
        "Array",
        "a,b",
        "AAAA",
        "====",
        "💥",
    ];
    for text in corpus {
        assert!(is_refused(text), "{text:?}");
        assert!(Code::parse(text).is_err(), "{text:?}");
    }
    for length in [SHORT, LONG] {
        let good = "A".repeat(length);
        assert!(!is_refused(&good));
        for bad in [
            "A".repeat(length - 1),
            "A".repeat(length + 1),
            format!("{good}="),
            format!("{good}=="),
            format!("{good}{good}"),
            format!(" {}", &good[1..]),
            format!("{} ", &good[1..]),
            format!("{}\0", &good[1..]),
            format!("\0{}", &good[1..]),
            format!("{}\n", &good[1..]),
            format!("{}+", &good[1..]),
            format!("{}/", &good[1..]),
            format!("{}=", &good[1..]),
            format!("{}é", &good[2..]),
            format!("{}Ａ", &good[3..]),
            "١".repeat(length / 2),
            " ".repeat(length),
            "\0".repeat(length),
        ] {
            assert!(is_refused(&bad), "{bad:?}");
        }
    }
    // Length is looked at before anything is decoded.
    assert!(is_refused(&"A".repeat(10 * 1024 * 1024)));
    assert!(Code::parse(&"1".repeat(10 * 1024 * 1024)).is_err());
}

#[test]
fn bits_left_over_at_the_end_are_refused() {
    // 56 bytes are 74.7 characters: the last has two bits to spare, and only zeros are right there.
    let head = "A".repeat(LONG - 1);
    for last in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']) {
        let taken = GrantToken::parse(&format!("{head}{last}")).is_ok();
        let spare_bits_zero = "AEIMQUYcgkosw048".contains(last);
        assert_eq!(taken, spare_bits_zero, "{last}");
    }
}

/// What turns a text into a link leaves `-` and `_` out at the end.
#[test]
fn a_secret_of_a_link_ends_in_a_letter_or_digit() {
    let head = "A".repeat(SHORT - 1);
    for last in (' '..='~').chain(['é']) {
        let [link, requester, cancel, _grant] = read_back(&format!("{head}{last}"));
        let lock = LockToken::parse(&format!("{head}{last}")).ok().map(|token| token.expose().to_owned());
        for read in [link, requester, cancel, lock] {
            assert_eq!(read.is_some(), last.is_ascii_alphanumeric(), "{last}");
        }
    }
    assert_eq!([LinkToken::LENGTH, CancelToken::LENGTH, LockToken::LENGTH], [SHORT; 3]);
}

#[test]
fn a_grant_of_no_time_at_all_is_refused() {
    // Its expiry stands in bytes 16 to 23; all ones after a sign bit is no time that there is.
    let mut bytes = [0_u8; 56];
    bytes[16] = 0x7f;
    for byte in &mut bytes[17..24] {
        *byte = 0xff;
    }
    use base64::Engine;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(text.len(), LONG);
    assert!(GrantToken::parse(&text).is_err());
}

#[test]
fn codes_are_read_as_people_type_them() {
    for typed in [
        "00004217",
        " 0000 4217 ",
        "0000-4217",
        "0\u{a0}0 0-0 4217\r\n",
        "\t00004217",
        "0000.4217",
        "0000_4217",
        "00004217.",
        "\"0000 4217\"",
        "(00004217)",
        "*0000 4217*",
        "«00004217»",
        "#00004217",
        "00004217\0",
        "\u{200b}00004217",
        "\u{202a}0000\u{2011}4217\u{202c}",
        "\u{2066}0000\u{202f}4217\u{2069}\u{feff}",
        "0000\u{2013}4217",
        "0000\u{ad}4217",
        "٠٠٠٠٤٢١٧",
        "۰۰۰۰۴۲۱۷",
        "००००४२१७",
        "００００４２１７",
        "𝟎𝟎𝟎𝟎𝟒𝟐𝟏𝟕",
    ] {
        assert_eq!(Code::parse(typed).unwrap().expose(), "00004217", "{typed:?}");
    }
    for typed in [
        "0000421",
        "000042170",
        "0000 421",
        "O0004217",
        "l0004217",
        "+0004217",
        "0x004217",
        "-",
        "--------",
        "²²²²²²²²",
    ] {
        assert!(Code::parse(typed).is_err(), "{typed:?}");
    }
    assert!(Code::parse(&format!("{}00004217", " ".repeat(248))).is_ok());
    assert!(Code::parse(&format!("{}00004217", " ".repeat(249))).is_err());
}

/// Keys of the test alone: bytes that differ from one another, in base64.
fn encoded(first: u8, length: u8) -> String {
    use base64::Engine;
    let bytes: Vec<u8> = (0..length).map(|at| first.wrapping_add(at)).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_key_ring_is_read_from_text() {
    let [a, b, c] = [1, 2, 3].map(|first| encoded(first, 32));
    for text in [
        format!("a:{a},counters:{c}"),
        format!("counters:{c},a:{a}"),
        format!(" a : {a} ,\n b:{b},\ncounters:{c},\n"),
        format!("a:{},counters:{c}", a.trim_end_matches('=')),
        format!("a:{},counters:{c}", encoded(9, 200)),
        format!("counters-2027:{c},a:{a},counters:{b}"),
    ] {
        assert!(KeyRing::parse(&text).is_ok());
    }
}

#[test]
fn a_key_ring_that_is_not_safe_is_refused_by_name() {
    let [a, b, c] = [1, 2, 3].map(|first| encoded(first, 32));
    let id = |id: &str| id.to_owned();
    let zeros = "A".repeat(43);
    let cases = [
        (String::new(), KeyError::NoKey),
        (format!("counters:{c}"), KeyError::NoKey),
        (format!("a:{a}"), KeyError::NoCounters),
        (a.clone(), KeyError::Form),
        (format!("a={a},counters:{c}"), KeyError::Form),
        (format!(":{a},counters:{c}"), KeyError::Name),
        (format!("a b:{a},counters:{c}"), KeyError::Name),
        (format!("schlüssel:{a},counters:{c}"), KeyError::Name),
        (format!("{}:{a},counters:{c}", "x".repeat(33)), KeyError::Name),
        (format!("a:,counters:{c}"), KeyError::Length { id: id("a") }),
        (format!("a:{},counters:{c}", encoded(1, 31)), KeyError::Length { id: id("a") }),
        (format!("a:not base64!,counters:{c}"), KeyError::Encoding { id: id("a") }),
        (format!("a:{}-_,counters:{c}", &a[..42]), KeyError::Encoding { id: id("a") }),
        (format!("a:{zeros}=,counters:{c}"), KeyError::NotRandom { id: id("a") }),
        (format!("a:{a},a:{b},counters:{c}"), KeyError::Twice { id: id("a") }),
        (format!("a:{a},b:{a},counters:{c}"), KeyError::Twice { id: id("b") }),
        (format!("a:{a},counters:{a}"), KeyError::Twice { id: id("counters") }),
        (format!("a:{a},counters:{c},counters:{b}"), KeyError::Twice { id: id("counters") }),
        (format!("a:{a},counters:{c},counters-2:{c}"), KeyError::Twice { id: id("counters") }),
        (format!("a:{a},counters:{c},counters-2:{a}"), KeyError::Twice { id: id("counters-2") }),
        // Who swaps name and key must not find the key in the error.
        (format!("{a}:main-key,counters:{c}"), KeyError::Name),
    ];
    for (text, why) in cases {
        let error = KeyRing::parse(&text).unwrap_err();
        assert_eq!(error, why);
        let said = format!("{error} {error:?}");
        for key in [&a, &b, &c] {
            assert!(!said.contains(&key[..20]), "{said}");
        }
    }
    assert!(matches!(KeyRing::from_env("PASSWORD_RESET_NO_SUCH_KEYS"), Err(KeyError::NoVariable { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_read_is_written_back_the_same(text in prop_oneof![
        any::<String>(),
        "[A-Za-z0-9_-]{64}",
        "[A-Za-z0-9_-]{75}",
        "[A-Za-z0-9_=+/-]{60,80}",
    ]) {
        // So exactly one text stands for each secret: nothing shorter, longer or written otherwise is the same.
        for written in read_back(&text).into_iter().flatten() {
            prop_assert_eq!(&written, &text);
        }
        // Whatever they say to it, these do not panic.
        let _code = Code::parse(&text);
        let _ring = KeyRing::parse(&text);
    }

    #[test]
    fn no_part_and_no_extension_of_a_secret_is_one(
        text in prop_oneof!["[A-Za-z0-9_-]{64}", "A{22}AAAAA[A-Za-z0-9_-]{47}A"],
        cut in 0_usize..75,
        more in "[A-Za-z0-9_= -]{1,80}",
    ) {
        let cut = cut.min(text.len() - 1);
        for other in [text[..cut].to_owned(), text[text.len() - cut..].to_owned()] {
            // A longer kind cut to the length of a shorter one is read as that kind, and is then no MAC of it.
            prop_assert!(other.len() == SHORT || is_refused(&other));
        }
        for other in [format!("{text}{more}"), format!("{more}{text}")] {
            prop_assert!(other.len() == LONG || is_refused(&other));
        }
    }

    #[test]
    fn another_case_is_another_secret(text in "[A-Za-z0-9_-]{63}[A-Za-z0-9]", at in 0_usize..64) {
        let mut other = text.clone().into_bytes();
        other[at] ^= if other[at].is_ascii_alphabetic() { 0x20 } else { 0 };
        let other = String::from_utf8(other).unwrap();
        prop_assert_eq!(read_back(&other)[0] == read_back(&text)[0], other == text);
    }

    #[test]
    fn codes_keep_their_digits(digits in "[0-9]{8}") {
        let code = Code::parse(&digits).unwrap();
        prop_assert_eq!(code.expose(), digits.as_str());
    }
}
