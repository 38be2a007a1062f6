//! The texts of replies.

use std::fmt::Debug;
use std::time::Duration;

use password_reset::Message;
use password_reset::message::SecretUrl;
use password_reset::message::{CodeMessage, LinkMessage, MessageBody, unlinked};

/// Writes the replies to inbound messages: free text, in the chat that the sender has just opened.
///
/// # Security
/// An attacker may have talked the reader into sending the message. The reply must name the service and the purpose, and
/// say what to do if the reader did not ask for it.
pub trait ReplyTexts: Debug + Send + Sync + 'static {
    /// The reply with a code to type on the page where the requester asked: the body of the message.
    fn reply_code(&self, message: &Message, body: &CodeMessage) -> String;

    /// The reply with a link that continues on the phone: the body of the message.
    fn reply_link(&self, message: &Message, body: &LinkMessage) -> String;
}

/// The replies in the languages of the site. They say which account they are about and on which device the reset was requested, as far
/// as that is known.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTexts;

impl DefaultTexts {
    /// The replies in the languages of the site.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl ReplyTexts for DefaultTexts {
    fn reply_code(&self, message: &Message, body: &CodeMessage) -> String {
        reply("reply-code", message, ("code", body.code.expose()), &body.cancel, body.lives)
    }

    fn reply_link(&self, message: &Message, body: &LinkMessage) -> String {
        reply("reply-link", message, ("link", body.link.expose()), &body.cancel, body.lives)
    }
}

fn reply(key: &str, message: &Message, proof: (&str, &str), cancel: &SecretUrl, lives: Duration) -> String {
    write(key, message, &[proof, ("cancel", cancel.expose()), ("lives", &message.language().duration(lives))])
}

/// A text of these values, with what is known of the account and the device behind its first paragraph.
pub(super) fn write(key: &str, message: &Message, values: &[(&str, &str)]) -> String {
    let values = values.iter().map(|(name, value)| (*name, (*value).into()));
    let values: Vec<_> = values.chain([("name", message.site().name().into())]).collect();
    let text = message.language().fill(key, &values);
    match (known(message), text.split_once("\n\n")) {
        (None, _) => text,
        (Some(known), Some((first, others))) => format!("{first}\n\n{known}\n\n{others}"),
        (Some(known), None) => format!("{text}\n\n{known}"),
    }
}

/// The account, and the device, as far as they are known: a line each.
fn known(message: &Message) -> Option<String> {
    let said = |key: &str, name: &str, value: &str| message.language().fill(key, &[(name, (&unlinked(value)).into())]);
    let account = account(message).map(|account| said("message-account", "account", account));
    let device = device(message).map(|device| said("message-device", "device", device));
    let lines: Vec<String> = account.into_iter().chain(device).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What tells the account apart from others with the number.
pub(super) fn account(message: &Message) -> Option<&str> {
    message.username().or(message.name())
}

/// The device of what the message is about.
pub(super) fn device(message: &Message) -> Option<&str> {
    match message.body() {
        MessageBody::Link(body) => body.device.as_deref(),
        MessageBody::Code(body) => body.device.as_deref(),
        MessageBody::Notice(notice) => notice.device.as_deref(),
        _ => None,
    }
}
