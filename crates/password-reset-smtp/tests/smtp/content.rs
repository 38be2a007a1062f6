//! The received message, read by an independent parser.

use std::sync::Arc;

use mail_parser::{Message as Parsed, MessageParser, MimeHeaders, PartType};
use password_reset::message::SecretUrl;
use password_reset::message::{LinkKind, LinkMessage, MessageBody};
use password_reset::ports::Notifier;
use password_reset::secret::{Code, LinkToken};
use password_reset::{Locale, Message, Site};
use password_reset_smtp::{DefaultTemplates, MailTemplates, RenderError, RenderedMail, SmtpNotifier};
use password_reset_testkit::FakeClock;
use password_reset_testkit::messages::{
    ASK, CANCEL, CODE, LINK, LINK_SECRET, SITE, TO, changed_body, message, requested_at, reset, reset_body,
};

use crate::support::server::{MailServer, Received};
use crate::support::{FROM, assert_delivered, never};

async fn sent(make: impl FnOnce(SmtpNotifier) -> SmtpNotifier, message: &Message) -> Received {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
    assert_delivered(&make(notifier).deliver(message).await);
    server.only()
}

fn header_names(message: &Parsed<'_>) -> Vec<String> {
    message.headers().iter().map(|header| header.name().to_owned()).collect()
}

/// The bodies: text first, HTML second.
fn bodies(message: &Parsed<'_>) -> (String, String) {
    let root = &message.parts[0];
    let kind = root.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
    let PartType::Multipart(children) = &root.body else { panic!("not multipart") };
    assert_eq!(children.len(), 2);
    let child = |at: usize, subtype: &str| {
        let part = &message.parts[usize::try_from(children[at]).unwrap()];
        let kind = part.content_type().unwrap();
        assert_eq!((kind.ctype(), kind.subtype()), ("text", Some(subtype)));
        assert!(kind.attribute("charset").unwrap().eq_ignore_ascii_case("utf-8"));
        assert!(part.attachment_name().is_none());
        part.text_contents().unwrap().to_owned()
    };
    (child(0, "plain"), child(1, "html"))
}

