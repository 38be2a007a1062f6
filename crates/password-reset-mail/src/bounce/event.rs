//! What the events of all mail services have in common.

use password_reset::ResetId;
use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use crate::bounce::{Bounce, ids, said};
use crate::whose::{Whose, enhanced_code, is_about_us, whose};

/// What a service says itself of a mail that failed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    /// The address does not exist or is not valid.
    NoMailbox,
    /// It was refused for good. Only the reply of the recipient's server says why.
    Refused,
    /// Something else that these words name: full, blocked. Never the recipient's fault.
    Other(&'static str),
    /// What no reply of a server caused. Never the recipient's fault.
    Itself(&'static str),
}

/// For a mail that the service does not send, since an earlier one to the address failed.
pub(super) const SUPPRESSED: Says = Says::Itself("suppressed");
/// For a mail that the recipient marked as spam.
pub(super) const COMPLAINT: Says = Says::Itself("complaint");
/// For a mail that the service itself did not take.
pub(super) const REJECTED: Says = Says::Itself("rejected by the mail service");

/// Joins what the service says with the status and reply of the recipient's server. Their text is never kept.
pub(super) fn failure(says: Says, status: &str, reply: &str) -> DeliveryReport {
    let said = said(reply);
    let code = enhanced_code(said).or_else(|| enhanced_code(status));
    let is_recipients = match says {
        Says::Itself(words) => return DeliveryReport::Failed { why: words.to_owned() },
        Says::Other(words) => {
            let why = code.map_or_else(|| words.to_owned(), |code| format!("{words} {code}"));
            return DeliveryReport::Failed { why };
        }
        _ if whose(code.as_deref(), said) == Whose::Recipient => true,
        Says::Refused => false,
        Says::NoMailbox => says_nothing(code.as_deref()) && !is_about_us(said),
    };
    let why = code.unwrap_or_else(|| "hard bounce".to_owned());
    if is_recipients { DeliveryReport::NoSuchContact { why } } else { DeliveryReport::Failed { why } }
}

/// Whether a code only says that something is wrong, so that it does not contradict the service.
fn says_nothing(code: Option<&str>) -> bool {
    matches!(code, None | Some("5.0.0" | "5.1.0" | "5.5.0"))
}

/// A text at a JSON pointer.
pub(super) fn text<'a>(event: &'a Value, pointer: &str) -> Option<&'a str> {
    event.pointer(pointer)?.as_str()
}

/// The list of what is known of one mail: empty for one of another application.
pub(super) fn about(mail: Option<([u8; 16], [u8; 16])>, report: Option<DeliveryReport>) -> Vec<Bounce> {
    let bounce = mail.zip(report).map(|((message, reset), report)| Bounce {
        reset: ResetId::from_bytes(reset),
        message,
        report,
    });
    bounce.into_iter().collect()
}

/// Reads a `Message-ID`, with or without its brackets, or a reference alone.
pub(super) fn mail(text: &str) -> Option<([u8; 16], [u8; 16])> {
    let id = text.trim().trim_start_matches('<');
    ids(id.split_once('@').map_or(id, |(id, _domain)| id))
}

/// Reads the field [`Bounce::FIELD`] of an object, of a list of names and values, or of an object of lists.
pub(super) fn field(fields: Option<&Value>) -> Option<([u8; 16], [u8; 16])> {
    named(fields?, Bounce::FIELD).and_then(mail)
}

/// Reads the `Message-ID` of a list of headers.
pub(super) fn header(headers: Option<&Value>) -> Option<([u8; 16], [u8; 16])> {
    named(headers?, "message-id").and_then(mail)
}

fn named<'a>(fields: &'a Value, wanted: &str) -> Option<&'a str> {
    let value = match fields {
        Value::Object(fields) => {
            fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
        }
        Value::Array(fields) => fields
            .iter()
            .find(|field| text(field, "/name").is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
            .and_then(|field| field.get("value")),
        _ => None,
    }?;
    value.as_array().and_then(|values| values.first()).unwrap_or(value).as_str()
}
