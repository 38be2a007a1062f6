//! Numbers: how long things live, and how often things may happen. Every default has its reason in `docs/defaults.md`.

use std::time::Duration;

use crate::builder::BuildError;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long secrets live. Each purpose has a setting of its own (R25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifetimes {
    /// A link by mail: 30 minutes; 1 minute to 24 hours (R24).
    pub link: Duration,
    /// A typed code: 10 minutes; 1 minute to 1 hour, and no longer than the link (R24).
    pub code: Duration,
    /// A code that the person is to send: 10 minutes; 1 to 10 minutes (R24).
    pub inbound: Duration,
    /// A code by WhatsApp, and the code or link of a reply: 10 minutes; 1 to 10 minutes (R24).
    pub whatsapp: Duration,
    /// A grant: 15 minutes; 1 minute to 1 hour.
    pub grant: Duration,
    /// The link by which an owner disowns a password, and how long nothing is sent after it to where the proof came from: 3
    /// days; 1 hour to 14 days.
    pub lock: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            link: Duration::from_secs(30 * 60),
            code: Duration::from_secs(10 * 60),
            inbound: Duration::from_secs(10 * 60),
            whatsapp: Duration::from_secs(10 * 60),
            grant: Duration::from_secs(15 * 60),
            lock: Duration::from_secs(3 * 24 * 60 * 60),
        }
    }
}

impl Lifetimes {
    /// No link lives longer, whatever else is set (NIST SP 800-63B-4 §4.2.1.2).
    pub(crate) const LINK_CAP: Duration = DAY;
    /// No secret over a phone lives longer (NIST SP 800-63B-4 §3.1.3.2).
    const OUT_OF_BAND_CAP: Duration = Duration::from_secs(10 * 60);

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        within("lifetimes.link", self.link, MINUTE, Self::LINK_CAP)?;
        within("lifetimes.code", self.code, MINUTE, HOUR.min(self.link))?;
        within("lifetimes.inbound", self.inbound, MINUTE, Self::OUT_OF_BAND_CAP)?;
        within("lifetimes.whatsapp", self.whatsapp, MINUTE, Self::OUT_OF_BAND_CAP)?;
        within("lifetimes.grant", self.grant, MINUTE, HOUR)?;
        within("lifetimes.lock", self.lock, HOUR, Duration::from_secs(14 * 24 * 60 * 60))
    }
}

/// How often things may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests at once from one IPv4 address or IPv6 /64, and as many again in the course of an hour: 300 (R8).
    pub requests_per_source: u32,
    /// From this many requests at once on, a source must have passed the application's own challenge (R11). Off by
    /// default.
    pub challenge_from: Option<u32>,
    /// Requests a minute on this node, from all sources together: 6,000.
    pub requests_per_minute: u32,
    /// Codes tried at one reset: 5; 1 to 10 (R29).
    pub code_attempts: u32,
    /// Codes tried at once from one source, over all its resets: 60; 5 to 1,000 (R44). Past it they are answered like
    /// wrong ones.
    pub codes_per_source: u32,
    /// One more every minute; 1 second to 24 hours (R44).
    pub codes_per_source_refill: Duration,
    /// Wrong codes in a row at one account, over all its resets, before its codes pause: 50; 5 to 100 (R41). A right code
    /// makes it full again.
    pub wrong_code_burst: u32,
    /// One more wrong code every 2 hours; 1 minute to 24 hours (R41).
    pub wrong_code_refill: Duration,
    /// Tries of any kind to set the password with one reset: 20; 3 to 50 (R45).
    pub completion_attempts: u32,
    /// Messages to one contact of one account at once, and questions to one new contact: 3; 1 to 10 (R9).
    pub message_burst: u32,
    /// One more message every 205 minutes; 1 minute to 24 hours (R9).
    pub message_refill: Duration,
    /// Replies to one number at once, and questions to new contacts of one account: 10; 1 to 100 (R131).
    pub reply_burst: u32,
    /// One more reply every 6 minutes; 1 minute to 24 hours (R131).
    pub reply_refill: Duration,
    /// Tries of the current password of one account at once: 5; 1 to 20 (R107).
    pub current_password_burst: u32,
    /// One more try every 5 minutes; 1 minute to 24 hours (R107).
    pub current_password_refill: Duration,
    /// Resets of one account that administrators ask for at once: 3; 1 to 20 (R112). They do not take the owner's messages.
    pub admin_burst: u32,
    /// One more every hour; 1 minute to 24 hours (R112).
    pub admin_refill: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_source: 300,
            challenge_from: None,
            requests_per_minute: 6_000,
            code_attempts: 5,
            codes_per_source: 60,
            codes_per_source_refill: MINUTE,
            wrong_code_burst: 50,
            wrong_code_refill: Duration::from_secs(2 * 60 * 60),
            completion_attempts: 20,
            message_burst: 3,
            message_refill: Duration::from_secs(205 * 60),
            reply_burst: 10,
            reply_refill: Duration::from_secs(6 * 60),
            current_password_burst: 5,
            current_password_refill: Duration::from_secs(5 * 60),
            admin_burst: 3,
            admin_refill: HOUR,
        }
    }
}

