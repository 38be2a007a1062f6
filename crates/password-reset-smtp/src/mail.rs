//! The message in wire format (RFC 5322, RFC 2046).

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use password_reset_mail::Mail;

/// The longest line of a mail, without its end (RFC 5322 §2.1.1).
const MAX_LINE: usize = 998;

/// Metadata of Postmark, with [`Bounce::FIELD`](password_reset_mail::Bounce::FIELD) as its name.
const POSTMARK_METADATA: &str = "X-PM-Metadata-password-reset";

/// The latest time that a Date header can hold.
const END_OF_TIME: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(time) => time,
    None => DateTime::<Utc>::MAX_UTC,
};

/// Writes the mail: text first, HTML second, one sender, one recipient, marked as automatic, and not as
/// list or bulk mail.
pub(crate) fn compose(mail: &Mail, date: DateTime<Utc>) -> Result<Vec<u8>, &'static str> {
    // A bounce names the mail by it: what `Bounce` reads back.
    let reference = mail.reference();
    let alternatives = MultiPart::alternative()
        // A fixed boundary: the same message has the same bytes.
        .boundary(format!("=_{}", reference.split('-').next().unwrap_or_default()))
        .singlepart(part(ContentType::TEXT_PLAIN, mail.text()))
        .singlepart(part(ContentType::TEXT_HTML, mail.html()));
    let mut builder = lettre::Message::builder()
        .date(date.clamp(DateTime::UNIX_EPOCH, END_OF_TIME).into())
        .message_id(Some(mail.message_id()))
        .from(mailbox(mail.from())?)
        .to(Mailbox::new(None, address(mail.to())?))
        .subject(mail.subject());
    for (name, value) in mail.headers() {
        builder = builder.raw_header(raw(name, value));
    }
    // Postmark gives each mail another Message-ID, and hands this back in its webhooks.
    builder = builder.raw_header(raw(POSTMARK_METADATA, reference));
    if let Some(reply_to) = mail.reply_to() {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let message = builder.multipart(alternatives).map_err(|_cannot_be| "message has no sender or recipient")?;
    Ok(message.formatted())
}

/// An address as lettre's type, which accepts all that are plain.
pub(crate) fn address(address: &password_reset_mail::Address) -> Result<lettre::Address, &'static str> {
    lettre::Address::new(address.local(), address.domain()).map_err(|_says_little| "not a plain email address")
}

fn mailbox(mailbox: &password_reset_mail::Mailbox) -> Result<Mailbox, &'static str> {
    Ok(Mailbox::new(mailbox.name.clone(), address(&mailbox.address)?))
}

/// One of the two bodies. ASCII goes as it is: quoted-printable would break the line of every link, and programs that show or
/// rewrite the source of a mail would find half a link.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let builder = SinglePart::builder().header(kind);
    let text = text.replace('\n', "\r\n");
    if text.is_ascii() && text.split("\r\n").all(|line| line.len() <= MAX_LINE) {
        builder.body(Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit))
    } else {
        builder.body(text)
    }
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
