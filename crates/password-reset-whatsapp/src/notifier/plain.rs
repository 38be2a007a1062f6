//! What a gateway sends as free text, where other APIs need a template.

use std::fmt::Debug;

use password_reset::Message;
use password_reset::message::{CodeKind, LinkKind, MessageBody, Notice, NoticeAction, NoticeKind};

use super::texts::{DefaultTexts, write};

/// Writes the messages that a gateway without templates sends as free text: codes, notices, the question whether a new number is the
/// owner's, and an administrator's link. Replies have [`ReplyTexts`](crate::ReplyTexts).
///
/// # Security
/// The reader may not have asked for anything. The text must name the service and the purpose, and say what to do then.
pub trait PlainTexts: Debug + Send + Sync + 'static {
    /// The text; `None` for a message that goes to the account's other contacts only.
    fn text(&self, message: &Message) -> Option<String>;
}

impl PlainTexts for DefaultTexts {
    fn text(&self, message: &Message) -> Option<String> {
        let site = message.site();
        let write = |key: &str, values: &[(&str, &str)]| write(key, message, values);
        Some(match message.body() {
            MessageBody::Code(body) => {
                let key = if body.kind == CodeKind::StepUp { "chat-step-up" } else { "chat-code" };
                let (code, cancel) = (body.code.expose(), body.cancel.expose());
                let lives = message.language().duration(body.lives);
                write(key, &[("code", code), ("cancel", cancel), ("lives", &lives)])
            }
            MessageBody::Notice(body) => {
                write(notice(body)?, &[("time", &message.time(body.at)), ("link", body.action.expose_url(site))])
            }
            MessageBody::ConfirmContact(body) => {
                let time = message.time(body.asked_at);
                write("chat-confirm", &[("time", &time), ("link", body.link.expose())])
            }
            MessageBody::Link(body) if matches!(body.kind, LinkKind::Admin) => {
                let (link, cancel) = (body.link.expose(), body.cancel.expose());
                let time = message.time(body.asked_at);
                write("chat-admin-link", &[("time", &time), ("link", link), ("cancel", cancel)])
            }
            _ => return None,
        })
    }
}

/// The key of the sentence of a notice.
fn notice(body: &Notice) -> Option<&'static str> {
    let can_lock = matches!(body.action, NoticeAction::Lock(_));
    Some(match body.kind {
        NoticeKind::PasswordChanged if can_lock => "chat-changed-lock",
        NoticeKind::PasswordChanged => "chat-changed",
        NoticeKind::ResetProved => "chat-proved",
        NoticeKind::CodeRequested => "chat-code-requested",
        NoticeKind::AdminRequested => "chat-admin-requested",
        NoticeKind::ResetCancelled => "chat-cancelled",
        NoticeKind::ContactChanged => "chat-contact-changed",
        NoticeKind::AccountLocked => "chat-locked",
        _newer_than_these_texts => return None,
    })
}
