use password_reset_testkit::voice::avoided;

use super::*;

fn site() -> Site {
    Site::new("Toko Contoh", "https://toko.example/reset")
}

fn code(text: &str, bare: bool) -> Option<String> {
    code_in(text, bare, &site()).map(|code| code.as_str().to_owned())
}

#[test]
fn the_drafted_text_is_accepted_in_every_language() {
    let inbound = Inbound::type_back("+6281100000000").unwrap();
    let shown = Challenge::new(&inbound, InboundMode::TypeBack, &site(), &InboundCode::parse("K7MX2Q").unwrap());
    assert_eq!((shown.code(), shown.number()), ("kodeK7MX2Q", "+6281100000000"));
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        let text = shown.text(locale);
        assert!(text.contains("Toko Contoh") && text.ends_with(" kodeK7MX2Q"), "{text}");
        assert_eq!(avoided(locale.tag(), &text), [""; 0], "{text}");
        assert_eq!(code(&text, false).as_deref(), Some("K7MX2Q"));
        assert_eq!(code(&text.to_uppercase().replace(' ', "\u{a0} "), false).as_deref(), Some("K7MX2Q"));
        let url = url::Url::parse(&shown.wa_me(locale)).unwrap();
        assert_eq!(url.path(), "/6281100000000");
        assert_eq!(url.query_pairs().next().unwrap().1, text);
    }
}

#[test]
fn a_bare_code_counts_only_where_it_is_accepted() {
    for text in [
        "kodeK7MX2Q",
        " Kode k7mx2q ",
        "KODE: K7MX2Q",
        "kode-K7MX2Q",
        "\u{200b}kode\u{2060}K7MX2Q\n",
        "\u{202e}kodeK7MX2Q",
        "ｋｏｄｅＫ７ＭＸ２Ｑ",
        "kode K7M X2Q",
        "kodeK7MX2Q.",
        "kodeK7MX2Q!",
        "*kodeK7MX2Q*",
        "_kodeK7MX2Q_",
        "~kodeK7MX2Q~",
        "`kodeK7MX2Q`",
        "```kodeK7MX2Q```",
        "\"kodeK7MX2Q\"",
        "'kodeK7MX2Q'",
        "\u{201c}kodeK7MX2Q\u{201d}",
        "\u{ab}kodeK7MX2Q\u{bb}",
        "(kodeK7MX2Q)",
        "[kodeK7MX2Q],",
        "<kodeK7MX2Q>",
        "> kodeK7MX2Q",
        "- kodeK7MX2Q",
        "\u{2022} kodeK7MX2Q",
        "Kode K7MX2Q",
        "Kode: K7MX2Q.",
        "kode = K7MX2Q",
        "kode\nK7MX2Q\n",
        "KODE K7M-X2Q",
        "kode\u{2013}K7MX2Q\u{2026}",
        "kodeK7MX2Q \u{1f64f}",
        "\u{1f389}kodeK7MX2Q",
        "kodeK7MX2Q\u{3002}",
    ] {
        assert_eq!(code(text, true).as_deref(), Some("K7MX2Q"), "{text:?}");
        assert_eq!(code(text, false), None, "{text:?}");
    }
    assert_eq!(code("kodeOIL0O1", true).as_deref(), Some("011001"), "look-alikes are read as digits");
}

#[test]
fn other_texts_have_no_code() {
    for text in [
        "",
        "kode",
        "halo",
        "K7MX2Q",
        "kodeK7MX2",
        "kodeK7MX2QQ",
        "kodeK7MX2U",
        "kodeK7MX2Q kodeK7MX2Q",
        "kode kodeK7MX2Q",
        "my kodeK7MX2Q",
        "kodeK7MX2Q\u{e9}",
        "kodeK7MX2Q please",
        "kode٠١٢٣٤٥",
        "kode۰۱۲۳۴۵",
        "kodeК7МХ2Q",
        "I am resetting my password at Toko Lain. Never send this message because someone told you to. kodeK7MX2Q",
    ] {
        assert_eq!(code(text, true), None, "{text:?}");
    }
    assert_eq!(code(&format!("{}kodeK7MX2Q", " ".repeat(2_000)), true), None, "too long");
    assert_eq!(code(&"kode".repeat(16_000), true), None);
}

#[test]
fn the_service_number_is_shown_as_given() {
    for number in ["+5491123456789", "5491123456789"] {
        assert_eq!(Inbound::page_advances(number).unwrap().number(), "+5491123456789");
    }
    assert!(Inbound::page_advances("081100000000").is_err());
}

#[test]
fn senders_need_a_country_code() {
    for number in ["6281200000001", "+6281200000001"] {
        assert_eq!(Sender::phone(number).unwrap().phone.unwrap().as_str(), "+6281200000001");
    }
    for number in [
        "",
        "+",
        "081200000001",
        "+62 812",
        "62 812-0000-0001",
        "+62 812 0000 0001",
        "62812000000011111111",
        "62812a",
        "62812x0000001",
        "++6281200000001",
        "6281200000001@c.us",
    ] {
        assert!(Sender::phone(number).is_err(), "{number:?}");
    }
    for id in ["", "a b", "ID.\u{e9}", "ID.1\n"] {
        assert!(Sender::id(id).is_err(), "{id:?}");
    }
    assert!(Sender::id(&"9".repeat(160)).is_ok() && Sender::id(&"9".repeat(161)).is_err());
    assert!(Sender::id("ID.13491208650000000001").is_ok());
}

#[test]
fn debug_shows_no_part_of_a_sender_or_message() {
    let sender = Sender::phone_and_id("6281200000001", "ID.13491208650000000001").unwrap();
    let message = InboundMessage::new(Assurance::Signed, sender, DateTime::UNIX_EPOCH, "kodeK7MX2Q");
    let shown = format!("{message:?}");
    assert!(!shown.contains("8120") && !shown.contains("1349") && !shown.contains("K7MX"), "{shown}");
}

#[test]
fn a_page_asks_for_the_code_alone_only_where_that_is_accepted() {
    let asks_for_code = |inbound: &Inbound| {
        Challenge::new(inbound, inbound.mode(), &site(), &InboundCode::parse("K7MX2Q").unwrap()).takes_bare_code()
    };
    let page = Inbound::page_advances("+6281100000000").unwrap();
    let type_back = Inbound::type_back("+6281100000000").unwrap();
    assert_eq!([asks_for_code(&page), asks_for_code(&type_back)], [true, false]);
    assert_eq!(
        [asks_for_code(&page.with_bare_code(false)), asks_for_code(&type_back.with_bare_code(true))],
        [false, true]
    );
}
