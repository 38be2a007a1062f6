//! Mails in English with a link or code; those of notices are in [`notices`].

pub(super) mod notices;

use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike, Utc};
use password_reset::message::{CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody};
use password_reset::secret::Code;
use password_reset::{Locale, Message};

use super::letter::{Letter, Link, Part, Unit, grouped, plain, spans, unlinked};

const OTHERWISE: &str = "If the button does not work, copy this link into your browser:";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The mail of a message, if there is one in this language.
pub(super) fn letter(message: &Message) -> Option<Letter> {
    let site = message.site().name();
    Some(match message.body() {
        MessageBody::Link(body) => match &body.kind {
            LinkKind::Reset { code, code_lives } => reset(site, body, code, *code_lives),
            LinkKind::Admin => admin_link(site, body),
            _ => return None,
        },
        MessageBody::Code(body) if body.kind == CodeKind::StepUp => step_up_code(site, body),
        MessageBody::Notice(notice) => return notices::letter(message.site(), notice),
        MessageBody::ConfirmContact(body) => confirm_contact(site, body),
        _ => return None,
    })
}

fn reset(site: &str, reset: &LinkMessage, code: &Code, code_lives: Duration) -> Letter {
    let name = unlinked(site);
    let lives = if reset.lives == code_lives {
        format!("The link and the code below work for {} from that time.", span(reset.lives))
    } else {
        format!("The link below works for {} and the code for {} from that time.", span(reset.lives), span(code_lives))
    };
    Letter {
        language: Locale::English.tag(),
        subject: format!("Reset your password for {}", plain(site)),
        preheader: format!("Someone asked to reset the password of your account at {name}."),
        heading: "Reset your password".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, someone asked to reset the password of your account at {name}.",
                time(reset.asked_at)
            )),
            Part::Paragraph(format!("If it was you, choose a new password now. {lives}")),
            Part::Action {
                button: "Reset Password".to_owned(),
                sentence: "To choose a new password, open this link:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: reset.link.expose().to_owned(),
            },
            Part::Code {
                sentence: "Or type this code on the page where you asked for the reset:".to_owned(),
                code: grouped(&code.expose()),
            },
            Part::Advice {
                heading: "Was this not you?".to_owned(),
                sentence: "You do not need to do anything: your password stays as it is.".to_owned(),
                link: Some(Link {
                    sentence: "You can also cancel the request here:".to_owned(),
                    label: "Cancel this request".to_owned(),
                    url: reset.cancel.expose().to_owned(),
                }),
            },
            Part::Advice {
                heading: "Keep this email to yourself.".to_owned(),
                sentence: format!(
                    "Do not share the link or the code with anyone, even if they say they are from {name}."
                ),
                link: None,
            },
        ],
        site: name,
    }
}

fn confirm_contact(site: &str, asked: &ConfirmContact) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("Confirm your email address for {}", plain(site)),
        preheader: format!("Someone wants to use this address for their account at {name}."),
        heading: "Confirm your email address".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, someone asked that messages for their account at {name} go to this address. From then on, this address \
                 can reset the password of that account.",
                time(asked.asked_at)
            )),
            Part::Paragraph(format!(
                "If it was you, confirm it. The link below works for {} from that time.",
                span(asked.lives)
            )),
            Part::Action {
                button: "Confirm This Address".to_owned(),
                sentence: "To confirm this address, open this link:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: asked.link.expose().to_owned(),
            },
            Part::Advice {
                heading: "Was this not you?".to_owned(),
                sentence: "You do not need to do anything. Without the link nothing changes.".to_owned(),
                link: None,
            },
        ],
        site: name,
    }
}

fn admin_link(site: &str, asked: &LinkMessage) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("Set a new password for {}", plain(site)),
        preheader: format!("An administrator asked that you set a new password at {name}."),
        heading: "Set a new password".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, an administrator of {name} asked that you set a new password for your account. Nobody but you sees \
                 it, and your present password stays until you do.",
                time(asked.asked_at)
            )),
            Part::Paragraph(format!("The link below works for {} from that time.", span(asked.lives))),
            Part::Action {
                button: "Set a New Password".to_owned(),
                sentence: "To choose a new password, open this link:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: asked.link.expose().to_owned(),
            },
            Part::Advice {
                heading: "Did you not expect this?".to_owned(),
                sentence: "Ask the people who look after your account. Until then your password stays as it is."
                    .to_owned(),
                link: Some(Link {
                    sentence: "You can also cancel it here:".to_owned(),
                    label: "Cancel this request".to_owned(),
                    url: asked.cancel.expose().to_owned(),
                }),
            },
            Part::Advice {
                heading: "Keep this email to yourself.".to_owned(),
                sentence: "No administrator needs this link, or your password.".to_owned(),
                link: None,
            },
        ],
        site: name,
    }
}

fn step_up_code(site: &str, second: &CodeMessage) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("Your code for {}", plain(site)),
        preheader: format!("One more step to a new password at {name}."),
        heading: "One more step".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "On {}, someone asked to reset the password of your account at {name}, and has already proved one of your \
                 contacts. If it was you, this code is the second step. It works for {}.",
                time(second.asked_at),
                span(second.lives)
            )),
            Part::Code {
                sentence: "Type this code on the page where you are:".to_owned(),
                code: grouped(&second.code.expose()),
            },
            Part::Advice {
                heading: "Was this not you?".to_owned(),
                sentence: format!(
                    "Then someone else can read your messages. Do not give this code to anyone, even if they say they are \
                     from {name}."
                ),
                link: Some(Link {
                    sentence: "Cancel the reset here:".to_owned(),
                    label: "Cancel the reset".to_owned(),
                    url: second.cancel.expose().to_owned(),
                }),
            },
        ],
        site: name,
    }
}

/// `21 November 2026 at 06:50 UTC`.
fn time(time: DateTime<Utc>) -> String {
    let month = MONTHS.iter().zip(1..).find(|(_, number)| *number == time.month()).map_or("", |(name, _)| *name);
    format!("{} {month} {} at {:02}:{:02} UTC", time.day(), time.year(), time.hour(), time.minute())
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

    use chrono::{TimeZone, Utc};

    use super::{span, time};

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

    #[test]
    fn times_are_readable() {
        assert_eq!(time(Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap()), "21 November 2026 at 06:50 UTC");
        assert_eq!(time(Utc.with_ymd_and_hms(2027, 1, 1, 23, 5, 0).unwrap()), "1 January 2027 at 23:05 UTC");
    }
}
