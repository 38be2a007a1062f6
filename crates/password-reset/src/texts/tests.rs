//! The languages that are there, and what a file of an application must have.

use std::time::Duration;

use super::{Direction, Language, LanguageProblem, Languages};
use crate::identity::locale::Locale;

const FILES: [(&str, &str); 4] = [
    ("en", include_str!("../../texts/en.ftl")),
    ("id", include_str!("../../texts/id.ftl")),
    ("ms", include_str!("../../texts/ms.ftl")),
    ("ar", include_str!("../../texts/ar.ftl")),
];

/// The English file with one sentence changed: a language of an application, with one mistake.
fn english_but(key: &str, sentence: &str) -> Vec<LanguageProblem> {
    let english = FILES[0].1;
    let mut lines: Vec<&str> = english.lines().collect();
    let at = lines.iter().position(|line| line.starts_with(&format!("{key} ="))).unwrap();
    // A sentence goes on in lines that are indented, or close a choice.
    let goes_on = lines.iter().skip(at).skip(1).take_while(|line| line.starts_with([' ', '}'])).count();
    lines.splice(at..=at.saturating_add(goes_on), [sentence]);
    let text = lines.join("\n");
    Language::from_ftl("xx", &text).map_or_else(|error| error.problems().to_vec(), |_| Vec::new())
}

fn placeholder(key: &str, placeholder: &str) -> (String, String) {
    (key.to_owned(), placeholder.to_owned())
}

#[test]
fn the_languages_that_are_there_are_whole() {
    for (tag, text) in FILES {
        let language = Language::from_ftl(tag, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(language.locale().tag(), tag);
        for (key, sentence) in language.keys() {
            let text = sentence.to_string();
            assert!(!text.trim().is_empty() && text == text.trim(), "{tag} {key}: {text:?}");
        }
    }
    for language in [Language::english(), Language::indonesian(), Language::malay(), Language::arabic()] {
        assert!(language.keys().count() > 300, "{language:?}");
    }
}

#[test]
fn a_missing_key_is_named() {
    let key = || "page-start-title".to_owned();
    assert_eq!(english_but("page-start-title", ""), [LanguageProblem::Missing { key: key() }]);
    let error = Language::from_ftl("xx", "").unwrap_err().to_string();
    assert!(error.starts_with("language \"xx\"; advice-add-words: missing; "), "{error}");
    assert!(error.ends_with(" more") && error.len() < 1_000, "{error}");
}

#[test]
fn a_key_that_is_unknown_or_there_twice_is_named() {
    let found = english_but("page-start-title", "page-start-titel = Forgot Password");
    assert_eq!(
        found,
        [
            LanguageProblem::Unknown { key: "page-start-titel".to_owned() },
            LanguageProblem::Missing { key: "page-start-title".to_owned() },
        ]
    );
    let found = english_but("page-start-title", "page-start-title = Forgot Password\npage-start-title = Lost Password");
    assert_eq!(found, [LanguageProblem::Twice { key: "page-start-title".to_owned() }]);
}

#[test]
fn a_placeholder_that_nothing_fills_is_named() {
    let (key, placeholder) = placeholder("page-start-title", "site");
    let found = english_but("page-start-title", "page-start-title = Forgot your password for { $site }?");
    assert_eq!(found, [LanguageProblem::UnknownPlaceholder { key, placeholder, has: Vec::new() }]);
    let found = english_but("reply-link", "reply-link = { $name } { $link } { $cancel } { $lives } { $code }");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "reply-link: has no value $code, it has $cancel, $link, $lives, $name");
}

#[test]
fn a_value_that_is_left_out_is_named() {
    let (key, placeholder) = placeholder("reply-link", "link");
    let found = english_but("reply-link", "reply-link = { $name } { $cancel } { $lives }");
    assert_eq!(found, [LanguageProblem::MissingPlaceholder { key, placeholder }]);
    // A choice that only sometimes says it is no better.
    let sometimes = "reply-link = { $name } { $cancel } { $lives ->\n    [one] no\n   *[other] { $link }\n}";
    assert_eq!(found, english_but("reply-link", sometimes));
    // A number may be said in a word.
    let word = "span-hours = { $n ->\n    [one] an hour\n   *[other] hours\n}";
    assert_eq!(english_but("span-hours", word), []);
}

