//! Mails with a link or code; those of notices are in [`notices`](super::notices).

use std::time::Duration;

use password_reset::Message;
use password_reset::message::SecretUrl;
use password_reset::message::{
    AccountLink, AccountLinks, CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody,
};
use password_reset::secret::Code;

use super::letter::{Letter, Link, Part, grouped, unlinked};
use super::notices;
use super::writing::Writing;

/// The mail of a message, if there is one.
pub(super) fn letter(message: &Message) -> Option<Letter> {
    let write = Writing::new(message);
    let letter = match message.body() {
        MessageBody::Link(body) => match &body.kind {
            LinkKind::Reset { code, code_lives } => reset(&write, body, Some((code, *code_lives))),
            LinkKind::ResetWithoutCode => reset(&write, body, None),
            LinkKind::Admin => admin_link(&write, body),
            _ => return None,
        },
        MessageBody::Links(body) => list(&write, body),
        MessageBody::Code(body) if body.kind == CodeKind::StepUp => step_up_code(&write, body),
        MessageBody::Notice(notice) => notices::letter(&write, notice)?,
        MessageBody::ConfirmContact(body) => confirm_contact(&write, body),
        _ => return None,
    };
    let greeting = message.name().map(|name| write.with("mail-greeting", &[("person", &unlinked(name))]));
    Some(letter.addressed(greeting, known(&write, message)))
}

/// The account, and how and on which device it was done, as far as they are known: a paragraph each.
fn known(write: &Writing<'_>, message: &Message) -> Vec<String> {
    let (how, device) = match message.body() {
        MessageBody::Link(body) => (None, body.device.as_deref()),
        MessageBody::Links(body) => (None, body.device.as_deref()),
        MessageBody::Code(body) => (None, body.device.as_deref()),
        MessageBody::Notice(notice) => (notices::how(notice), notice.device.as_deref()),
        _ => (None, None),
    };
    let account = message.username().map(|account| write.with("message-account", &[("account", &unlinked(account))]));
    let how = how.map(|how| write.with("mail-how", &[("how", &write.text(how))]));
    let device = device.map(|device| write.with("message-device", &[("device", &unlinked(device))]));
    let done: Vec<String> = how.into_iter().chain(device).collect();
    account.into_iter().chain((!done.is_empty()).then(|| done.join(" "))).collect()
}

fn cancel(write: &Writing<'_>, url: &SecretUrl) -> Option<Link> {
    Some(Link {
        sentence: write.text("mail-cancel-open"),
        label: write.text("mail-cancel-label"),
        url: url.expose().to_owned(),
    })
}

fn reset(write: &Writing<'_>, reset: &LinkMessage, code: Option<(&Code, Duration)>) -> Letter {
    let (time, lives) = (write.time(reset.asked_at), write.duration(reset.lives));
    let both_live = match code {
        None => write.with("mail-lives-link", &[("lives", &lives)]),
        Some((_, code_lives)) if code_lives == reset.lives => write.with("mail-lives-both", &[("lives", &lives)]),
        Some((_, code_lives)) => {
            write.with("mail-lives-each", &[("lives", &lives), ("code-lives", &write.duration(code_lives))])
        }
    };
    let share = if code.is_some() { "mail-reset-share-both" } else { "mail-reset-share-link" };
    let mut parts = vec![
        Part::Paragraph(write.with("mail-reset-asked", &[("time", &time)])),
        Part::Paragraph(format!("{} {both_live}", write.text("mail-reset-now"))),
        write.action("mail-reset-button", "mail-new-open", reset.link.expose()),
    ];
    parts.extend(
        code.map(|(code, _)| Part::Code { sentence: write.text("mail-reset-code"), code: grouped(code.expose()) }),
    );
    parts.extend([
        write.advice("mail-not-you", "mail-reset-ignore", cancel(write, &reset.cancel)),
        write.advice("mail-do-not-share", share, None),
    ]);
    write.letter("mail-reset", &[("lives", &lives)], parts)
}

/// A link for each of several accounts. Its code would be that of only one of them, so there is none.
fn list(write: &Writing<'_>, list: &AccountLinks) -> Letter {
    let time = write.time(list.asked_at);
    let shortest = list.accounts.iter().map(|account| account.lives).min().unwrap_or_default();
    let mut parts = vec![
        Part::Paragraph(write.with("mail-list-asked", &[("time", &time)])),
        Part::Paragraph(write.text("mail-list-now")),
    ];
    // An account that has no name is known by its place.
    for (account, place) in list.accounts.iter().zip(1_u32..) {
        let (lives, name) = (write.duration(account.lives), known_by(account).unwrap_or_else(|| place.to_string()));
        parts.push(Part::Name(write.with("message-account", &[("account", &name)])));
        parts.push(Part::Paragraph(write.with("mail-lives-link", &[("lives", &lives)])));
        parts.push(write.action("mail-reset-button", "mail-new-open", account.link.expose()));
        parts.extend(cancel(write, &account.cancel).map(Part::Link));
    }
    parts.extend([
        write.advice("mail-not-you", "mail-list-ignore", None),
        write.advice("mail-do-not-share", "mail-reset-share-link", None),
    ]);
    write.letter("mail-reset", &[("lives", &write.duration(shortest))], parts)
}

/// `ani.w (Ani Wulandari)`, as far as it is known.
fn known_by(account: &AccountLink) -> Option<String> {
    match (account.username.as_deref().map(unlinked), account.name.as_deref().map(unlinked)) {
        (Some(username), Some(name)) => Some(format!("{username} ({name})")),
        (username, name) => username.or(name),
    }
}

fn confirm_contact(write: &Writing<'_>, asked: &ConfirmContact) -> Letter {
    let (time, lives) = (write.time(asked.asked_at), write.duration(asked.lives));
    let parts = vec![
        Part::Paragraph(write.with("mail-confirm-asked", &[("time", &time)])),
        Part::Paragraph(write.with("mail-confirm-now", &[("lives", &lives)])),
        write.action("mail-confirm-button", "mail-confirm-open", asked.link.expose()),
        write.advice("mail-not-you", "mail-confirm-ignore", None),
    ];
    write.letter("mail-confirm", &[("lives", &lives)], parts)
}

fn admin_link(write: &Writing<'_>, asked: &LinkMessage) -> Letter {
    let (time, lives) = (write.time(asked.asked_at), write.duration(asked.lives));
    let parts = vec![
        Part::Paragraph(write.with("mail-admin-asked", &[("time", &time)])),
        Part::Paragraph(write.with("mail-admin-only-you", &[("lives", &lives)])),
        write.action("mail-new-button", "mail-new-open", asked.link.expose()),
        write.advice("mail-admin-unexpected", "mail-admin-check", cancel(write, &asked.cancel)),
        write.advice("mail-do-not-share", "mail-admin-share", None),
    ];
    write.letter("mail-admin", &[("lives", &lives)], parts)
}

fn step_up_code(write: &Writing<'_>, second: &CodeMessage) -> Letter {
    let (time, lives) = (write.time(second.asked_at), write.duration(second.lives));
    let parts = vec![
        Part::Paragraph(write.with("mail-step-up-asked", &[("time", &time), ("lives", &lives)])),
        Part::Code { sentence: write.text("mail-step-up-code"), code: grouped(second.code.expose()) },
        write.advice("mail-not-you", "mail-step-up-not-you", cancel(write, &second.cancel)),
    ];
    write.letter("mail-step-up", &[], parts)
}
