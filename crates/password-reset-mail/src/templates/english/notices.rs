//! Mails of notices, in English.

use password_reset::message::{ActionLink, Notice, NoticeAction, NoticeKind};
use password_reset::{Channel, Locale, Site};

use super::super::letter::{Letter, Part, plain, unlinked};
use super::{action, advice, new, span};

pub(super) fn letter(site: &Site, notice: &Notice) -> Option<Letter> {
    Some(match (notice.kind, &notice.action) {
        (NoticeKind::PasswordChanged, _) => changed(site, notice),
        (NoticeKind::ResetProved, NoticeAction::Cancel(cancel)) => proved(site, notice, cancel),
        (NoticeKind::CodeRequested, NoticeAction::Cancel(cancel)) => code_requested(site, notice, cancel),
        (NoticeKind::AdminRequested, NoticeAction::Cancel(cancel)) => admin_requested(site, notice, cancel),
        (NoticeKind::ResetCancelled, _) => cancelled(site, notice),
        (NoticeKind::ContactChanged, _) => contact_changed(site, notice),
        (NoticeKind::AccountLocked, _) => locked(site, notice),
        _ => return None,
    })
}

/// The name of the site and the time of the notice.
fn named(site: &Site, notice: &Notice) -> (String, String) {
    (unlinked(site.name()), site.zone().text(notice.at, Locale::English))
}

fn cancel_button(cancel: &ActionLink) -> Part {
    action("Cancel Request", "To cancel the request, open this link:", cancel.url.expose())
}

fn changed(site: &Site, changed: &Notice) -> Letter {
    let (name, time) = named(site, changed);
    let mut parts = vec![Part::Paragraph(format!(
        "The password of your account at {name} was changed on {time}. If this was you, you do not need to \
                 do anything."
    ))];
    let preheader = match &changed.action {
        NoticeAction::Lock(lock) => {
            let lives = span(lock.lives);
            parts.push(Part::Paragraph(format!(
                "If this was not you, lock your account now. The new password will stop working, and all devices \
                 will be signed out. You do not need to sign in. The link works for {lives} after the change. You \
                 can then create a new password another way."
            )));
            parts.push(action("Lock My Account", "To lock your account, open this link:", lock.url.expose()));
            "Not you? Lock your account now."
        }
        _ => {
            parts.push(Part::Paragraph(
                "If this was not you, someone else may be using your account. Create a new password now, and change \
                 the password of your email account too."
                    .to_owned(),
            ));
            parts.push(action("Create New Password", "To create a new password, open this page:", site.start_page()));
            "Not you? Create a new password now."
        }
    };
    new(
        site,
        format!("Your password for {} was changed", plain(site.name())),
        preheader,
        "Your password was changed",
        parts,
    )
}

/// How a password was changed, as far as that is known.
pub(super) fn how(changed: &Notice) -> Option<&'static str> {
    match changed.channel.filter(|_| changed.kind == NoticeKind::PasswordChanged) {
        Some(Channel::EmailLink) => Some("link or code from your email"),
        Some(Channel::AdminLink) => Some("link requested by an administrator"),
        Some(Channel::WhatsAppCode) => Some("code sent to your WhatsApp"),
        Some(Channel::WhatsAppInbound(_)) => Some("message from your WhatsApp number"),
        Some(Channel::CurrentPassword) => Some("your previous password"),
        _ => None,
    }
}

fn proved(site: &Site, proved: &Notice, cancel: &ActionLink) -> Letter {
    let ((name, time), lives) = (named(site, proved), span(cancel.lives));
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, a WhatsApp message from your number approved a password reset for your account at \
                 {name}. If this was you, you do not need to do anything."
        )),
        Part::Paragraph(format!(
            "If it was not you, or someone told you to send that message, cancel the request within {lives}. \
                 Your password then stays the same."
        )),
        cancel_button(cancel),
    ];
    let subject = format!("Password reset approved for {}", plain(site.name()));
    new(
        site,
        subject,
        "Approved by a WhatsApp message from your number. Not you? Cancel it now.",
        "Password reset approved",
        parts,
    )
}

