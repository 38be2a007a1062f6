//! The texts of mails, compared byte for byte with the files in `snapshots/`.
//!
//! After an intended change: `UPDATE_SNAPSHOTS=1 cargo test -p password-reset-mail`, and read the difference.

use std::fs;
use std::path::Path;
use std::time::Duration;

use password_reset::message::{MessageBody, Zone};
use password_reset::ports::Digest;
use password_reset::{Contact, Locale, Message, ResetId, Site};
use password_reset_mail::{DefaultTemplates, MailTemplates, RenderedMail};
use password_reset_testkit::messages::{
    ASK, CANCEL, CANCEL_SECRET, CODE, LINK, LINK_SECRET, LOCK_SECRET, SITE, TO, bodies, message, reset, reset_at_site,
    reset_body_with,
};
use password_reset_testkit::voice::avoided;

fn render(site: &str, locale: Locale, body: MessageBody) -> RenderedMail {
    DefaultTemplates::new().render(&message(1, TO, site, locale, body)).unwrap()
}

#[test]
fn every_mail_in_every_language_matches_its_snapshot() {
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        for (name, body) in bodies() {
            let mail = render(SITE, locale, body);
            compare(&format!("{name}-{locale}.txt"), &format!("{}\n\n{}", mail.subject, mail.text));
            compare(&format!("{name}-{locale}.html"), &mail.html);
        }
    }
}

/// The languages that a site adds: two mails are enough to see the words, and all must be whole.
#[test]
fn mails_in_malay_and_arabic_are_whole_and_two_match_their_snapshots() {
    for (locale, dir) in [(Locale::MALAY, "ltr"), (Locale::ARABIC, "rtl")] {
        for ((name, body), (_, same)) in bodies().into_iter().zip(bodies()) {
            let (mail, english) = (render(SITE, locale, body), render(SITE, Locale::ENGLISH, same));
            if ["reset", "changed-lock"].contains(&name) {
                compare(&format!("{name}-{locale}.txt"), &format!("{}\n\n{}", mail.subject, mail.text));
                compare(&format!("{name}-{locale}.html"), &mail.html);
            }
            assert!(mail.html.contains(&format!("<html lang=\"{locale}\" dir=\"{dir}\">")), "{name}");
            assert!(mail.subject != english.subject && !mail.subject.contains(['\u{2068}', '\u{2069}']), "{name}");
            assert!(!mail.text.contains(['{', '}']), "{name}: {}", mail.text);
            // A mark at its end would become a part of the link.
            let urls = |text: &str| -> Vec<String> {
                text.split_whitespace().filter(|word| word.contains("https:")).map(str::to_owned).collect()
            };
            assert_eq!(urls(&mail.text), urls(&english.text), "{name}");
        }
    }
}

/// Where visitors start elsewhere than at the base URL, mails lead there, and links with secrets stay as they are.
#[test]
fn mails_lead_to_the_start_page_of_the_site() {
    const START: &str = "https://app.toko.example/#/forgot";
    let elsewhere = |text: &str| {
        let kept = text.replace("https://toko.example/reset/", "\0").replace(ASK, START);
        kept.replace('\0', "https://toko.example/reset/")
    };
    let mut led = 0;
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        let both = bodies().into_iter().zip(bodies()).map(|((name, one), (_, other))| (name, one, other));
        for (name, before, body) in both {
            let before = render(SITE, locale, before);
            let site = Site::new(SITE, ASK).with_zone(Zone::WIB).with_start_page(START);
            let id = (Digest::from_bytes([1; 32]), ResetId::from_bytes([1; 16]));
            let now = Message::new(id.0, id.1, Contact::email(TO), locale, site, body);
            let now = DefaultTemplates::new().render(&now).unwrap();
            assert_eq!(now.text, elsewhere(&before.text), "{name}");
            assert_eq!(now.html, elsewhere(&before.html), "{name}");
            led += usize::from(now.text.contains(START));
        }
    }
    assert_eq!(led, 10, "mails lead there");
}

#[test]
fn no_mail_uses_a_word_that_the_glossary_avoids() {
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        for (name, body) in bodies() {
            let mail = render(SITE, locale, body);
            for text in [&mail.subject, &mail.text, &shown(&mail.html)] {
                assert_eq!(avoided(locale.tag(), text), [""; 0], "{name}: {text}");
            }
        }
    }
}

/// The text of a page without tags and entities.
fn shown(html: &str) -> String {
    let body = html.split_once("<body").unwrap().1;
    let text: String = body.split('<').filter_map(|chunk| Some(chunk.split_once('>')?.1)).collect::<Vec<_>>().join(" ");
    text.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&")
}

#[track_caller]
pub(crate) fn compare(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, now).unwrap();
    }
    let before = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}; set UPDATE_SNAPSHOTS=1"));
    assert!(before == now, "{name} differs; set UPDATE_SNAPSHOTS=1 and read the difference:\n{now}");
}

