//! What people and attackers type to name an account.

#![allow(clippy::unwrap_used, reason = "test code")]

use password_reset::identity::BadIdentifier;
use password_reset::identity::{IdentifierKind, MAX_IDENTIFIER_BYTES};
use password_reset::{CallingCode, Identifier};
use proptest::prelude::*;

mod phones;

/// Characters that case or compatibility folding turns into ASCII letters, and what they become: the eleven of
/// CVE-2019-19844 and its like, accents, full width, other scripts' look-alikes.
fn twins() -> Vec<(String, String)> {
    let folding = [
        ("ß", "ss"),
        ("ı", "i"),
        ("ſ", "s"),
        ("\u{212a}", "k"),
        ("ﬀ", "ff"),
        ("ﬁ", "fi"),
        ("ﬂ", "fl"),
        ("ﬃ", "ffi"),
        ("ﬄ", "ffl"),
        ("ﬅ", "st"),
        ("ﬆ", "st"),
    ];
    let accents = [
        ("à", "a"),
        ("é", "e"),
        ("ï", "i"),
        ("ó", "o"),
        ("ü", "u"),
        ("ñ", "n"),
        ("ç", "c"),
        ("ø", "o"),
        ("đ", "d"),
        ("e\u{301}", "e"),
    ];
    let others = [("а", "a"), ("е", "e"), ("о", "o"), ("ⅰ", "i"), ("𝐚", "a"), ("ⓐ", "a"), ("ª", "a"), ("⁵", "5")];
    let owned = |(twin, plain): (&str, &str)| (twin.to_owned(), plain.to_owned());
    let wide = ('ａ'..='ｚ').zip('a'..='z').map(|(twin, plain)| (twin.to_string(), plain.to_string()));
    folding.into_iter().chain(accents).chain(others).map(owned).chain(wide).collect()
}

const INVISIBLE: [char; 16] = [
    '\0', '\r', '\n', '\u{7f}', '\u{85}', '\u{ad}', '\u{34f}', '\u{200b}', '\u{200d}', '\u{200e}', '\u{202e}',
    '\u{2060}', '\u{2800}', '\u{3164}', '\u{fe0f}', '\u{feff}',
];

fn email(typed: &str) -> Result<String, BadIdentifier> {
    Identifier::email(typed).map(|identifier| identifier.as_str().to_owned())
}

fn phone(typed: &str) -> Result<String, BadIdentifier> {
    Identifier::phone(typed, CallingCode::INDONESIA).map(|identifier| identifier.as_str().to_owned())
}

#[test]
fn one_address_has_one_form() {
    for (typed, normal) in [
        ("budi@toko.example", "budi@toko.example"),
        (" Budi@Toko.Example ", "budi@toko.example"),
        ("BUDI@TOKO.EXAMPLE\t", "budi@toko.example"),
        ("a@b.id", "a@b.id"),
        ("budi+toko@toko.example", "budi+toko@toko.example"),
        ("o'neil_1-2@toko.example", "o'neil_1-2@toko.example"),
        ("Büdi@toko.example", "büdi@toko.example"),
        // Only ASCII is folded: this is another address than the one above.
        ("BÜDI@toko.example", "bÜdi@toko.example"),
        ("budi@bücher.example", "budi@xn--bcher-kva.example"),
        ("budi@BÜCHER.example", "budi@xn--bcher-kva.example"),
        ("budi@bu\u{308}cher.example", "budi@xn--bcher-kva.example"),
        ("budi@XN--BCHER-KVA.example", "budi@xn--bcher-kva.example"),
        ("budi@straße.example", "budi@xn--strae-oqa.example"),
        ("budi@例え.テスト", "budi@xn--r8jz45g.xn--zckzah"),
    ] {
        assert_eq!(email(typed).as_deref(), Ok(normal), "{typed:?}");
    }
    assert_ne!(email("caf\u{e9}@toko.example"), email("cafe\u{301}@toko.example"), "normal forms stay two");
}

