//! What each row of the audit trail is outside the trail: a metric, and a line in the log.
//!
//! `info` tells the life of a reset: asked, sent, proved, set, or closed. Strangers decide how many resets there are, so these
//! lines have a bounded rate; everything else is a line at `debug`. No line has the detail of a row, which may be an
//! administrator's own words.

use crate::bounded::Bounded;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::identity::locale::Locale;
use crate::log_bounded;
use crate::metrics::{self, Labels};

/// Why a message is suppressed.
const SUPPRESSED: [&str; 6] = ["unknown", "ambiguous", "disabled", "no_contact", "locked", "capped"];

/// How many lines of one kind a minute tell of lives: a busy site sees most of them, and a flood does not fill its disk.
const LINES: u64 = 60;

/// Counts and logs the rows that the store has written.
#[derive(Debug)]
pub(super) struct Written {
    asked: Bounded,
    sent: Bounded,
    proved: Bounded,
    set: Bounded,
    closed: Bounded,
}

impl Written {
    pub(super) fn new() -> Self {
        let bounded = || Bounded::allowing(LINES);
        Self { asked: bounded(), sent: bounded(), proved: bounded(), set: bounded(), closed: bounded() }
    }

    pub(super) fn note(&self, rows: &[AuditRow], locale: Option<Locale>) {
        for row in rows {
            count(row, locale);
            self.log(row);
        }
    }

    fn log(&self, row: &AuditRow) {
        let reset = row.reset.map(tracing::field::display);
        let channel = row.channel.map(Channel::code);
        match row.event {
            AuditEvent::Requested => log_bounded!(self.asked => info, reset, channel, "reset requested"),
            AuditEvent::Sent => log_bounded!(self.sent => info, reset, channel, "message sent"),
            AuditEvent::Proved => log_bounded!(self.proved => info, reset, channel, "proof accepted"),
            AuditEvent::PasswordSet => log_bounded!(self.set => info, reset, channel, "password set"),
            AuditEvent::Closed => log_bounded!(self.closed => info, reset, channel, "reset closed"),
            AuditEvent::Suppressed => {
                // A developer whose fourth mail in an hour does not come sees why here; requesters never do.
                let why = suppressed(row);
                tracing::debug!(reset, channel, why, "message suppressed");
            }
            event => tracing::debug!(reset, channel, event = event.code(), "recorded"),
        }
    }
}

fn count(row: &AuditRow, locale: Option<Locale>) {
    let channel = row.channel.map_or("", Channel::code);
    let of = Labels { channel, language: locale };
    match row.event {
        AuditEvent::Requested => metrics::reset(metrics::ASKED, of),
        AuditEvent::Issued => metrics::reset(metrics::ISSUED, of),
        AuditEvent::Sent => metrics::reset(metrics::SENT, of),
        AuditEvent::Arrived => metrics::delivered(of),
        AuditEvent::Proved => metrics::reset(metrics::PROVED, of),
        AuditEvent::PasswordSet => metrics::reset(metrics::SET, of),
        AuditEvent::Suppressed => metrics::refused(of, suppressed(row)),
        AuditEvent::AdminRefused
        | AuditEvent::SendDelayed
        | AuditEvent::NoSuchContact
        | AuditEvent::SendFailed
        | AuditEvent::WrongCode
        | AuditEvent::CodesPaused
        | AuditEvent::ProofRefused
        | AuditEvent::StepUpRequired
        | AuditEvent::WrongCurrentPassword
        | AuditEvent::LimitHit
        | AuditEvent::PasswordRefused
        | AuditEvent::LockRequested
        | AuditEvent::NoticeFailed
        | AuditEvent::Closed => metrics::refused(of, row.event.code()),
        AuditEvent::CorrectionRequested
        | AuditEvent::Locked
        | AuditEvent::ContactChanged
        | AuditEvent::SessionsEnded
        | AuditEvent::NoticeSent => {}
    }
}

fn suppressed(row: &AuditRow) -> &'static str {
    let why = row.detail.as_deref();
    SUPPRESSED.into_iter().find(|word| Some(*word) == why).unwrap_or("other")
}
