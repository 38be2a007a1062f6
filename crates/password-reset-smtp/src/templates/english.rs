//! The mails in English.

use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike, Utc};
use password_reset::{Locale, PasswordChanged, ResetLink, ResetProved};

use super::letter::{Letter, Link, Part, Unit, grouped, plain, spans, unlinked};

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

pub(super) fn reset(site: &str, reset: &ResetLink) -> Letter {
    let name = unlinked(site);
    let lives = if reset.link_lives == reset.code_lives {
        format!("The link and the code below work for {} from that time.", span(reset.link_lives))
    } else {
        format!(
            "The link below works for {} and the code for {} from that time.",
            span(reset.link_lives),
            span(reset.code_lives)
        )
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
                otherwise: "If the button does not work, copy this link into your browser:".to_owned(),
                url: reset.link.expose().to_owned(),
            },
            Part::Code {
                sentence: "Or type this code on the page where you asked for the reset:".to_owned(),
                code: grouped(&reset.code.expose()),
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

pub(super) fn changed(site: &str, changed: &PasswordChanged) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::English.tag(),
        subject: format!("Your password for {} was changed", plain(site)),
        preheader: format!("The password of your account at {name} has been changed."),
        heading: "Your password was changed".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "The password of your account at {name} was changed on {}. If it was you, you do not need to do anything.",
                time(changed.at)
            )),
            Part::Paragraph(
                "If it was not you, someone else may be using your account. Set a new password now, and make sure that \
                 nobody else can read your email."
                    .to_owned(),
            ),
            Part::Action {
                button: "Set a New Password".to_owned(),
                sentence: "To set a new password, open this page:".to_owned(),
                otherwise: "If the button does not work, copy this link into your browser:".to_owned(),
                url: changed.ask_url.clone(),
            },
        ],
        site: name,
    }
}

pub(super) fn proved(site: &str, proved: &ResetProved) -> Letter {
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
                span(proved.cancel_lives)
            )),
            Part::Action {
                button: "Cancel the Reset".to_owned(),
                sentence: "To cancel the reset, open this page:".to_owned(),
                otherwise: "If the button does not work, copy this link into your browser:".to_owned(),
                url: proved.cancel.expose().to_owned(),
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