#[test]
fn what_is_not_one_address_is_refused() {
    for typed in [
        "budi",
        "@toko.example",
        "budi@",
        "budi@toko",
        "budi@localhost",
        "budi@192.0.2.1",
        "budi@[192.0.2.1]",
        "budi@toko..example",
        "budi@.example",
        "budi@toko.example.",
        "budi@-toko.example",
        "budi@toko-.example",
        "budi@to_ko.example",
        ".budi@toko.example",
        "budi.@toko.example",
        "bu..di@toko.example",
        // Several addresses, lists, and text that a framework made of an array or an object.
        "budi@toko.example,ani@toko.example",
        "budi@toko.example;ani@toko.example",
        "budi@toko.example@jahat.example",
        "[\"budi@toko.example\",\"ani@toko.example\"]",
        "['budi@toko.example']",
        "{\"$ne\":\"a@b.example\"}",
        "Array",
        "null",
        // Display names, comments, routes, quotes, addresses of pages.
        "Budi<budi@toko.example>",
        "<budi@toko.example>",
        "budi(pemilik)@toko.example",
        "@relay.example:budi@toko.example",
        "\"budi\"@toko.example",
        "bu\\di@toko.example",
        "budi@toko.example?cc=ani@toko.example",
        "budi@toko.example/x",
        "budi@toko%2eexample",
    ] {
        assert_eq!(email(typed), Err(BadIdentifier::NotAnEmail), "{typed:?}");
    }
    for (typed, why) in [
        ("", BadIdentifier::Empty),
        (" \t ", BadIdentifier::Empty),
        ("[object Object]", BadIdentifier::Space),
        ("budi@toko.example ani@toko.example", BadIdentifier::Space),
        ("budi@to\u{3000}ko.example", BadIdentifier::Space),
        ("budi@toko.example\r\nBcc: ani@toko.example", BadIdentifier::Invisible),
        ("budi@toko.example\nx", BadIdentifier::Invisible),
        ("budi@toko\0.example", BadIdentifier::Invisible),
    ] {
        assert_eq!(email(typed), Err(why), "{typed:?}");
    }
}

#[test]
fn blanks_around_the_longest_address_are_no_part_of_it() {
    let address = format!("{}@{}.example", "a".repeat(60), ["b".repeat(60), "c".repeat(60), "d".repeat(60)].join("."));
    assert!((MAX_IDENTIFIER_BYTES - 5..=MAX_IDENTIFIER_BYTES).contains(&address.len()), "{}", address.len());
    assert_eq!(email(&format!("{}{address}", " ".repeat(200))), Ok(address));
}

#[test]
fn nothing_longer_than_an_address_can_be_is_looked_at() {
    let long = format!("{}@toko.example", "a".repeat(10_240));
    assert_eq!(email(&long), Err(BadIdentifier::TooLong));
    assert_eq!(Identifier::username(&"a".repeat(10_240)), Err(BadIdentifier::TooLong));
    assert_eq!(phone(&"1".repeat(10_240)), Err(BadIdentifier::TooLong));
    // RFC 5321: 64 bytes before the sign, 63 a label, 254 in all.
    assert!(email(&format!("{}@toko.example", "a".repeat(64))).is_ok());
    assert!(email(&format!("{}@toko.example", "a".repeat(65))).is_err());
    assert!(email(&format!("a@{}.example", "b".repeat(63))).is_ok());
    assert!(email(&format!("a@{}.example", "b".repeat(64))).is_err());
    assert!(Identifier::username(&"a".repeat(MAX_IDENTIFIER_BYTES)).is_ok());
    assert!(Identifier::username(&"a".repeat(MAX_IDENTIFIER_BYTES + 1)).is_err());
    // A-labels are longer than what was typed.
    assert_eq!(email(&format!("a@{}example", "中.".repeat(56))), Err(BadIdentifier::TooLong));
}

