//! Mails in English with a link or code; those of notices are in [`notices`].

pub(super) mod notices;

use std::time::Duration;

use password_reset::message::{CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody};
use password_reset::secret::Code;
use password_reset::{Locale, Message, SecretUrl, Site};

use super::letter::{Letter, Link, Part, Unit, grouped, plain, spans, unlinked};

/// The mail of a message, if there is one in this language.
pub(super) fn letter(message: &Message) -> Option<Letter> {
    let site = message.site();
    let letter = match message.body() {
        MessageBody::Link(body) => match &body.kind {
            LinkKind::Reset { code, code_lives } => reset(site, body, Some((code, *code_lives))),
            LinkKind::ResetWithoutCode => reset(site, body, None),
            LinkKind::Admin => admin_link(site, body),
            _ => return None,
        },
        MessageBody::Code(body) if body.kind == CodeKind::StepUp => step_up_code(site, body),
        MessageBody::Notice(notice) => notices::letter(site, notice)?,
        MessageBody::ConfirmContact(body) => confirm_contact(site, body),
        _ => return None,
    };
    Some(letter.addressed(message.name().map(greeting), known(message)))
}

fn greeting(name: &str) -> String {
    format!("Hello {},", unlinked(name))
}

/// The account, and how and on which device it was done, as far as they are known: a paragraph each.
fn known(message: &Message) -> Vec<String> {
    let (how, device) = match message.body() {
        MessageBody::Link(body) => (None, body.device.as_deref()),
        MessageBody::Code(body) => (None, body.device.as_deref()),
        MessageBody::Notice(notice) => (notices::how(notice), notice.device.as_deref()),
        _ => (None, None),
    };
    let account = message.username().map(|account| format!("Account: {}", unlinked(account)));
    let how = how.map(|how| format!("How: {how}."));
    let device = device.map(|device| format!("Device: {}.", unlinked(device)));
    let done: Vec<String> = how.into_iter().chain(device).collect();
    account.into_iter().chain((!done.is_empty()).then(|| done.join(" "))).collect()
}

/// What every mail has.
fn new(site: &Site, subject: String, preheader: impl Into<String>, heading: &str, parts: Vec<Part>) -> Letter {
    let name = unlinked(site.name());
    Letter {
        language: Locale::English.tag(),
        subject,
        footer: format!("Automatic security email from {name}."),
        site: name,
        preheader: preheader.into(),
        heading: heading.to_owned(),
        parts,
    }
}

fn action(button: &str, sentence: &str, url: &str) -> Part {
    Part::Action {
        button: button.to_owned(),
        sentence: sentence.to_owned(),
        otherwise: "If the button does not work, copy this link into your browser:".to_owned(),
        url: url.to_owned(),
    }
}

fn advice(heading: &str, sentence: impl Into<String>, link: Option<Link>) -> Part {
    Part::Advice { heading: heading.to_owned(), sentence: sentence.into(), link }
}

fn cancel(url: &SecretUrl) -> Option<Link> {
    Some(Link {
        sentence: "To cancel the request, open this link:".to_owned(),
        label: "Cancel this request".to_owned(),
        url: url.expose().to_owned(),
    })
}

fn reset(site: &Site, reset: &LinkMessage, code: Option<(&Code, Duration)>) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(reset.asked_at, Locale::English));
    let link_lives = span(reset.lives);
    let lives = match code {
        None => format!("The link works for {link_lives} after the request."),
        Some((_, lives)) if lives == reset.lives => {
            format!("The link and the code work for {link_lives} after the request.")
        }
        Some((_, lives)) => {
            let code_lives = span(lives);
            format!("The link works for {link_lives} after the request, and the code for {code_lives}.")
        }
    };
    let secrets = if code.is_some() { "the link or the code" } else { "the link" };
    let mut parts = vec![
        Part::Paragraph(format!("On {time}, we received a request to reset the password of your account at {name}.")),
        Part::Paragraph(format!("If this was you, create a new password now. {lives}")),
        action("Reset Password", "To create a new password, open this link:", reset.link.expose()),
    ];
    parts.extend(code.map(|(code, _)| Part::Code {
        sentence: "Or enter this code on the page where you made the request:".to_owned(),
        code: grouped(code.expose()),
    }));
    parts.extend([
        advice("Not you?", "You do not need to do anything. Your password stays the same.", cancel(&reset.cancel)),
        advice(
            "Do not share this email.",
            format!("Do not give {secrets} to anyone, even someone who says they are from {name}."),
            None,
        ),
    ]);
    let subject = format!("Reset your password for {}", plain(site.name()));
    let preheader = format!("The link works for {link_lives}. Not you? You can ignore this email.");
    new(site, subject, preheader, "Reset your password", parts)
}