#[test]
fn a_secret_where_locked_screens_show_it_is_named() {
    let found = english_but("mail-step-up-subject", "mail-step-up-subject = { $code } is your code for { $name }");
    let (key, placeholder) = placeholder("mail-step-up-subject", "code");
    assert!(found.contains(&LanguageProblem::Secret { key, placeholder }), "{found:?}");
    let own = "mail-reset-preheader = { $link } { $lives }";
    let refused = Language::english().with_overlay(own).unwrap_err().to_string();
    assert!(refused.contains("mail-reset-preheader: must not say $link, which is secret"), "{refused}");
}

#[test]
fn what_is_not_read_is_named_with_its_line() {
    for (sentence, problem) in [
        ("page-start-title = { NUMBER($n) }", "page-start-title: a function is not supported, write it out"),
        (
            "page-start-title = { page-help }",
            "page-start-title: a reference to another sentence is not supported, write it out",
        ),
        ("page-start-title = { -brand }", "page-start-title: a term is not supported, write it out"),
        ("page-start-title = A\n    .title = B", "page-start-title: an attribute is not supported, write it out"),
        (
            "page-start-title = { $n ->\n    [masculine] A\n   *[other] B\n}",
            "page-start-title: a choice by a word that is no plural category is not supported, write it out",
        ),
    ] {
        assert_eq!(english_but("page-start-title", sentence)[0].to_string(), problem);
    }
    let found = english_but("page-start-title", "page-start-title = {");
    let line = FILES[0].1.lines().position(|line| line.starts_with("page-start-title")).unwrap().saturating_add(1);
    assert!(
        matches!(found[0], LanguageProblem::Syntax { line: found } if (line..=line.saturating_add(1)).contains(&found)),
        "{found:?} {line}"
    );
    assert_eq!(english_but("language-direction", "language-direction = up"), [LanguageProblem::Direction]);
    assert_eq!(Language::from_ftl("malay", FILES[0].1).unwrap_err().problems(), [LanguageProblem::Tag]);
}

#[test]
fn an_application_lays_its_own_sentences_over_a_language() {
    let own = Language::indonesian()
        .with_overlay("page-start-title = Tidak bisa masuk?\npage-mail-to-email = Periksa email Anda.")
        .unwrap();
    assert_eq!(own.text("page-start-title"), "Tidak bisa masuk?");
    assert_eq!(own.sentence("page-mail-to-email").with("typed", "ani@toko.example"), "Periksa email Anda.");
    assert_eq!(own.text("page-help"), "Butuh bantuan?");
    let refused = |text: &str| Language::indonesian().with_overlay(text).unwrap_err().to_string();
    assert_eq!(refused("page-start = Masuk"), "language \"id\"; page-start: unknown key");
    assert_eq!(
        refused("page-start-title = { $typed }"),
        "language \"id\"; page-start-title: has no value $typed, it has none"
    );
    assert_eq!(
        refused("reply-link = { $name }: { $lives }"),
        "language \"id\"; reply-link: must say $cancel; reply-link: must say $link"
    );
}

#[test]
fn numbers_choose_the_plural_form_of_the_language() {
    let file = "span-hours = { $n ->\n    [0] none\n    [one] one\n    [two] two\n    [few] few\n    [many] many\n   *[other] other\n}";
    let chosen =
        |language: Language, n: u64| language.with_overlay(file).unwrap().fill("span-hours", &[("n", n.into())]);
    for (n, english, indonesian) in
        [(0, "none", "none"), (1, "one", "other"), (2, "other", "other"), (11, "other", "other")]
    {
        assert_eq!([chosen(Language::english(), n), chosen(Language::indonesian(), n)], [english, indonesian], "{n}");
    }
    // Larger than the rules read.
    assert_eq!(chosen(Language::english(), u64::MAX), "other");
}