#[test]
fn no_folding_makes_another_address_or_name_out_of_one() {
    for (twin, plain) in twins() {
        let upper = twin.to_uppercase();
        for (typed, victim) in [
            (format!("bu{twin}di@toko.example"), format!("bu{plain}di@toko.example")),
            (format!("budi@to{twin}ko.example"), format!("budi@to{plain}ko.example")),
            (format!("bu{upper}di@toko.example"), format!("bu{plain}di@toko.example")),
        ] {
            let real = Identifier::email(&victim).unwrap();
            // Upper case of some twins is plain ASCII, and then it is the address.
            let same = typed.is_ascii();
            if let Ok(other) = Identifier::email(&typed) {
                assert_eq!((other == real, other.names(&victim)), (same, same), "{typed}");
            }
            assert_eq!(real.names(&typed), same, "{typed}");
        }
        let (typed, victim) = (format!("bu{twin}di"), format!("bu{plain}di"));
        let real = Identifier::username(&victim).unwrap();
        assert!(Identifier::username(&typed).is_ok_and(|other| other != real && !other.names(&victim)), "{typed}");
    }
    for stop in ['。', '．', '｡'] {
        for typed in [format!("budi@toko{stop}example"), format!("budi@toko{stop}contoh.example")] {
            assert_eq!(email(&typed), Err(BadIdentifier::NotAnEmail), "{typed}");
        }
    }
    assert_eq!(email("budi＠toko.example"), Err(BadIdentifier::NotAnEmail));
}

#[test]
fn a_labels_are_real_or_refused() {
    // CVE-2024-12224: labels that decode to plain ASCII, or that would be written otherwise.
    for domain in [
        "xn--example-.example",
        "xn--toko-.example",
        "xn--.example",
        "xn---.example",
        "xn--a.example",
        "xn--bcher-kva\u{e9}.example",
        "xn--BCHER-KVA-.example",
        "xn--iñvalid.example",
    ] {
        assert_eq!(email(&format!("budi@{domain}")), Err(BadIdentifier::NotAnEmail), "{domain}");
    }
}

#[test]
fn usernames_are_kept_byte_for_byte() {
    for name in ["budi", "Budi", "BUDI", "budi santoso", "budi.santoso", "büdi", "布迪", "بودي", "o'neil", "a", "1"]
    {
        let identifier = Identifier::username(name).unwrap();
        assert_eq!(identifier.as_str(), name);
        assert!(identifier.names(name));
    }
    assert_ne!(Identifier::username("budi"), Identifier::username("Budi"));
    assert!(!Identifier::username("budi").unwrap().names("Budi"));
}

#[test]
fn no_name_has_a_twin_that_looks_the_same() {
    assert_eq!(Identifier::username(""), Err(BadIdentifier::Empty));
    for twin in ["bu\u{a0}di", "bu\u{2009}di", "bu  di", "bu\u{3000}di"] {
        assert_eq!(Identifier::username(twin), Err(BadIdentifier::Space), "{twin:?}");
    }
    let budi = Identifier::username("budi").unwrap();
    for letter in INVISIBLE.into_iter().chain(['\t', '\u{2028}', '\u{e0041}', '\u{115f}', '\u{180e}']) {
        let twin = format!("bu{letter}di");
        assert_eq!(Identifier::username(&twin), Err(BadIdentifier::Invisible), "{twin:?}");
        for twin in [twin, format!("{letter}budi"), format!("budi{letter}")] {
            assert!(!budi.names(&twin), "{twin:?}");
            assert!(!names_email(&format!("{twin}@toko.example")), "{twin:?}");
        }
    }
    for letter in INVISIBLE {
        for typed in [format!("bu{letter}di@toko.example"), format!("budi@to{letter}ko.example")] {
            assert_eq!(email(&typed), Err(BadIdentifier::Invisible), "{typed:?}");
        }
        // The digits of a number decide, but no stored number has a twin.
        let twin = format!("+6281234{letter}56789");
        assert_eq!(phone(&twin).as_deref(), Ok("+628123456789"), "{letter:?}");
        assert!(!Identifier::phone("+628123456789", CallingCode::INDONESIA).unwrap().names(&twin), "{letter:?}");
    }
}

