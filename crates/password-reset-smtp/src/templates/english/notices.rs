//! Mails of notices, in English.

use password_reset::message::{ActionLink, Notice, NoticeAction, NoticeKind};
use password_reset::{Channel, Locale, Site};

use super::super::letter::{Letter, Part, plain, unlinked};
use super::{OTHERWISE, span, time};

pub(super) fn letter(site: &Site, notice: &Notice) -> Option<Letter> {
    let (name, ask_url) = (site.name(), site.base_url());
    Some(match (notice.kind, &notice.action) {
        (NoticeKind::PasswordChanged, _) => changed(name, ask_url, notice),
        (NoticeKind::ResetProved, NoticeAction::Cancel(cancel)) => proved(name, notice, cancel),
        (NoticeKind::CodeRequested, NoticeAction::Cancel(cancel)) => code_requested(name, notice, cancel),
        (NoticeKind::AdminRequested, NoticeAction::Cancel(cancel)) => admin_requested(name, notice, cancel),
        (NoticeKind::ResetCancelled, _) => cancelled(name, ask_url, notice),
        (NoticeKind::ContactChanged, _) => contact_changed(name, ask_url, notice),
        (NoticeKind::AccountLocked, _) => locked(name, ask_url, notice),
        _ => return None,
    })
}

fn changed(site: &str, ask_url: &str, changed: &Notice) -> Letter {
    let name = unlinked(site);
    let mut parts = vec![Part::Paragraph(format!(
        "The password of your account at {name} was changed on {}. If it was you, you do not need to do anything.",
        time(changed.at)
    ))];
    parts.extend(circumstances(changed).map(Part::Paragraph));
    parts.extend(match &changed.action {
        NoticeAction::Lock(lock) => report(lock),
        _ => start_again(ask_url),
    });
    Letter {
        language: Locale::English.tag(),
        subject: format!("Your password for {} was changed", plain(site)),
        preheader: format!("The password of your account at {name} has been changed."),
        heading: "Your password was changed".to_owned(),
        parts,
        site: name,
    }
}

/// The channel and the device, as far as they are known.
fn circumstances(changed: &Notice) -> Option<String> {
    let how = match changed.channel {
        Some(Channel::EmailLink) => Some(" with a link or a code from your email"),
        Some(Channel::AdminLink) => Some(" with a link that an administrator asked for"),
        Some(Channel::WhatsAppCode) => Some(" with a code sent to your WhatsApp"),
        Some(Channel::WhatsAppInbound(_)) => Some(" with a message from your WhatsApp number"),
        Some(Channel::CurrentPassword) => Some(" with the password from before"),
        _ => None,
    };
    let from = changed.device.as_deref().map(|device| format!(" from {}", unlinked(device)));
    match (how, from) {
        (None, None) => None,
        (how, from) => Some(format!("It was done{}{}.", how.unwrap_or_default(), from.unwrap_or_default())),
    }
}

fn report(lock: &ActionLink) -> Vec<Part> {
    vec![
        Part::Paragraph(format!(
            "If it was not you, lock your account now. Everybody is signed out, and the new password is worth nothing. You \
             can do this for {} from that time, without signing in, and then choose a new password by another way.",
            span(lock.lives)
        )),
        Part::Action {
            button: "Lock My Account".to_owned(),
            sentence: "To lock your account, open this page:".to_owned(),
            otherwise: OTHERWISE.to_owned(),
            url: lock.url.expose().to_owned(),
        },
    ]
}

fn start_again(ask_url: &str) -> Vec<Part> {
    vec![
        Part::Paragraph(
            "If it was not you, someone else may be using your account. Set a new password now, and make sure that \
             nobody else can read your email."
                .to_owned(),
        ),
        Part::Action {
            button: "Set a New Password".to_owned(),
            sentence: "To set a new password, open this page:".to_owned(),
            otherwise: OTHERWISE.to_owned(),
            url: ask_url.to_owned(),
        },
    ]
}

fn proved(site: &str, proved: &Notice, cancel: &ActionLink) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("A password reset for {} was approved by WhatsApp", plain(site)),
        preheader: format!("A WhatsApp message from your number lets someone set a new password at {name}."),
        heading: "A reset was approved by WhatsApp".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, a WhatsApp message from your number approved a new password for your account at {name}. If it \
                 was you, you do not need to do anything.",
                time(proved.at)
            )),
            Part::Paragraph(format!(
                "If someone asked you to send that message, or it was not you, cancel the reset within {}. Your \
                 password then stays as it is.",
                span(cancel.lives)
            )),
            Part::Action {
                button: "Cancel the Reset".to_owned(),
                sentence: "To cancel the reset, open this page:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: cancel.url.expose().to_owned(),
            },
        ],
        site: name,
    }
}