#[test]
fn the_languages_share_no_sentence() {
    for ((_, body), (_, same)) in bodies().into_iter().zip(bodies()) {
        let english = render(SITE, Locale::ENGLISH, body).text;
        let indonesian = render(SITE, Locale::INDONESIAN, same).text;
        let urls_apart = |text: &str| -> Vec<String> {
            text.split("\n\n")
                .filter(|part| part.contains(' ') && !part.contains("4071 8265"))
                .map(str::to_owned)
                .collect()
        };
        for paragraph in urls_apart(&english) {
            assert!(!urls_apart(&indonesian).contains(&paragraph), "{paragraph}");
        }
    }
}

#[test]
fn equal_lifetimes_of_link_and_code_are_stated_once() {
    let body = || reset_body_with(Duration::from_secs(30 * 60));
    let unwrapped = |mail: RenderedMail| mail.text.replace('\n', " ");
    assert!(unwrapped(render(SITE, Locale::ENGLISH, body())).contains("The link and the code work for 30 minutes"));
    assert!(unwrapped(render(SITE, Locale::INDONESIAN, body())).contains("Tautan dan kode berlaku 30 menit"));
}

/// The name of a service stays text.
#[test]
fn a_name_is_never_markup_and_never_a_link() {
    for name in [
        "<a href=\"https://evil.example\">Toko</a>",
        "<script>alert(1)</script>",
        "\"><img src=https://evil.example/x.png>",
        "' onmouseover='alert(1)",
        "https://evil.example/login",
        "www.evil.example",
        "evil.example",
        "mailto:a@evil.example",
        "a@evil.example",
        "Toko \u{202e}elpmaxe.live\u{202c}",
        "\u{2066}evil.example\u{2069}",
        "Toko\r\n\r\n<b>https://evil.example</b>",
        "&lt;b&gt;",
    ] {
        for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
            let mail = DefaultTemplates::new().render(&reset_at_site(name, locale)).unwrap();
            let plain = DefaultTemplates::new().render(&reset_at_site("Toko", locale)).unwrap();
            let tags = |html: &str| {
                html.split('<').skip(1).map(|tag| tag.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>().len()
            };
            assert_eq!(tags(&mail.html), tags(&plain.html), "{name:?} added a tag");
            assert!(!mail.html.contains("\"><img") && !mail.html.contains("' onmouseover"), "{name:?}");
            for body in [&mail.text, &mail.html.split_once("</head>").unwrap().1.to_owned()] {
                assert!(!body.contains("evil.example"), "{name:?} would become a link:\n{body}");
                assert!(!body.contains("elpmaxe.live"), "{name:?} would become a link:\n{body}");
                assert!(!body.contains(['\u{202e}', '\u{202c}', '\u{2066}', '\u{2069}', '\r']), "{name:?}");
            }
            assert!(!mail.subject.contains(char::is_control), "{name:?}");
            assert!(!mail.subject.contains(['\u{202e}', '\u{202c}', '\u{2066}', '\u{2069}']), "{name:?}");
        }
    }
}

/// A locked screen shows the subject and the first words of the body.
#[test]
fn no_secret_is_in_the_subject_or_the_preview() {
    let all = [Locale::ENGLISH, Locale::INDONESIAN]
        .into_iter()
        .flat_map(|locale| bodies().into_iter().map(move |(_, body)| (locale, body)));
    for (locale, body) in all {
        let mail = render(SITE, locale, body);
        let body = mail.html.split_once("<body").unwrap().1;
        let mut visible = String::new();
        for chunk in body.split('<') {
            visible.push_str(chunk.split_once('>').map_or("", |(_, text)| text));
        }
        let first: String = visible.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        let text: String = mail.text.chars().take(200).collect();
        for shown in [&mail.subject, &first, &text] {
            for secret in [CODE, "4071", LINK_SECRET, CANCEL_SECRET, LOCK_SECRET, "https:"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        assert!(first.contains(SITE), "{first}");
    }
}

#[test]
fn debug_shows_no_part_of_a_mail() {
    let mail = DefaultTemplates::new().render(&reset(1)).unwrap();
    let shown = format!("{mail:?}");
    for secret in [CODE, "4071", LINK, CANCEL] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// A reader of one of these can cancel or lock without a login.
#[test]
fn every_mail_of_a_live_reset_can_cancel_it_and_a_changed_password_can_lock_the_account() {
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        for (name, body) in bodies() {
            let way = match name {
                "reset" | "list" | "admin-link" | "step-up-code" | "proved" | "code-requested" | "admin-requested" => {
                    CANCEL_SECRET
                }
                "changed-lock" => LOCK_SECRET,
                _ => continue,
            };
            let mail = render(SITE, locale, body);
            assert!(mail.text.contains(way) && mail.html.contains(way), "{name}");
        }
    }
}