fn names_email(stored: &str) -> bool {
    Identifier::email("budi@toko.example").unwrap().names(stored)
}

/// What clipboards and keyboards add to a number, an address and a name, and cannot be seen, changes none of them.
#[test]
fn typed_text_is_read_as_clipboards_deliver_it() {
    for typed in [
        "\u{202a}+62 812\u{2011}0000\u{2011}0003\u{202c}",
        "\u{202d}+62\u{a0}812\u{202f}0000\u{2009}0003\u{202c}",
        "\u{2066}0812-0000-0003\u{2069}",
        "\u{200e}0812 0000 0003\u{200f}",
        "\u{feff}+6281200000003",
        "0812\u{2010}0000\u{2012}0003",
        "0812\u{2013}0000\u{2014}0003",
        "0812\u{2212}0000\u{ff0d}0003",
        "0812\u{ad}0000\u{200b}0003",
        "+62\u{3000}812\u{2007}0000\u{2003}0003",
        "\u{ff0b}６２８１２０００００００３",
        "٠٨١٢٠٠٠٠٠٠٠٣",
        "\u{200f}+٦٢ ٨١٢ ٠٠٠٠ ٠٠٠٣",
        "۰۸۱۲۰۰۰۰۰۰۰۳",
        "०८१२०००००००३",
        "০৮১২০০০০০০০৩",
        "๐๘๑๒๐๐๐๐๐๐๐๓",
        "0812\u{200d}0000\u{2060}0003\r\n",
        "（０８１２）００００－０００３",
        "[0812] 0000 0003",
        "tel:+62-812-0000-0003",
        "whatsapp:+6281200000003",
        "https://wa.me/6281200000003",
        "0812_0000_0003",
        "\u{202a}+62\u{202c} 812 0000 0003\u{fe0f}",
        "0812\u{2015}0000\u{fe63}0003",
        "0812\u{fe58}0000\u{2796}0003",
        "0812\u{2043}0000\u{30fc}0003",
        "\u{61c}0812\u{205f}0000\u{1680}0003",
        "\u{2067}0812\u{2068}0000\u{2069}0003",
        "0812\u{3164}0000\u{2800}0003",
        "0812\u{180e}0000\u{2028}0003",
        "\u{fe62}62 812 0000 0003",
        "(+62) 812-0000-0003",
        "+62 (0)812 0000 0003",
        "+62.812.0000.0003",
        "0062 812 0000 0003",
        "62 812 0000 0003",
        "812 0000 0003",
        "callto:+6281200000003",
        "whatsapp://send?phone=6281200000003",
        "https://wa.me/6281200000003#",
        "tel:+62-812-0000-0003;ext=7",
        "https://api.whatsapp.com/send/?phone=%2B6281200000003&type=phone_number",
        "0812·0000·0003",
        "sms:+6281200000003",
        "TEL:+6281200000003",
        "https://wa.me/+6281200000003?text=halo",
        "https://api.whatsapp.com/send?phone=6281200000003&text=halo",
        "𝟎𝟖𝟏𝟐 𝟎𝟎𝟎𝟎 𝟎𝟎𝟎𝟑",
    ] {
        assert_eq!(phone(typed).as_deref(), Ok("+6281200000003"), "{typed:?}");
    }
    let around = [
        "\u{200b}",
        "\u{200c}",
        "\u{200d}",
        "\u{200e}",
        "\u{200f}",
        "\u{202a}",
        "\u{202c}",
        "\u{202e}",
        "\u{2060}",
        "\u{2066}",
        "\u{2069}",
        "\u{feff}",
        "\u{ad}",
        "\u{a0}",
        "\u{202f}",
        "\u{3000}",
        "\u{2028}",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\u{200b} \u{a0}\n",
        "\u{61c}",
        "\u{2061}",
        "\u{2067}",
        "\u{2068}",
        "\u{180e}",
        "\u{2007}",
        "\u{2800}",
        "\u{3164}",
        "\u{fe0f}",
        "\u{34f}",
        "\0",
    ];
    for edge in around {
        for [before, after] in [[edge, ""], ["", edge], [edge, edge]] {
            let address = format!("{before}Budi@toko.example{after}");
            assert_eq!(email(&address).as_deref(), Ok("budi@toko.example"), "{address:?}");
            let name = format!("{before}budi santoso{after}");
            assert_eq!(Identifier::username(&name).unwrap().as_str(), "budi santoso", "{name:?}");
        }
        for nothing in [edge.to_owned(), edge.repeat(3)] {
            assert_eq!(email(&nothing), Err(BadIdentifier::Empty));
            assert_eq!(Identifier::username(&nothing), Err(BadIdentifier::Empty));
            assert_eq!(phone(&nothing), Err(BadIdentifier::Empty));
        }
    }
}

