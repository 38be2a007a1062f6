//! Mails of notices.

use password_reset::Channel;
use password_reset::message::{ActionLink, Notice, NoticeAction, NoticeKind};

use super::letter::{Letter, Part};
use super::writing::Writing;

pub(super) fn letter(write: &Writing<'_>, notice: &Notice) -> Option<Letter> {
    Some(match (notice.kind, &notice.action) {
        (NoticeKind::PasswordChanged, _) => changed(write, notice),
        (NoticeKind::ResetProved, NoticeAction::Cancel(cancel)) => can_cancel("notice-proved", write, notice, cancel),
        (NoticeKind::CodeRequested, NoticeAction::Cancel(cancel)) => can_cancel("notice-code", write, notice, cancel),
        (NoticeKind::AdminRequested, NoticeAction::Cancel(cancel)) => can_cancel("notice-admin", write, notice, cancel),
        (NoticeKind::ResetCancelled, _) => cancelled(write, notice),
        (NoticeKind::ContactChanged, _) => contact_changed(write, notice),
        (NoticeKind::AccountLocked, _) => locked(write, notice),
        _ => return None,
    })
}

/// What every notice begins with: what happened, and when.
fn at(key: &str, write: &Writing<'_>, notice: &Notice) -> Part {
    Part::Paragraph(write.with(&format!("{key}-at"), &[("time", &write.time(notice.at))]))
}

fn changed(write: &Writing<'_>, changed: &Notice) -> Letter {
    let key = "notice-changed";
    let mut parts = vec![at(key, write, changed)];
    let preheader = match &changed.action {
        NoticeAction::Lock(lock) => {
            parts.push(Part::Paragraph(write.with("notice-changed-lock", &[("lives", &write.duration(lock.lives))])));
            parts.push(write.action("notice-changed-lock-button", "notice-changed-lock-open", lock.url.expose()));
            "notice-changed-lock-preheader"
        }
        _ => {
            parts.push(Part::Paragraph(write.text("notice-changed-no-lock")));
            parts.push(write.action("mail-new-button", "mail-new-open-page", write.site.start_page()));
            "notice-changed-preheader"
        }
    };
    write.letter_with(key, preheader, &[], parts)
}

/// The key of how a password was changed, as far as that is known.
pub(super) fn how(changed: &Notice) -> Option<&'static str> {
    match changed.channel.filter(|_| changed.kind == NoticeKind::PasswordChanged) {
        Some(Channel::EmailLink) => Some("notice-by-email"),
        Some(Channel::AdminLink) => Some("notice-by-admin"),
        Some(Channel::WhatsAppCode) => Some("notice-by-whatsapp-code"),
        Some(Channel::WhatsAppInbound(_)) => Some("notice-by-whatsapp"),
        Some(Channel::CurrentPassword) => Some("notice-by-password"),
        _ => None,
    }
}

/// A notice about a live reset, which the reader can cancel.
fn can_cancel(key: &str, write: &Writing<'_>, notice: &Notice, cancel: &ActionLink) -> Letter {
    let lives = write.duration(cancel.lives);
    let parts = vec![
        at(key, write, notice),
        Part::Paragraph(write.with(&format!("{key}-not-you"), &[("lives", &lives)])),
        write.action("mail-cancel-button", "mail-cancel-open", cancel.url.expose()),
    ];
    write.letter(key, &[], parts)
}

fn cancelled(write: &Writing<'_>, cancelled: &Notice) -> Letter {
    let key = "notice-cancelled";
    let parts = vec![
        at(key, write, cancelled),
        Part::Paragraph(write.text("notice-cancelled-again")),
        write.action("mail-reset-button", "notice-cancelled-open", write.site.start_page()),
    ];
    write.letter(key, &[], parts)
}

fn locked(write: &Writing<'_>, locked: &Notice) -> Letter {
    let key = "notice-locked";
    let another = match locked.channel {
        Some(Channel::EmailLink | Channel::AdminLink) => "notice-locked-by-email",
        Some(Channel::WhatsAppCode | Channel::WhatsAppInbound(_)) => "notice-locked-by-whatsapp",
        _ => "notice-locked-other",
    };
    let parts = vec![
        at(key, write, locked),
        Part::Paragraph(write.text(another)),
        write.action("mail-new-button", "mail-new-open-page", write.site.start_page()),
        write.advice("notice-locked-no-way", "notice-locked-contact", None),
    ];
    write.letter(key, &[], parts)
}

fn contact_changed(write: &Writing<'_>, changed: &Notice) -> Letter {
    let key = "notice-contact";
    // No button: the address that this goes to can no longer reset anything.
    let parts = vec![at(key, write, changed), Part::Paragraph(write.text("notice-contact-not-you"))];
    write.letter(key, &[], parts)
}