/// Every URL in a text, and every attribute of HTML that fetches or links.
fn urls(body: &str) -> Vec<String> {
    let mut found: Vec<String> = body
        .match_indices("://")
        .map(|(at, _)| {
            let start = body[..at].rfind(|letter: char| !letter.is_ascii_alphabetic()).map_or(0, |before| before + 1);
            body[start..]
                .split(|letter: char| letter.is_whitespace() || "\"'<>()".contains(letter))
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn every_mail_is_what_a_transactional_mail_must_be() {
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        for (body, allowed, subject_word) in [
            (reset_body(), vec![CANCEL.to_owned(), LINK.to_owned()], ["Reset", "Atur ulang"]),
            (changed_body(), vec![ASK.to_owned()], ["changed", "diubah"]),
        ] {
            let is_reset = matches!(body, MessageBody::Link(_));
            let message = message(1, TO, SITE, locale, body);
            let received =
                sent(|notifier| notifier.with_clock(Arc::new(FakeClock::at(requested_at()))), &message).await;
            let raw = String::from_utf8(received.content.clone()).unwrap();
            assert!(raw.is_ascii() && raw.lines().all(|line| line.len() <= 998));
            assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "every line ends with CRLF");
            let mail = MessageParser::default().parse(&received.content).unwrap();

            assert_eq!(mail.date().unwrap().to_timestamp(), requested_at().timestamp());
            assert_eq!(
                mail.message_id(),
                Some("01010101010101010101010101010101-01010101010101010101010101010101@toko.example")
            );
            let from = mail.from().unwrap().as_list().unwrap();
            assert_eq!((from.len(), from[0].address(), from[0].name()), (1, Some(FROM), Some(SITE)));
            let to = mail.to().unwrap().as_list().unwrap();
            assert_eq!((to.len(), to[0].address(), to[0].name()), (1, Some(TO), None));
            let names = header_names(&mail);
            for name in ["Date", "Message-ID", "From", "To", "Subject", "MIME-Version", "Content-Type"] {
                let count = names.iter().filter(|other| other.eq_ignore_ascii_case(name)).count();
                assert_eq!(count, 1, "{name} in {names:?}");
            }
            let text_of = |name: &str| mail.header(name).and_then(|value| value.as_text()).map(str::to_owned);
            assert_eq!(text_of("Auto-Submitted").as_deref(), Some("auto-generated"));
            assert_eq!(text_of("X-Auto-Response-Suppress").as_deref(), Some("All"));
            assert!(raw.contains(&format!("\r\nContent-Language: {locale}\r\n")));
            for name in ["Cc", "Bcc", "Reply-To", "Sender", "List-Unsubscribe", "List-Id", "Precedence", "Return-Path"]
            {
                assert!(!names.iter().any(|other| other.eq_ignore_ascii_case(name)), "{name} in {names:?}");
            }
            let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
            for secret in [CODE, "4071", LINK_SECRET, "AZq1", "://"] {
                assert!(!headers.contains(secret), "{headers}");
            }
            let subject = mail.subject().unwrap();
            assert!(subject_word.iter().any(|word| subject.contains(word)) && subject.contains(SITE), "{subject}");

            let (text, html) = bodies(&mail);
            for body in [&text, &html] {
                assert!(body.contains(SITE));
                assert_eq!(urls(body), allowed);
                let time = if locale == Locale::ENGLISH {
                    "21 November 2026 at 13:50 WIB"
                } else {
                    "21 November 2026 pukul 13.50 WIB"
                };
                assert!(body.replace("\r\n", " ").contains(time), "{body}");
                assert_eq!(body.contains("4071 8265"), is_reset);
                let lives =
                    if locale == Locale::ENGLISH { ["30 minutes", "10 minutes"] } else { ["30 menit", "10 menit"] };
                assert_eq!(lives.iter().all(|lives| body.replace("\r\n", " ").contains(lives)), is_reset);
            }
            assert!(html.contains(&format!("<html lang=\"{locale}\"")));
            for forbidden in [
                "<img",
                "<script",
                "<link",
                "<style",
                "<iframe",
                "<form",
                "url(",
                "@import",
                "src=",
                "onload",
                "background=",
                "http-equiv",
            ] {
                assert!(!html.contains(forbidden), "{forbidden}");
            }
            let tables = html.matches("<table").count();
            assert_eq!(html.matches("<table role=\"presentation\"").count(), tables);
            if is_reset {
                let button =
                    if locale == Locale::ENGLISH { ">Reset Password</a>" } else { ">Atur Ulang Kata Sandi</a>" };
                let at = html.find(button).expect("a button");
                assert!(html[..at].rfind(&format!("href=\"{LINK}\"")).is_some(), "the button opens the link");
                assert!(html[at..].contains(&format!(">{LINK}</a>")), "the plain link is under it");
                assert_eq!(html.matches(&format!("href=\"{CANCEL}\"")).count(), 1);
            }
        }
    }
}

#[tokio::test]
async fn configured_names_and_reply_address_are_shown() {
    let server = MailServer::plain();
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let notifier = SmtpNotifier::new(&url, "\"Töko, Contoh\" <no-reply@toko.example>")
        .unwrap()
        .with_reply_to("Bantuan <help@toko.example>")
        .unwrap();
    assert_delivered(&notifier.deliver(&reset(1)).await);
    let content = server.only().content;
    let mail = MessageParser::default().parse(&content).unwrap();
    let from = mail.from().unwrap().as_list().unwrap();
    assert_eq!((from[0].name(), from[0].address()), (Some("Töko, Contoh"), Some(FROM)));
    let reply_to = mail.reply_to().unwrap().as_list().unwrap();
    assert_eq!((reply_to[0].name(), reply_to[0].address()), (Some("Bantuan"), Some("help@toko.example")));
}

/// Renders the mail of a test.
#[derive(Debug)]
struct Fixed(&'static str, &'static str);

impl MailTemplates for Fixed {
    fn render(&self, message: &Message) -> Result<RenderedMail, RenderError> {
        if self.0 == "fails" {
            return Err(RenderError::new("no template for it"));
        }
        let default = DefaultTemplates::new().render(message)?;
        Ok(RenderedMail::new(self.0, self.1, default.html.replace("</body>", &format!("{}</body>", self.1))))
    }
}

/// No line of a body acts as a command or ends the message.
#[tokio::test]
async fn lines_that_look_like_the_end_or_a_command_are_delivered_as_text() {
    for body in [
        ".",
        "..",
        ".\n",
        "\n.\n",
        "a\n.\nMAIL FROM:<jahat@evil.example>\nRCPT TO:<jahat@evil.example>\nDATA\nx\n.\nQUIT",
        "a\r\n.\r\nRSET\r\nMAIL FROM:<jahat@evil.example>\r\n",
        "a\r.\rMAIL FROM:<jahat@evil.example>\r",
        "a\n.\r\nb",
        "a\r\n.\nb",
        "a\r.\r\nb",
        ".a\n..b\n...c\n",
        "\r\n.\r\n.\r\n.\r\n",
        "a\0.\0b\u{1b}[2J",
        "ends with a dot.",
        "ends with CR\r",
        "ümläut\n.\nümläut",
    ] {
        let received = sent(|notifier| notifier.with_templates(Fixed("Hello", body)), &reset(1)).await;
        assert_eq!((received.from.as_str(), received.to.as_slice()), (FROM, &[TO.to_owned()][..]), "{body:?}");
        let raw = String::from_utf8(received.content.clone()).unwrap();
        assert!(!raw.replace("\r\n", "").contains(['\r', '\n', '\0', '\u{1b}']), "{body:?}");
        let mail = MessageParser::default().parse(&received.content).unwrap();
        let (text, html) = bodies(&mail);
        let written = body.replace("\r\n", "\n").replace('\r', "\n").replace(['\0', '\u{1b}'], "");
        assert_eq!(text.replace("\r\n", "\n").trim_end_matches('\n'), written.trim_end_matches('\n'), "{body:?}");
        assert!(html.contains("</html>"), "{body:?}");
    }
}

#[tokio::test]
async fn a_subject_with_a_line_break_or_a_failing_template_sends_nothing() {
    let server = MailServer::plain();
    let notifier = |subject| {
        SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), FROM)
            .unwrap()
            .with_templates(Fixed(subject, "x"))
    };
    for subject in ["a\r\nBcc: jahat@evil.example", "=?utf-8?q?a=0d=0ab?="] {
        assert!(never(notifier(subject).deliver(&reset(1)).await).contains("subject"));
    }
    assert_eq!(never(notifier("fails").deliver(&reset(1)).await), "no template for it");
    assert!(server.commands().is_empty());
}