fn confirm_contact(site: &Site, asked: &ConfirmContact) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(asked.asked_at, Locale::English));
    let lives = span(asked.lives);
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, someone asked to use this email address for their account at {name}. Once confirmed, it \
                 receives the messages of that account and can reset its password."
        )),
        Part::Paragraph(format!("If this was you, confirm the address. The link works for {lives} after the request.")),
        action("Confirm Email Address", "To confirm this address, open this link:", asked.link.expose()),
        advice("Not you?", "You do not need to do anything. Nothing changes unless the link is used.", None),
    ];
    let subject = format!("Confirm your email address for {}", plain(site.name()));
    let preheader = format!("The link works for {lives}. Not you? You can ignore this email.");
    new(site, subject, preheader, "Confirm your email address", parts)
}

fn admin_link(site: &Site, asked: &LinkMessage) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(asked.asked_at, Locale::English));
    let link_lives = span(asked.lives);
    let parts = vec![
        Part::Paragraph(format!(
            "On {time}, an administrator of {name} asked you to create a new password for your account. Nothing \
                 changes until you do."
        )),
        Part::Paragraph(format!(
            "Only you will know the new password. The link works for {link_lives} after the request."
        )),
        action("Create New Password", "To create a new password, open this link:", asked.link.expose()),
        advice("Not expecting this?", "Check with your administrator before you open the link.", cancel(&asked.cancel)),
        advice("Do not share this email.", "No administrator will ever ask you for this link or your password.", None),
    ];
    let subject = format!("Create a new password for {}", plain(site.name()));
    let preheader = format!("An administrator asked for it. The link works for {link_lives}.");
    new(site, subject, preheader, "Create a new password", parts)
}

fn step_up_code(site: &Site, second: &CodeMessage) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(second.asked_at, Locale::English));
    let lives = span(second.lives);
    let parts = vec![
        Part::Paragraph(format!(
            "One more step to reset the password of your account at {name}, requested on {time}. The code works \
                 for {lives}."
        )),
        Part::Code {
            sentence: "Enter this code on the page that asks for it:".to_owned(),
            code: grouped(second.code.expose()),
        },
        advice(
            "Not you?",
            format!(
                "Someone else has completed the first step. Cancel the request, and do not give this code to \
                 anyone, even someone who says they are from {name}."
            ),
            cancel(&second.cancel),
        ),
    ];
    let subject = format!("Your verification code for {}", plain(site.name()));
    new(site, subject, "Enter it to finish your password reset. Do not share it.", "Your verification code", parts)
}

/// `3 hours 25 minutes`.
fn span(duration: Duration) -> String {
    let parts: Vec<String> = spans(duration)
        .into_iter()
        .map(|(count, unit)| {
            let unit = match unit {
                Unit::Day => "day",
                Unit::Hour => "hour",
                Unit::Minute => "minute",
            };
            format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
        })
        .collect();
    if parts.is_empty() { "less than a minute".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn spans_are_rounded_down_and_counted() {
        for (seconds, text) in [
            (0, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 minute"),
            (30 * 60, "30 minutes"),
            (30 * 60 + 59, "30 minutes"),
            (3600, "1 hour"),
            (205 * 60, "3 hours 25 minutes"),
            (86_400, "1 day"),
            (2 * 86_400 + 3600 + 60, "2 days 1 hour 1 minute"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
