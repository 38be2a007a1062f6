//! The message in wire format (RFC 5322, RFC 2046).

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use password_reset::ports::Digest;
use password_reset::{Locale, ResetId};

use crate::address::{ENCODED_WORD, is_unsafe};
use crate::bounce::reference;
use crate::templates::RenderedMail;

/// The longest line of a mail, without its end (RFC 5322 §2.1.1).
const MAX_LINE: usize = 998;

/// Metadata of Postmark, with [`Bounce::FIELD`](crate::Bounce::FIELD) as its name.
const POSTMARK_METADATA: &str = "X-PM-Metadata-password-reset";

/// The latest time that a Date header can hold.
const END_OF_TIME: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(time) => time,
    None => DateTime::<Utc>::MAX_UTC,
};

/// The values of the headers.
#[derive(Debug)]
pub(crate) struct Headers<'a> {
    pub(crate) id: &'a Digest,
    pub(crate) reset: ResetId,
    pub(crate) from: Mailbox,
    pub(crate) reply_to: Option<Mailbox>,
    pub(crate) to: Address,
    pub(crate) date: DateTime<Utc>,
    pub(crate) locale: Locale,
}

/// Writes the message: text first, HTML second, one sender, one recipient, marked as automatic, and
/// not as list or bulk mail.
pub(crate) fn compose(headers: Headers<'_>, mail: RenderedMail) -> Result<Vec<u8>, &'static str> {
    if mail.subject.chars().any(is_unsafe) {
        return Err("subject has a line break, control or invisible character");
    }
    if mail.subject.contains(ENCODED_WORD) {
        return Err("subject has an encoded word: write plain text");
    }
    // A bounce names the mail by it: what `Bounce` reads back.
    let reference = reference(headers.id, headers.reset);
    let message_id = format!("<{reference}@{}>", headers.from.email.domain());
    let alternatives = MultiPart::alternative()
        // A fixed boundary: the same message has the same bytes.
        .boundary(format!("=_{}", reference.split('-').next().unwrap_or_default()))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.html));
    let mut builder = lettre::Message::builder()
        .date(headers.date.clamp(DateTime::UNIX_EPOCH, END_OF_TIME).into())
        .message_id(Some(message_id))
        .from(headers.from)
        .to(Mailbox::new(None, headers.to))
        .subject(mail.subject)
        .raw_header(raw("Content-Language", headers.locale.tag()))
        // RFC 3834 §5: keeps vacation responders from answering and sending the link elsewhere (CVE-2017-8295).
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("X-Auto-Response-Suppress", "All"))
        // Postmark gives each mail another Message-ID, and hands this back in its webhooks.
        .raw_header(raw(POSTMARK_METADATA, &reference));
    if let Some(reply_to) = headers.reply_to {
        builder = builder.reply_to(reply_to);
    }
    let message = builder.multipart(alternatives).map_err(|_cannot_be| "message has no sender or recipient")?;
    Ok(message.formatted())
}

/// One of the two bodies. ASCII goes as it is: quoted-printable would break the line of every link, and programs that show or
/// rewrite the source of a mail would find half a link.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let builder = SinglePart::builder().header(kind);
    let text = lines(text);
    if text.is_ascii() && text.split("\r\n").all(|line| line.len() <= MAX_LINE) {
        builder.body(Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit))
    } else {
        builder.body(text)
    }
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Converts line ends to CRLF and drops control characters except tabs: servers disagree on a lone CR, a NUL or an escape
/// sequence (CVE-2021-38189).
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.replace(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'), "").replace('\n', "\r\n")
}