#[test]
fn durations_are_rounded_down() {
    for (seconds, english, indonesian) in [
        (0, "less than a minute", "kurang dari 1 menit"),
        (59, "less than a minute", "kurang dari 1 menit"),
        (60, "1 minute", "1 menit"),
        (30 * 60 + 59, "30 minutes", "30 menit"),
        (3600, "1 hour", "1 jam"),
        (205 * 60, "3 hours 25 minutes", "3 jam 25 menit"),
        (2 * 86_400 + 3600 + 60, "2 days 1 hour 1 minute", "2 hari 1 jam 1 menit"),
    ] {
        let said = [Language::english(), Language::indonesian()].map(|it| it.duration(Duration::from_secs(seconds)));
        assert_eq!(said, [english, indonesian]);
    }
}

#[test]
fn a_site_falls_back_to_its_first_language() {
    let languages = Languages::new(Language::indonesian()).with(Language::english());
    assert_eq!(languages.get(Locale::ENGLISH).locale(), Locale::ENGLISH);
    assert_eq!(languages.get(Locale::MALAY).locale(), Locale::INDONESIAN);
    assert_eq!(languages.parse("en-GB"), Some(Locale::ENGLISH));
    assert_eq!([languages.parse("ms"), languages.parse("*")], [None, None]);
    let own = Language::english().with_overlay("page-help = Help?").unwrap();
    let languages = languages.with(own);
    assert_eq!(languages.get(Locale::ENGLISH).text("page-help"), "Help?");
    assert_eq!(format!("{languages:?}"), "[Locale(id), Locale(en)]");
    assert_eq!(languages.first().direction(), Direction::LeftToRight);
}

#[test]
fn nothing_shows_a_value() {
    let sentence = Language::english().sentence("reply-code").clone();
    assert!(sentence.with("code", "483126").contains("enter 483126 on"));
    assert!(format!("{sentence:?}").contains("{code}"));
    assert_eq!(format!("{:?}", super::Value::from("483126")), "Value(…)");
}

#[test]
fn every_rule_has_a_sentence_and_there_is_no_other() {
    let english = Language::english();
    let found: Vec<&str> = english.keys().map(|(key, _)| key).filter(|key| key.starts_with("rule-")).collect();
    let mut kinds: Vec<String> =
        crate::policy::RuleKind::ALL.iter().map(|kind| format!("rule-{}", kind.code().replace('_', "-"))).collect();
    kinds.sort();
    assert_eq!(found, kinds);
}

/// A mark around a link is taken for a part of it, and one around a code is copied with it.
#[test]
fn from_right_to_left_names_are_set_apart_and_links_and_codes_are_not() {
    let (link, code) = ("https://toko.example/reset/link#k3J9", "K7-MX2Q");
    let of = |language: &Language, key: &str| {
        let values = [("name", "Toko Contoh"), ("lives", "-"), ("link", link), ("cancel", link), ("code", code)];
        language.fill(key, &values.map(|(name, value)| (name, value.into())))
    };
    for key in ["reply-link", "reply-code", "chat-code"] {
        let arabic = of(&Language::arabic(), key);
        assert!(arabic.contains("\u{2068}Toko Contoh\u{2069}"), "{arabic}");
        assert!(arabic.contains(link) && !arabic.contains(&format!("\u{2068}{link}")), "{arabic}");
        assert!(!arabic.contains(&format!("\u{2068}{code}")), "{arabic}");
        assert!(!of(&Language::malay(), key).contains(['\u{2068}', '\u{2069}']));
    }
    // A sentence of an application's own that is one choice.
    let choice =
        "reply-code = { $lives ->\n    [one] { $code } { $cancel }\n   *[other] { $name }: { $code } { $cancel }\n}";
    let own = Language::arabic().with_overlay(choice).unwrap();
    assert_eq!(of(&own, "reply-code"), format!("\u{2068}Toko Contoh\u{2069}: {code} {link}"));
}