impl Limits {
    /// How long one more request of a source takes, when it has used those that it may make at once.
    pub(crate) fn source_refill(&self) -> Duration {
        HOUR.checked_div(self.requests_per_source).unwrap_or(HOUR)
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        within("limits.requests_per_source", self.requests_per_source, 1, 1_000_000)?;
        if let Some(from) = self.challenge_from {
            within("limits.challenge_from", from, 0, self.requests_per_source)?;
        }
        within("limits.requests_per_minute", self.requests_per_minute, 1, u32::MAX)?;
        within("limits.code_attempts", self.code_attempts, 1, 10)?;
        within("limits.codes_per_source", self.codes_per_source, 5, 1_000)?;
        within("limits.codes_per_source_refill", self.codes_per_source_refill, Duration::from_secs(1), DAY)?;
        within("limits.wrong_code_burst", self.wrong_code_burst, 5, 100)?;
        within("limits.wrong_code_refill", self.wrong_code_refill, MINUTE, DAY)?;
        within("limits.completion_attempts", self.completion_attempts, 3, 50)?;
        within("limits.message_burst", self.message_burst, 1, 10)?;
        within("limits.message_refill", self.message_refill, MINUTE, DAY)?;
        within("limits.reply_burst", self.reply_burst, 1, 100)?;
        within("limits.reply_refill", self.reply_refill, MINUTE, DAY)?;
        within("limits.current_password_burst", self.current_password_burst, 1, 20)?;
        within("limits.current_password_refill", self.current_password_refill, MINUTE, DAY)?;
        within("limits.admin_burst", self.admin_burst, 1, 20)?;
        within("limits.admin_refill", self.admin_refill, MINUTE, DAY)
    }
}

/// How long what is not needed any more is kept (R164, R180).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Resets, after they expired: 1 day; 1 hour to 30 days.
    pub resets: Duration,
    /// Audit rows: 400 days; 1 day to 10 years.
    pub audit: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { resets: DAY, audit: Duration::from_secs(400 * 24 * 60 * 60) }
    }
}

impl Retention {
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        within("retention.resets", self.resets, HOUR, Duration::from_secs(30 * 24 * 60 * 60))?;
        within("retention.audit", self.audit, DAY, Duration::from_secs(3_660 * 24 * 60 * 60))
    }
}

fn within<T: Copy + PartialOrd + std::fmt::Debug>(
    field: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<(), BuildError> {
    if value < least || value > most {
        return Err(BuildError::new(field, format!("{value:?} is not within {least:?} and {most:?}")));
    }
    Ok(())
}
