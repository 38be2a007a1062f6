//! The texts in every language.

use std::collections::BTreeSet;

use password_reset::Locale;
use password_reset_testkit::voice::avoided;

use super::samples::PLAIN;
use crate::pages::{Brand, DefaultTemplates, Layout, ResetMethod, StartPage, Templates as _, Texts, Theme, ThemeError};

#[test]
fn both_languages_fill_the_same_placeholders() {
    for ((name, english), (_, indonesian)) in Texts::ENGLISH.entries().into_iter().zip(Texts::INDONESIAN.entries()) {
        let names = |text: &crate::pages::Sentence| -> BTreeSet<String> {
            text.placeholders().into_iter().map(ToOwned::to_owned).collect()
        };
        assert_eq!(names(english), names(indonesian), "{name}");
    }
}

#[test]
fn no_sentence_is_empty_or_left_in_english() {
    // Words that are the same in both languages.
    let alike = ["start_by_email", "start_by_whatsapp"];
    for ((name, english), (_, indonesian)) in Texts::ENGLISH.entries().into_iter().zip(Texts::INDONESIAN.entries()) {
        assert!(!english.as_str().trim().is_empty() && !indonesian.as_str().trim().is_empty(), "{name}");
        assert!(alike.contains(&name) || english != indonesian, "{name}");
    }
}

#[test]
fn no_sentence_uses_a_word_that_the_glossary_avoids() {
    for (locale, texts) in [(Locale::English, Texts::ENGLISH), (Locale::Indonesian, Texts::INDONESIAN)] {
        for (name, sentence) in texts.entries() {
            // The placeholder of what the requester entered is not part of the text.
            let text = sentence.as_str().replace("{typed}", "…");
            assert_eq!(avoided(locale.tag(), &text), [""; 0], "{name}: {text}");
        }
    }
}

#[test]
fn no_placeholder_is_left_on_a_page() {
    for sample in PLAIN.iter() {
        assert!(!sample.html.contains(['{', '}']), "{}", sample.name);
    }
}

#[test]
fn no_page_mixes_languages() {
    let pages: Vec<&str> =
        PLAIN.iter().filter(|sample| sample.locale == Locale::Indonesian).map(|sample| sample.html.as_str()).collect();
    for (name, english) in Texts::ENGLISH.entries() {
        let sentence = english.as_str();
        let long = sentence.contains(' ') && !sentence.contains('{');
        assert!(!long || !pages.iter().any(|page| page.contains(sentence)), "{name} is on an Indonesian page");
    }
}

#[test]
fn the_words_of_the_three_flows_are_these() {
    let page = |name: &str| PLAIN.iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("{name}"));
    let heading = |name: &str| {
        let page = super::document::Document::parse(&page(name).html);
        page.all("h1").next().unwrap().shown()
    };
    let label = |name: &str, field: &str| {
        let page = super::document::Document::parse(&page(name).html);
        page.all("label").find(|label| label.attribute("for") == Some(field)).unwrap().shown()
    };
    let shows = |name: &str, text: &str| assert!(page(name).html.contains(text), "{name}: {text}");

    // WhatsApp.
    assert_eq!(heading("start whatsapp None (id)"), "Lupa Kata Sandi?");
    shows("start whatsapp None (id)", ">Kirim</button>");
    assert_eq!(heading("wait advances Waiting (id)"), "Verifikasi");
    shows("wait advances Waiting (id)", "Anda tidak akan menerima balasan.");
    shows("wait advances Waiting (en)", "You will not get a reply.");
    let Texts { message_waiting, message_no_script, .. } = Texts::ENGLISH;
    assert!(
        [message_waiting, message_no_script].iter().all(|text| text.as_str().contains("You will not get a reply."))
    );
    assert_eq!(heading("new classes (id)"), "Buat Kata Sandi Baru");
    shows("new classes (id)", ">Kirim</button>");

    // Username and email address.
    assert_eq!(heading("start email None (en)"), "Forgot Password");
    let sent = "Request Success, Please check your email to change your password";
    assert_eq!(heading("wait mail Waiting (en)"), sent);
    assert_eq!(heading("new classes (en)"), "Create New Password");
    assert_eq!(label("new classes (en)", "password"), "New Password");
    assert_eq!(label("new classes (en)", "again"), "Confirm New Password");
    shows("new classes (en)", ">Create Password</button>");
    shows("new classes refused (en)", "must include a symbol");
}

#[test]
fn an_application_replaces_sentences() {
    let mut english = Texts::ENGLISH;
    english.start_title = "Locked out?".into();
    let theme = Theme::new("Toko Contoh", "", &Brand::new()).unwrap().with_texts(Locale::English, english).unwrap();
    let layout = Layout::new(&theme, Locale::English, "");
    let page =
        StartPage { layout, methods: &[ResetMethod::Email], chosen: ResetMethod::Email, typed: "", problem: None };
    assert!(DefaultTemplates.start(&page).unwrap().contains("<h1>Locked out?</h1>"));
}

#[test]
fn an_unknown_placeholder_is_refused() {
    let mut english = Texts::ENGLISH;
    english.start_title = "Locked out of {site}?".into();
    let error = Theme::new("Toko Contoh", "", &Brand::new()).unwrap().with_texts(Locale::English, english).unwrap_err();
    assert_eq!(error, ThemeError::Placeholder { sentence: "start_title", placeholder: "site".to_owned() });
}
