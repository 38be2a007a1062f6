//! What a mail says beside its texts.

use password_reset::{Contact, Locale};
use password_reset_mail::{Bounce, DefaultTemplates, MailTemplates, MailWriter, RenderError, RenderedMail};
use password_reset_testkit::messages::{SITE, TO, message, reset, reset_body, reset_to};

use crate::FROM;

#[test]
fn a_mail_has_one_sender_one_recipient_and_an_id_that_bounces_name() {
    let writer = MailWriter::new("Töko <no-reply@tökö.example>").unwrap().with_reply_to("help@toko.example").unwrap();
    let mail = writer.write(&message(7, TO, SITE, Locale::INDONESIAN, reset_body())).unwrap();
    assert_eq!(mail.from().to_string(), "\"Töko\" <no-reply@xn--tk-fkab.example>");
    assert_eq!(mail.reply_to().unwrap().to_string(), "help@toko.example");
    assert_eq!((mail.to().as_str(), mail.to().local(), mail.to().domain()), (TO, "budi", "pelanggan.example"));
    assert_eq!(mail.reference(), Bounce::reference_for(&reset(7)));
    assert_eq!(mail.message_id(), format!("<{}@xn--tk-fkab.example>", mail.reference()));
    assert_eq!(mail.headers()[0], ("Content-Language", "id"));
    assert_eq!(mail.headers()[1], ("Auto-Submitted", "auto-generated"));
}

#[test]
fn without_a_name_of_its_own_the_sender_has_that_of_the_service() {
    let mail =
        MailWriter::new(FROM).unwrap().write(&message(7, TO, "To\"ko\\", Locale::ENGLISH, reset_body())).unwrap();
    assert_eq!(mail.from().to_string(), "\"To\\\"ko\\\\\" <no-reply@toko.example>");
}

#[test]
fn a_reference_fits_into_every_field_of_a_service() {
    let reference = Bounce::reference_for(&reset(9));
    assert!(reference.len() == 65 && reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
}

#[test]
fn a_contact_that_is_no_plain_address_gets_no_mail_and_is_not_shown() {
    let writer = MailWriter::new(FROM).unwrap();
    for to in ["budi@pelanggan.example\r\nBcc: jahat@evil.example", "Budi <budi@pelanggan.example>", "budi", ""] {
        let error = writer.write(&reset_to(to)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("budi"), "{error:?}");
    }
    let phone = password_reset::Message::new(
        *reset(1).id(),
        reset(1).reset(),
        Contact::phone("+6281234567890"),
        Locale::ENGLISH,
        reset(1).site().clone(),
        reset_body(),
    );
    assert_eq!(writer.write(&phone).unwrap_err().why(), "not an email address");
}

#[test]
fn senders_that_are_not_one_plain_address_are_refused() {
    for from in [
        "",
        "no-reply",
        "a@b.example, c@d.example",
        "a@b, Toko <a@toko.example>",
        "Toko\r\n <no-reply@toko.example>",
        "Toko\r\nBcc: x@evil.example <a@toko.example>",
        "To\0ko <a@toko.example>",
    ] {
        assert!(MailWriter::new(from).is_err_and(|error| error.field == "sender (from)"), "{from:?}");
        let refused = MailWriter::new(FROM).unwrap().with_reply_to(from);
        assert!(refused.is_err_and(|error| error.field == "reply-to"), "{from:?}");
    }
}

/// Renders the mail of a test.
#[derive(Debug)]
struct Fixed(&'static str, &'static str);

impl MailTemplates for Fixed {
    fn render(&self, message: &password_reset::Message) -> Result<RenderedMail, RenderError> {
        Ok(RenderedMail::new(self.0, self.1, DefaultTemplates::new().render(message)?.html))
    }
}

#[test]
fn bodies_lose_control_characters_and_subjects_with_one_are_refused() {
    let write = |subject, text| MailWriter::new(FROM).unwrap().with_templates(Fixed(subject, text)).write(&reset(1));
    assert_eq!(write("x", "a\r\nb\rc\0\u{1b}[2J\td").unwrap().text(), "a\nb\nc[2J\td");
    for subject in [
        "a\r\nBcc: x@evil.example",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{202e}b",
        "=?utf-8?q?a=0d=0ab?=",
    ] {
        assert!(write(subject, "x").unwrap_err().why().contains("subject"), "{subject:?}");
    }
}

#[test]
fn debug_shows_no_part_of_a_mail() {
    let writer = MailWriter::new(FROM).unwrap();
    let shown = format!("{:?} {writer:?}", writer.write(&reset(1)).unwrap());
    assert!(!shown.contains("budi") && !shown.contains("4071") && !shown.contains("https"), "{shown}");
}
