//! Bounces: what a server says later of a mail, in a mail (RFC 3464) or through the webhook of a mail service.

pub(crate) mod auth;
pub(crate) mod error;
mod event;
mod mailgun;
mod postmark;
mod resend;
mod sendgrid;
mod ses;
pub(crate) mod webhook;

use password_reset::inbound::DeliveryReport;
use password_reset::ports::Digest;
use password_reset::{Message, ResetId};

use crate::whose::{Whose, enhanced_code, whose};

/// A bounce is a few kilobytes and the mail that it returns; the rest of a larger one is not read.
const MAX_BYTES: usize = 256 * 1024;

/// What a bounce says of a mail that a [`MailWriter`](crate::MailWriter) wrote.
///
/// Servers send bounces to the sender's address. Have that mailbox read by a program that hands each mail to
/// [`parse`](Self::parse), and the result to
/// [`Reports::bounce`](password_reset::operations::Reports::bounce):
///
/// ```
/// use password_reset::{PasswordReset, PortError};
/// use password_reset_mail::Bounce;
///
/// async fn arrived(reset: &PasswordReset, mail: &[u8]) -> Result<(), PortError> {
///     match Bounce::parse(mail) {
///         Some(bounce) => reset.reports().bounce(bounce.reset, bounce.message, bounce.report).await,
///         None => Ok(()), // another mail
///     }
/// }
/// ```
///
/// [`BounceWebhook`](crate::BounceWebhook) reads the same from the webhooks of mail services.
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
    /// What became of it, with the status code alone.
    pub report: DeliveryReport,
}

impl Bounce {
    /// The name of the field that [`reference_for`](Self::reference_for) goes into.
    pub const FIELD: &'static str = "password-reset";

    /// What a bounce must carry for its mail to be found: what stands before the `@` in the
    /// [`Message-ID`](crate::Mail::message_id). A notifier of your own that calls a service's HTTP API gives it along as the
    /// field [`FIELD`](Self::FIELD) of the metadata (Postmark), tags (Resend, SES), custom arguments (SendGrid) or variables
    /// (Mailgun): letters, digits and one dash, 65 characters.
    #[must_use]
    pub fn reference_for(message: &Message) -> String {
        reference(message.id(), message.reset())
    }

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
    // The code of the server that refused, where the reporting one has only a general one.
    let said = said(field("diagnostic-code").unwrap_or_default());
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

/// The text of a reply without what stands before it: `5.1.1 …` of `smtp; 550 5.1.1 …`.
fn said(diagnostic: &str) -> &str {
    let reply = diagnostic.split_once(';').filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("smtp"));
    let reply = reply.map_or(diagnostic, |(_, reply)| reply).trim();
    let rest = reply.trim_start_matches(|letter: char| letter.is_ascii_digit());
    // The digits of `5.1.1` alone are not a reply code.
    if rest.starts_with('.') { reply } else { rest.trim_start_matches([' ', '-', '#']) }
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

/// The first `<id-reset@…` in a text, as [`Mail::message_id`](crate::Mail::message_id) has it.
fn message_id(text: &str) -> Option<([u8; 16], [u8; 16])> {
    text.match_indices('<').find_map(|(at, _)| {
        let id = text.get(at.checked_add(1)?..)?;
        let (id, _domain) = id.get(..66)?.split_once('@')?;
        ids(id)
    })
}

/// The ids of a message and of its reset: 128 bits of each are enough, and short enough for one line.
fn reference(message: &Digest, reset: ResetId) -> String {
    let hex = |bytes: &[u8]| bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{}-{}", hex(message.as_bytes()), hex(reset.as_bytes()))
}

/// Reads a [`reference`].
fn ids(reference: &str) -> Option<([u8; 16], [u8; 16])> {
    let (message, reset) = reference.split_once('-')?;
    Some((bytes(message)?, bytes(reset)?))
}

fn bytes(hex: &str) -> Option<[u8; 16]> {
    let all = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    u128::from_str_radix(hex, 16).ok().filter(|_| all).map(u128::to_be_bytes)
}
