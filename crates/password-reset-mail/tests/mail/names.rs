//! Mails that address a person, name an account and say a device.

use password_reset::message::{LinkKind, LinkMessage, MessageBody};
use password_reset::{Account, AccountStatus, Locale};
use password_reset_mail::{DefaultTemplates, MailTemplates, RenderedMail};
use password_reset_testkit::messages::{SITE, TO, bodies, message, reset_body};
use password_reset_testkit::voice::avoided;

use crate::texts::compare;

fn account(name: &str, username: &str) -> Account {
    Account::new("7", AccountStatus::Active).with_name(name).with_username(username)
}

fn render(locale: Locale, body: MessageBody, account: &Account) -> RenderedMail {
    DefaultTemplates::new().render(&message(1, TO, SITE, locale, body).about(account)).unwrap()
}

fn on_device(body: MessageBody) -> MessageBody {
    match body {
        MessageBody::Link(body) => MessageBody::Link(body.with_device("Chrome (Android), Surabaya")),
        other => other,
    }
}

/// One of several accounts on a mailbox, whose code no page takes.
fn without_code() -> MessageBody {
    let MessageBody::Link(LinkMessage { link, lives, cancel, asked_at, .. }) = reset_body() else { panic!("a link") };
    MessageBody::Link(LinkMessage::new(LinkKind::ResetWithoutCode, link, lives, cancel, asked_at))
}

#[test]
fn mails_with_names_match_their_snapshots() {
    let ani = account("Ani Wulandari", "ani.w");
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        let changed = bodies().into_iter().find(|(name, _)| *name == "changed-lock").unwrap().1;
        for (name, body) in
            [("reset", on_device(reset_body())), ("one-of-several", without_code()), ("changed", changed)]
        {
            let mail = render(locale, body, &ani);
            compare(&format!("named-{name}-{locale}.txt"), &format!("{}\n\n{}", mail.subject, mail.text));
            compare(&format!("named-{name}-{locale}.html"), &mail.html);
            for text in [&mail.subject, &mail.text] {
                assert_eq!(avoided(locale.tag(), text), [""; 0], "{text}");
            }
        }
    }
}

/// Where the account has no name, a mail reads as it would without an account, byte for byte.
#[test]
fn a_mail_without_names_says_nothing_in_their_place() {
    let nameless = Account::new("7", AccountStatus::Active);
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        for ((name, body), (_, same)) in bodies().into_iter().zip(bodies()) {
            let before = DefaultTemplates::new().render(&message(1, TO, SITE, locale, body)).unwrap();
            assert_eq!(render(locale, same, &nameless).text, before.text, "{name}");
            let hello = if locale == Locale::ENGLISH { "Hello" } else { "Halo" };
            assert!(!before.text.contains(hello), "{name}");
        }
    }
}

#[test]
fn times_are_those_of_the_zone_of_the_account() {
    let text = |account| render(Locale::ENGLISH, reset_body(), &account).text.replace('\n', " ");
    let unnamed = || Account::new("7", AccountStatus::Active);
    assert!(text(unnamed()).contains("21 November 2026 at 13:50 WIB"));
    assert!(text(unnamed().with_zone("Asia/Jayapura")).contains("21 November 2026 at 15:50 WIT,"));
}

/// People choose their names and those of their accounts, also when they typed another person's address.
#[test]
fn a_name_of_a_stranger_is_never_markup_and_never_a_link() {
    for forged in [
        "<a href=\"https://evil.example\">Ani</a>",
        "https://evil.example/login",
        "www.evil.example",
        "evil.example",
        "mailto:a@evil.example",
        "a@evil.example",
        "Ani \u{202e}elpmaxe.live\u{202c}",
        "Ani\r\n\r\n<b>https://evil.example</b>",
        "&lt;b&gt;",
        "Your account is locked, call 0812 3456 7890 now and say the code",
    ] {
        for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
            let mail = render(locale, reset_body(), &account(forged, forged));
            for body in [&mail.text, &mail.html.split_once("</head>").unwrap().1.to_owned()] {
                assert!(!body.contains("evil.example"), "{forged:?} would become a link:\n{body}");
                assert!(!body.contains("elpmaxe.live") && !body.contains("0812"), "{forged:?}:\n{body}");
                assert!(!body.contains(['\u{202e}', '\u{202c}', '\r']), "{forged:?}");
            }
            assert!(!mail.html.contains("<b>https") && !mail.html.contains("&lt;b&gt;"), "{forged:?}");
        }
    }
}