#[tokio::test]
async fn a_long_subject_or_line_is_folded_and_unfolds_unchanged() {
    const LONG: &str = "Toko Contoh dengan nama yang sangat panjang, agar judulnya harus dilipat menjadi beberapa baris, émoji 🦀 🦀 🦀 🦀 🦀 🦀 🦀 🦀 🦀 🦀 🦀";
    let received = sent(|notifier| notifier.with_templates(Fixed(LONG, LONG)), &reset(1)).await;
    let mail = MessageParser::default().parse(&received.content).unwrap();
    assert_eq!(mail.subject(), Some(LONG));
    assert_eq!(bodies(&mail).0.trim_end(), LONG);
    assert!(received.content.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
}

/// A clock that is wrong by centuries must not cause a panic.
#[tokio::test]
async fn any_time_makes_a_date() {
    for time in [chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC] {
        let received = sent(|notifier| notifier.with_clock(Arc::new(FakeClock::at(time))), &reset(1)).await;
        assert!(MessageParser::default().parse(&received.content).unwrap().date().is_some());
    }
}

/// What makes links of texts leaves these out at the end.
fn as_a_link(text: &str) -> &str {
    text.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric())
}

/// Quoted-printable would break the line of a link; a link that ends in `-` or `_` would lose its end.
#[tokio::test]
async fn links_stand_whole_in_the_source_of_the_mail() {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
    let site = Site::new(SITE, ASK);
    let secrets: Vec<String> = (0..64_u8).map(secret_of).filter(|secret| LinkToken::parse(secret).is_ok()).collect();
    assert!((60..64).contains(&secrets.len()), "one in 32 ends in punctuation, and is no secret");
    for (at, secret) in (0..).zip(&secrets) {
        let locale = if at % 2 == 1 { Locale::INDONESIAN } else { Locale::ENGLISH };
        let link = SecretUrl::new(&site, "link", secret);
        let minutes = std::time::Duration::from_secs(600);
        let kind = LinkKind::Reset { code: Code::parse(CODE).unwrap(), code_lives: minutes };
        let cancel = SecretUrl::new(&site, "cancel", secret);
        let body = MessageBody::Link(LinkMessage::new(kind, link, minutes, cancel, requested_at()));
        assert_delivered(&notifier.deliver(&message(at, TO, SITE, locale, body)).await);
    }
    let received = server.received();
    assert_eq!(received.len(), secrets.len());
    for (mail, secret) in received.iter().zip(&secrets) {
        let raw = std::str::from_utf8(&mail.content).unwrap();
        assert_eq!(raw.matches("Content-Transfer-Encoding: 7bit\r\n").count(), 2, "{raw}");
        for page in ["link", "cancel"] {
            let link = format!("{ASK}/{page}#{secret}");
            assert!(raw.matches(&link).count() >= 2, "in the text and in the HTML, whole: {raw}");
            let (text, _html) = bodies(&MessageParser::default().parse(&mail.content).unwrap());
            let line = text.lines().find(|line| line.contains(&link)).expect("in the text");
            let (_, behind) = line.split_once('#').unwrap();
            assert!(LinkToken::parse(as_a_link(behind.split(' ').next().unwrap())).is_ok(), "{line}");
        }
    }
}

/// 64 characters of base64url that end in each of them in turn.
fn secret_of(last: u8) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut random = u64::from(last).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut letters: Vec<u8> = (0..63)
        .map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ALPHABET[usize::try_from(random >> 58).unwrap()]
        })
        .collect();
    letters.push(ALPHABET[usize::from(last)]);
    String::from_utf8(letters).unwrap()
}

#[tokio::test]
async fn a_mail_that_is_not_ascii_or_has_long_lines_is_encoded() {
    let long = "x".repeat(999);
    for (body, is_7bit) in [("Töko", false), (long.as_str(), false), (&long[1..], true), ("Toko", true)] {
        let leaked: &'static str = body.to_owned().leak();
        let received = sent(|notifier| notifier.with_templates(Fixed("Hello", leaked)), &reset(1)).await;
        let raw = std::str::from_utf8(&received.content).unwrap();
        assert_eq!(raw.contains("Content-Transfer-Encoding: 7bit"), is_7bit, "{raw}");
        assert!(raw.lines().all(|line| line.len() <= 998));
        let (text, _html) = bodies(&MessageParser::default().parse(&received.content).unwrap());
        assert_eq!(text.trim_end(), body);
    }
}