fn code_requested(site: &str, asked: &Notice, cancel: &ActionLink) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("A code for a new password for {} was asked for", plain(site)),
        preheader: format!("A code for a new password for your account at {name} was asked for."),
        heading: "A code for a new password was asked for".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, somebody asked for a new password for your account at {name}, and a code for that went to your WhatsApp number. The \
                 message there does not say what the code is for: it sets a new password. Give it to nobody.",
                time(asked.at)
            )),
            Part::Paragraph(format!(
                "If it was not you, cancel it within {}. Your password then stays as it is.",
                span(cancel.lives)
            )),
            Part::Action {
                button: "Cancel the Reset".to_owned(),
                sentence: "To cancel the reset, open this page:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: cancel.url.expose().to_owned(),
            },
        ],
        site: name,
    }
}

fn admin_requested(site: &str, asked: &Notice, cancel: &ActionLink) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("An administrator asked for a new password for {}", plain(site)),
        preheader: format!("You are asked to set a new password for your account at {name}."),
        heading: "An administrator asked for a new password".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, an administrator of {name} asked that you set a new password. The link went to another of your \
                 addresses. If you expected it, you do not need to do anything here.",
                time(asked.at)
            )),
            Part::Paragraph(format!(
                "If you did not expect it, or cannot read that mailbox any more, cancel it within {}. Your password then \
                 stays as it is.",
                span(cancel.lives)
            )),
            Part::Action {
                button: "Cancel the Reset".to_owned(),
                sentence: "To cancel the reset, open this page:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: cancel.url.expose().to_owned(),
            },
        ],
        site: name,
    }
}

fn cancelled(site: &str, ask_url: &str, cancelled: &Notice) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("A password reset for {} was cancelled", plain(site)),
        preheader: format!("Your password at {name} stays as it is."),
        heading: "The reset was cancelled".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Someone asked on {} to reset the password of your account at {name}. That reset has been cancelled with a \
                 link from one of our messages, and your password stays as it is.",
                time(cancelled.at)
            )),
            Part::Paragraph("If it was you who asked, and you still need a new password, ask again.".to_owned()),
            Part::Action {
                button: "Ask Again".to_owned(),
                sentence: "To ask again, open this page:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: ask_url.to_owned(),
            },
        ],
        site: name,
    }
}

fn locked(site: &str, ask_url: &str, locked: &Notice) -> Letter {
    let name = unlinked(site);
    let another = match locked.channel {
        Some(Channel::EmailLink | Channel::AdminLink) => {
            "Until then, a reset by email does not work: whoever read that email could ask for the next one. Choose another \
             way, such as your WhatsApp number."
        }
        Some(Channel::WhatsAppCode | Channel::WhatsAppInbound(_)) => {
            "Until then, a reset by WhatsApp does not work: whoever has that number could ask for the next one. Choose \
             another way, such as your email address."
        }
        _ => "Choose a password that you have never used before.",
    };
    Letter {
        language: Locale::English.tag(),
        subject: format!("Your account at {} is locked", plain(site)),
        preheader: format!("Nobody can sign in to your account at {name} until you set a new password."),
        heading: "Your account is locked".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, someone who received one of our messages told us that the last change of the password of your account \
                 at {name} was not theirs. So that password is worth nothing now, and everybody is signed out.",
                time(locked.at)
            )),
            Part::Paragraph(format!("To use your account again, set a new password. {another}")),
            Part::Action {
                button: "Set a New Password".to_owned(),
                sentence: "To set a new password, open this page:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: ask_url.to_owned(),
            },
            Part::Advice {
                heading: "Is there no other way for you?".to_owned(),
                sentence: format!("Turn to the people at {name}. They can start a reset for you."),
                link: None,
            },
        ],
        site: name,
    }
}

fn contact_changed(site: &str, ask_url: &str, changed: &Notice) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("This address was removed from your account at {}", plain(site)),
        preheader: format!("The contact details of your account at {name} were changed."),
        heading: "This address was removed".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, the contact details of your account at {name} were changed. This address does not belong to it any \
                 more. If it was you, you do not need to do anything.",
                time(changed.at)
            )),
            Part::Paragraph(format!(
                "If it was not you, someone else may be using your account. This address cannot reset the password any \
                 more, so turn to the people at {name} at once."
            )),
            Part::Action {
                button: "Open the Site".to_owned(),
                sentence: "The site is here:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: ask_url.to_owned(),
            },
        ],
        site: name,
    }
}