#[test]
fn a_store_gives_back_only_what_was_written() {
    use IdentifierKind::{Email, Phone, Username};
    for (kind, text) in
        [(Email, "budi@toko.example"), (Username, "Budi"), (Phone, "+628123456789"), (Phone, "+620812345678")]
    {
        assert_eq!(Identifier::from_stored(kind, text).unwrap().as_str(), text);
    }
    for (kind, text) in [
        (Email, "Budi@toko.example"),
        (Email, " budi@toko.example"),
        (Email, ""),
        (Email, "budi@bücher.example"),
        (Username, " budi"),
        (Username, ""),
        (Phone, "08123456789"),
        (Phone, "628123456789"),
        (Phone, "+62 8123456789"),
        (Phone, "+5215512345678"),
        (Phone, "+0812345678"),
        (Phone, "+٦٢٨١٢٣٤٥٦٧"),
        (Phone, ""),
    ] {
        assert!(Identifier::from_stored(kind, text).is_none(), "{kind:?} {text:?}");
    }
}

#[test]
fn debug_holds_nothing_that_was_typed() {
    for identifier in [
        Identifier::email("budi@toko.example"),
        Identifier::username("budi"),
        Identifier::phone("08123456789", CallingCode::INDONESIA),
    ] {
        let debug = format!("{identifier:?}");
        assert!(!debug.contains("budi") && !debug.contains("812"), "{debug}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_typed_panics_and_what_is_taken_is_settled(
        typed in prop_oneof![any::<String>(), "\\PC{1,20}@\\PC{1,20}\\.\\PC{1,5}", "[+0-9() .-]{0,20}"],
        home in 1_u16..=999,
    ) {
        let home = CallingCode::new(home).unwrap();
        let taken = [Identifier::email(&typed), Identifier::username(&typed), Identifier::phone(&typed, home)];
        for identifier in taken.into_iter().flatten() {
            prop_assert!(!identifier.as_str().is_empty() && identifier.as_str().len() <= MAX_IDENTIFIER_BYTES);
            let again = Identifier::from_stored(identifier.kind(), identifier.as_str());
            prop_assert_eq!(again.as_ref(), Some(&identifier), "written and read back");
            if identifier.kind() != IdentifierKind::Phone {
                prop_assert!(identifier.names(identifier.as_str()));
                // What was dropped around it is no part of the name, and no row with it is named. The fillers of Hangul count as letters.
                let filler = |letter: char| matches!(letter, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
                let dropped = |letter: char| !letter.is_alphanumeric() || filler(letter);
                prop_assert!(identifier.names(&typed) || typed.starts_with(dropped) || typed.ends_with(dropped));
            }
        }
    }

    #[test]
    fn what_is_not_ascii_never_names_what_is(local in "[a-z]{1,8}", at in 0_usize..8, letter in proptest::char::range('\u{80}', '\u{10ffff}')) {
        let (head, tail) = local.split_at(at.min(local.len()));
        if let Ok(text) = email(&format!("b{head}{letter}{tail}@toko.example")) {
            prop_assert!(!text.is_ascii());
        }
        if let Ok(text) = email(&format!("budi@{head}{letter}{tail}.example")) {
            prop_assert!(text.starts_with("budi@xn--"), "{}", text);
        }
    }
}