fn code_requested(site: &Site, asked: &Notice, cancel: &ActionLink) -> Letter {
    let ((name, time), lives) = (named(site, asked), span(cancel.lives));
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, someone requested a password reset for your account at {name}, and we sent a code to \
                 your WhatsApp number. That message does not say what the code is for: anyone who has it can create \
                 a new password. Do not share it."
        )),
        Part::Paragraph(format!(
            "If it was not you, cancel the request within {lives}. Your password then stays the same."
        )),
        cancel_button(cancel),
    ];
    let subject = format!("Password reset code requested for {}", plain(site.name()));
    new(
        site,
        subject,
        "We sent the code to your WhatsApp. Not you? Cancel the request.",
        "We sent a code to your WhatsApp",
        parts,
    )
}

fn admin_requested(site: &Site, asked: &Notice, cancel: &ActionLink) -> Letter {
    let ((name, time), lives) = (named(site, asked), span(cancel.lives));
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, an administrator of {name} asked you to create a new password. The link went to another \
                 email address or WhatsApp number of yours. If you were expecting it, you do not need to do \
                 anything here."
        )),
        Part::Paragraph(format!(
            "If you were not expecting it, or have lost access to that contact, cancel the request within \
                 {lives}. Your password then stays the same."
        )),
        cancel_button(cancel),
    ];
    let subject = format!("An administrator started your password reset for {}", plain(site.name()));
    new(
        site,
        subject,
        "The link went to another of your contacts. Not expecting it? Cancel it.",
        "An administrator started your password reset",
        parts,
    )
}

fn cancelled(site: &Site, cancelled: &Notice) -> Letter {
    let (name, time) = named(site, cancelled);
    let parts = vec![
        Part::Paragraph(format!(
            "The password reset for your account at {name}, requested on {time}, was cancelled with a link from \
                 one of our messages. Your password has not changed."
        )),
        Part::Paragraph("If you still need a new password, start again.".to_owned()),
        action("Reset Password", "To start again, open this page:", site.start_page()),
    ];
    let subject = format!("Password reset cancelled for {}", plain(site.name()));
    new(site, subject, "Your password has not changed.", "Password reset cancelled", parts)
}

fn locked(site: &Site, locked: &Notice) -> Letter {
    let (name, time) = named(site, locked);
    let another = match locked.channel {
        Some(Channel::EmailLink | Channel::AdminLink) => {
            "To use your account again, create a new password another way, for example with your WhatsApp \
                 number. Reset by email is off until then, because someone else may be able to read your email."
        }
        Some(Channel::WhatsAppCode | Channel::WhatsAppInbound(_)) => {
            "To use your account again, create a new password another way, for example with your email address. \
                 Reset by WhatsApp is off until then, because someone else may have access to your number."
        }
        _ => "To use your account again, create a new password that you have never used before.",
    };
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, your account at {name} was locked with a link from one of our messages. Its last \
                 password no longer works, and all devices are signed out."
        )),
        Part::Paragraph(another.to_owned()),
        action("Create New Password", "To create a new password, open this page:", site.start_page()),
        advice("No other way?", format!("Contact {name}. An administrator can start a reset for you."), None),
    ];
    let subject = format!("Your account at {} is locked", plain(site.name()));
    new(site, subject, "Create a new password to use it again.", "Your account is locked", parts)
}

fn contact_changed(site: &Site, changed: &Notice) -> Letter {
    let (name, time) = named(site, changed);
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, this email address was removed from your account at {name}. If this was you, you do not \
                 need to do anything."
        )),
        Part::Paragraph(format!(
            "If this was not you, someone else may be using your account. You can no longer reset its password \
                 with this address, so contact {name} right away."
        )),
        action(&format!("Go to {name}"), &format!("To go to {name}, open this page:"), site.start_page()),
    ];
    let subject = format!("Your email address was removed from {}", plain(site.name()));
    new(site, subject, format!("Not you? Contact {name} right away."), "Your email address was removed", parts)
}
