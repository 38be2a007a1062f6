//! Bounces: mails in which a server says later what became of a mail (RFC 3464).

use password_reset::ResetId;
use password_reset::inbound::DeliveryReport;

use crate::whose::{Whose, enhanced_code, whose};

/// A bounce is a few kilobytes and the mail that it returns; the rest of a larger one is not read.
const MAX_BYTES: usize = 256 * 1024;

/// What a bounce says of a mail of [`SmtpNotifier`](crate::SmtpNotifier).
///
/// Servers send bounces to the sender's address. Have that mailbox read by a program that hands each mail to
/// [`parse`](Self::parse), and the result to
/// [`PasswordReset::report_bounce`](password_reset::PasswordReset::report_bounce):
///
/// ```
/// use password_reset::{PasswordReset, PortError};
/// use password_reset_smtp::Bounce;
///
/// async fn arrived(reset: &PasswordReset, mail: &[u8]) -> Result<(), PortError> {
///     match Bounce::parse(mail) {
///         Some(bounce) => reset.report_bounce(bounce.reset, bounce.message, bounce.report).await,
///         None => Ok(()), // another mail
///     }
/// }
/// ```
///
/// # Security
/// Anyone can send such a mail. It has an effect only with the id of the mail that it is about, which its recipient and the
/// servers on its way have seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounce {
    /// The reset that the mail belonged to.
    pub reset: ResetId,
    /// The id of the mail, as far as its `Message-ID` carries it.
    pub message: [u8; 16],
    /// What became of it, with the status code alone (R166).
    pub report: DeliveryReport,
}

impl Bounce {
    /// Reads a mail as it arrived, headers included. `None` for any other mail, a delay, and a bounce of another
    /// application's mail.
    #[must_use]
    pub fn parse(mail: &[u8]) -> Option<Self> {
        let mail = mail.get(..MAX_BYTES).unwrap_or(mail);
        let mail = String::from_utf8_lossy(mail).replace("\r\n", "\n");
        let (head, body) = mail.split_once("\n\n")?;
        let kind = fields(head).find_map(|(name, value)| named(name, "content-type").then(|| value.to_lowercase()))?;
        if !kind.starts_with("multipart/report") || !kind.contains("delivery-status") {
            return None;
        }
        let report = report(body)?;
        // Some servers return no part of the mail and name it in their own headers.
        let (message, reset) = message_id(body).or_else(|| message_id(head))?;
        Some(Self { reset: ResetId::from_bytes(reset), message, report })
    }
}

/// What the fields of the one recipient say (RFC 3464 §2.3).
fn report(body: &str) -> Option<DeliveryReport> {
    let (_, part) = split_ignoring_case(body, "content-type: message/delivery-status")?;
    let fields: Vec<(&str, String)> = fields(part).collect();
    let field = |wanted| fields.iter().find(|(name, _)| named(name, wanted)).map(|(_, value)| value.as_str());
    let diagnostic = field("diagnostic-code").unwrap_or_default();
    // `smtp; 550 5.1.1 …`: the code of the server that refused, where the reporting one has only a general one.
    let said = diagnostic.split_once(';').map_or(diagnostic, |(_, said)| said).trim();
    let said = said.trim_start_matches(|letter: char| letter.is_ascii_digit()).trim_start_matches([' ', '-']);
    let status = field("status").and_then(enhanced_code);
    let code = enhanced_code(said).or(status);
    match field("action")?.to_ascii_lowercase().as_str() {
        "delivered" => Some(DeliveryReport::Delivered),
        "failed" => {
            let why = code.clone().unwrap_or_else(|| "bounced".to_owned());
            Some(match whose(code.as_deref(), said) {
                Whose::Recipient => DeliveryReport::NoSuchContact { why },
                Whose::Message | Whose::Ours => DeliveryReport::Failed { why },
            })
        }
        _ => None,
    }
}

/// `name: value` lines with their continuations.
fn fields(text: &str) -> impl Iterator<Item = (&str, String)> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let Some((name, first)) = line.split_once(':').filter(|(name, _)| !name.contains(' ')) else { continue };
            let mut value = first.trim().to_owned();
            while let Some(more) = lines.next_if(|more| more.starts_with([' ', '\t'])) {
                value.push(' ');
                value.push_str(more.trim());
            }
            return Some((name, value));
        }
    })
}

fn named(name: &str, wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted)
}

fn split_ignoring_case<'a>(text: &'a str, at: &str) -> Option<(&'a str, &'a str)> {
    let found = text.to_ascii_lowercase().find(at)?;
    let (before, rest) = text.split_at_checked(found)?;
    Some((before, rest.get(at.len()..)?))
}

/// The first `<id.reset@…` in a text, as [`compose`](crate::mail::compose) writes it.
fn message_id(text: &str) -> Option<([u8; 16], [u8; 16])> {
    text.match_indices('<').find_map(|(at, _)| {
        let id = text.get(at.checked_add(1)?..)?;
        let (id, _domain) = id.get(..66)?.split_once('@')?;
        let (message, reset) = id.split_once('.')?;
        Some((bytes(message)?, bytes(reset)?))
    })
}

fn bytes(hex: &str) -> Option<[u8; 16]> {
    let all = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    u128::from_str_radix(hex, 16).ok().filter(|_| all).map(u128::to_be_bytes)
}
