//! The texts in every language.

use password_reset::{Language, Languages, Locale, Site};
use password_reset_testkit::voice::avoided;

use super::samples::PLAIN;
use crate::pages::{Brand, DefaultTemplates, Layout, ResetMethod, StartPage, Templates as _, Texts, Theme};

#[test]
fn no_sentence_is_empty_or_left_in_english() {
    // Words that are the same in both languages.
    let alike = ["start_by_email", "start_by_whatsapp"];
    let (english, indonesian) = (Texts::new(&Language::english()), Texts::new(&Language::indonesian()));
    for ((name, english), (_, indonesian)) in english.entries().into_iter().zip(indonesian.entries()) {
        let [english, indonesian] = [english, indonesian].map(ToString::to_string);
        assert!(!english.trim().is_empty() && !indonesian.trim().is_empty(), "{name}");
        assert!(alike.contains(&name) || english != indonesian, "{name}");
    }
}

#[test]
fn no_sentence_uses_a_word_that_the_glossary_avoids() {
    for language in [Language::english(), Language::indonesian()] {
        for (name, sentence) in Texts::new(&language).entries() {
            // The placeholder of what the requester entered is not part of the text.
            let text = sentence.to_string().replace("{typed}", "…");
            assert_eq!(avoided(language.locale().tag(), &text), [""; 0], "{name}: {text}");
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
        PLAIN.iter().filter(|sample| sample.locale == Locale::INDONESIAN).map(|sample| sample.html.as_str()).collect();
    for (name, english) in Texts::new(&Language::english()).entries() {
        let sentence = english.to_string();
        let long = sentence.contains(' ') && !sentence.contains('{');
        assert!(!long || !pages.iter().any(|page| page.contains(&sentence)), "{name} is on an Indonesian page");
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
    let Texts { message_waiting, message_no_script, .. } = Texts::new(&Language::english());
    assert!(
        [message_waiting, message_no_script].iter().all(|text| text.to_string().contains("You will not get a reply."))
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
    let english = Language::english().with_overlay("page-start-title = Locked out?").unwrap();
    let site = Site::new("Toko Contoh", "https://toko.example").with_languages(Languages::default().with(english));
    let theme = Theme::new(&site, "", &Brand::new()).unwrap();
    let layout = Layout::new(&theme, Locale::ENGLISH, "");
    let page =
        StartPage { layout, methods: &[ResetMethod::Email], chosen: ResetMethod::Email, typed: "", problem: None };
    assert!(DefaultTemplates.start(&page).unwrap().contains("<h1>Locked out?</h1>"));
}

#[test]
fn every_page_in_arabic_runs_from_right_to_left_and_what_is_typed_does_not() {
    let pages = PLAIN.iter().filter(|sample| sample.locale == Locale::ARABIC);
    let mut fields = 0_usize;
    for sample in pages {
        let page = super::document::Document::parse(&sample.html);
        let html = page.all("html").next().unwrap();
        assert_eq!([html.attribute("lang"), html.attribute("dir")], [Some("ar"), Some("rtl")], "{}", sample.name);
        for id in ["code", "link", "number", "kode"] {
            let Some(typed) = page.by_id(id) else { continue };
            fields = fields.saturating_add(1);
            // The drafted sentence is Arabic itself.
            let expected = (typed.attribute("class") != Some("sentence")).then_some("ltr");
            assert_eq!(typed.attribute("dir"), expected, "{}: {id}", sample.name);
        }
        let link = page.all("a").find(|a| a.attribute("hreflang") == Some("en")).unwrap();
        assert_eq!(link.attribute("dir"), Some("ltr"), "{}", sample.name);
    }
    assert!(fields > 20, "{fields}");
}

#[test]
fn values_in_arabic_are_set_off_and_others_are_not() {
    let page = |name: &str| &PLAIN.iter().find(|sample| sample.name == name).unwrap().html;
    assert!(page("wait mail Waiting (ar)").contains("\u{2068}ani@toko.example\u{2069}"));
    for name in ["wait mail Waiting (en)", "wait mail Waiting (id)", "wait mail Waiting (ms)"] {
        assert!(!page(name).contains(['\u{2066}', '\u{2068}', '\u{2069}']), "{name}");
    }
}

/// A page reads the number; the language has the form.
#[test]
fn attempts_are_counted_in_the_plural_forms_of_the_language() {
    let arabic = Texts::new(&Language::arabic());
    for (n, text) in
        [(1_u32, "بقيت محاولة واحدة."), (2, "بقيت محاولتان."), (3, "بقيت 3 محاولات."), (11, "بقيت 11 محاولة.")]
    {
        assert_eq!(arabic.code_attempts_left.with("n", n), text);
    }
    let english = Texts::new(&Language::english());
    assert_eq!([1_u32, 2].map(|n| english.code_attempts_left.with("n", n)), ["1 attempt left.", "2 attempts left."]);
}
