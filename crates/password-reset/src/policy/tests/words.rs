//! Words that a password must not be made of.

use super::super::*;
use super::{both, only};

#[test]
fn an_application_adds_its_own_words() {
    let list = Blocklist::new(["TokoContoh", "bukan rahasia lagi sama sekali", "", "caf\u{e9}-enak"]);
    assert_eq!(list.len(), 3);
    assert_eq!(PasswordPolicy::four_classes().with_blocklist(list.clone()).validate(), Ok(()));
    let policy = only(Rule::NotCommon).with_blocklist(list);
    assert_eq!(PasswordPolicy::four_classes().without(RuleKind::NotCommon).validate(), Ok(()));
    let refused = |text: &str| policy.check(&both(text), &[]).codes() == ["too_common"];
    for text in ["tokocontoh", "TOKOCONTOH", "TokoContoh1!", "Bukan Rahasia Lagi Sama Sekali", "CAFE\u{301}-ENAK"] {
        assert!(refused(text), "{text}");
    }
    for text in ["tokocontohku", "TokoContoh123456", "bukan rahasia lagi", "cafe-enak"] {
        assert!(!refused(text), "{text}");
    }
    let lines = Blocklist::new("satu dua tiga\r\n\nempat lima\n".lines());
    assert_eq!(lines, Blocklist::new(["satu dua tiga", "empat lima"]));
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
                "+62-812-0000-0003",
                "(+62)812.0000.0003",
                "0062 812 0000 0003",
                "00 62 (0) 812 0000 0003",
                "0812/0000/0003",
                "0812_0000_0003",
                "08-12-00-00-00-03",
                "0812\u{2011}0000\u{2011}0003",
                "0812\u{a0}0000\u{3000}0003",
                "\u{202a}081200000003\u{202c}",
                "0812\u{200b}00000003",
                "\u{ff0b}\u{ff16}\u{ff12}\u{ff18}\u{ff11}\u{ff12}\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff13}",
                "\u{966}\u{96e}\u{967}\u{968}\u{966}\u{966}\u{966}\u{966}\u{966}\u{966}\u{966}\u{969}",
                "0812OOOOOOO3",
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
