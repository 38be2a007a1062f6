//! Lifetimes, limits and retention. `docs/defaults.md` gives the reason for each default.

use std::time::Duration;

use crate::error::BuildError;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// For each setting a method that returns the settings with it changed.
macro_rules! setters {
    ($settings:ident { $($field:ident: $type:ty),* $(,)? }) => {
        impl $settings {$(
            #[doc = concat!("Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
            #[must_use]
            pub const fn $field(mut self, $field: $type) -> Self {
                self.$field = $field;
                self
            }
        )*}
    };
}
setters!(Lifetimes {
    link: Duration,
    code: Duration,
    inbound: Duration,
    whatsapp: Duration,
    grant: Duration,
    lock: Duration
});
setters!(Limits {
    requests_per_source: u32, challenge_from: Option<u32>, answer_within: Duration, requests_per_minute: u32,
    code_attempts: u32, codes_per_source: u32, codes_per_source_refill: Duration, wrong_code_burst: u32,
    wrong_code_refill: Duration, completion_attempts: u32, message_burst: u32, message_refill: Duration,
    reply_burst: u32, reply_refill: Duration, current_password_burst: u32, current_password_refill: Duration,
    admin_burst: u32, admin_refill: Duration
});
setters!(Retention { resets: Duration, audit: Duration, audit_noise: Duration });

/// What the application chose for cases that pages tell visitors of: the same for every account, whether it exists or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choices {
    /// What happens where several accounts have the address.
    pub several_accounts: SeveralAccounts,
    /// What happens where a code by WhatsApp does not arrive.
    pub undelivered_codes: UndeliveredCodes,
}

/// What happens where several accounts have the address that a requester typed, and each of them could be reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SeveralAccounts {
    /// No message is sent, and the audit trail says `ambiguous`. The owner can still name the account by its username.
    #[default]
    Nothing,
    /// Each account gets a mail with a link of its own, up to ten accounts; with more, none does. The mails say which account they
    /// are about, so set [`Account::with_username`](crate::Account::with_username), which the SQL stores do where a column of
    /// usernames is named. Only the first account's mail has a code too, because the page that asked shows one reset.
    ///
    /// # Security
    /// For a request that names such an address the worker does the work of several. It does not show outside, and each mail takes a
    /// permit of its own account.
    MailEach,
    /// The mailbox gets one mail with a link for each account, up to ten; with more, none. It has no code, and accounts to which nothing can be
    /// sent are left out. The mail names the accounts as [`MailEach`](Self::MailEach) does.
    ///
    /// # Security
    /// As for [`MailEach`](Self::MailEach). Who reads the mailbox learns which accounts have it; an account whose mail would go elsewhere,
    /// because its mail to that address fails, gets one of its own.
    MailList,
}

/// What happens where a code by WhatsApp does not arrive: the number has no WhatsApp, or the provider or gateway reports that the
/// message failed, at once or later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UndeliveredCodes {
    /// Nothing; the next code goes to another number of the account, if there is one.
    #[default]
    Nothing,
    /// The account's first mailbox that works gets a link, once for each request. The link opens in any browser; the page that asked
    /// says that this may happen, for every number alike.
    ///
    /// # Security
    /// Who asked for a code can then be answered by a link in a mailbox: choose it only where the mailbox of an account may reset its
    /// password. Pages and API do not show that a mail went out, and it takes a permit of its own.
    Mail,
}

/// The lifetimes of secrets, one setting for each purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Lifetimes {
    /// A link sent by mail: 30 minutes; 1 minute to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub link: Duration,
    /// A typed code: 10 minutes; 1 minute to 1 hour, and no longer than the link.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub code: Duration,
    /// A code that the requester sends in: 10 minutes; 1 to 10 minutes.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub inbound: Duration,
    /// A code sent by WhatsApp, and the code or link of a reply: 10 minutes; 1 to 10 minutes.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub whatsapp: Duration,
    /// A grant: 15 minutes; 1 minute to 1 hour.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub grant: Duration,
    /// The link with which an owner locks the account after a change of password, and how long nothing is sent to the
    /// contact of that change afterwards: 3 days; 1 hour to 14 days.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
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
    /// No link lives longer, whatever the settings (NIST SP 800-63B-4 §4.2.1.2).
    pub(crate) const LINK_CAP: Duration = DAY;
    /// No secret sent to a phone lives longer (NIST SP 800-63B-4 §3.1.3.2).
    const OUT_OF_BAND_CAP: Duration = Duration::from_secs(10 * 60);

    /// How long what one key made may live or be shown. A link lives a day at most; a grant may be opened in its last moment and
    /// used in the grant's, and the link that locks the account begins then. A row is kept, and shown to its requester, for the
    /// retention after its end. An hour more is for clocks that differ.
    pub(crate) fn of_keys(&self, retention: &Retention) -> Duration {
        let after_the_link = self.grant.saturating_add(self.lock).max(retention.resets);
        Self::LINK_CAP.saturating_add(after_the_link).saturating_add(HOUR)
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        within("lifetimes.link", self.link, MINUTE, Self::LINK_CAP)?;
        within("lifetimes.code", self.code, MINUTE, HOUR.min(self.link))?;
        within("lifetimes.inbound", self.inbound, MINUTE, Self::OUT_OF_BAND_CAP)?;
        within("lifetimes.whatsapp", self.whatsapp, MINUTE, Self::OUT_OF_BAND_CAP)?;
        within("lifetimes.grant", self.grant, MINUTE, HOUR)?;
        within("lifetimes.lock", self.lock, HOUR, Duration::from_secs(14 * 24 * 60 * 60))
    }
}

/// The limits on requests, attempts and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Limits {
    /// Requests at once from one IPv4 address or IPv6 /64, and as many again in the course of an hour: 300.
    pub requests_per_source: u32,
    /// From this many requests at once on, a source must have passed the application's own challenge. Off by
    /// default.
    pub challenge_from: Option<u32>,
    /// How long a verb waits for the store and the accounts before it answers
    /// [`Unavailable`](crate::RequestError::Unavailable): 3 seconds; 100 milliseconds to 1 minute. Hashing does not count; of
    /// setting a password each step counts by itself.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub answer_within: Duration,
    /// Requests per minute on this node, from all sources together: 6,000.
    pub requests_per_minute: u32,
    /// Attempts at the code of one reset: 5; 1 to 10.
    pub code_attempts: u32,
    /// Burst of attempts at codes from one source, over all its resets: 60; 5 to 1,000. Further attempts are
    /// answered like wrong codes.
    pub codes_per_source: u32,
    /// One more attempt every minute; 1 second to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub codes_per_source_refill: Duration,
    /// Wrong codes in a row at one account, over all its resets, before its codes pause: 50; 5 to 100. A right code
    /// makes it full again.
    pub wrong_code_burst: u32,
    /// One more wrong code every 2 hours; 1 minute to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub wrong_code_refill: Duration,
    /// Attempts of any kind to set the password with one reset: 20; 3 to 50.
    pub completion_attempts: u32,
    /// Burst of messages to one contact of one account, and of confirmations to one new contact: 3; 1 to 10.
    pub message_burst: u32,
    /// One more message every 205 minutes; 1 minute to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub message_refill: Duration,
    /// Burst of replies to one number, and of confirmations to new contacts of one account: 10; 1 to 100.
    pub reply_burst: u32,
    /// One more reply every 6 minutes; 1 minute to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub reply_refill: Duration,
    /// Burst of attempts at the current password of one account: 5; 1 to 20.
    pub current_password_burst: u32,
    /// One more attempt every 5 minutes; 1 minute to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub current_password_refill: Duration,
    /// Burst of resets and corrections of contacts of one account by administrators, together: 3; 1 to 20. They do not count
    /// against the owner's messages.
    pub admin_burst: u32,
    /// One more of either every hour; 1 minute to 24 hours.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub admin_refill: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_source: 300,
            challenge_from: None,
            requests_per_minute: 6_000,
            answer_within: Duration::from_secs(3),
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

    /// How long the slowest limit takes to refill.
    pub(crate) fn longest(&self) -> Duration {
        let all = [
            (self.requests_per_source, self.source_refill()),
            (self.codes_per_source, self.codes_per_source_refill),
            (self.wrong_code_burst, self.wrong_code_refill),
            (self.message_burst, self.message_refill),
            (self.reply_burst, self.reply_refill),
            (self.current_password_burst, self.current_password_refill),
            (self.admin_burst, self.admin_refill),
        ];
        all.into_iter().map(|(burst, refill)| refill.saturating_mul(burst)).max().unwrap_or_default()
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        within("limits.requests_per_source", self.requests_per_source, 1, 1_000_000)?;
        if let Some(from) = self.challenge_from {
            within("limits.challenge_from", from, 0, self.requests_per_source)?;
        }
        within("limits.answer_within", self.answer_within, Duration::from_millis(100), MINUTE)?;
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

/// How long finished resets and audit rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Retention {
    /// Resets, after they expire: 1 day; 1 hour to 30 days.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub resets: Duration,
    /// Audit rows, but for noise: 400 days; 1 day to 10 years.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub audit: Duration,
    /// Audit rows that a stranger causes at will ([`AuditRow::is_noise`](crate::flow::AuditRow::is_noise)): 7 days, and never
    /// longer than `audit`; 1 hour to 10 years.
    #[cfg_attr(feature = "serde", serde(with = "crate::serial::seconds"))]
    pub audit_noise: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            resets: DAY,
            audit: Duration::from_secs(400 * 24 * 60 * 60),
            audit_noise: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}

impl Retention {
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        within("retention.resets", self.resets, HOUR, Duration::from_secs(30 * 24 * 60 * 60))?;
        within("retention.audit", self.audit, DAY, Duration::from_secs(3_660 * 24 * 60 * 60))?;
        within("retention.audit_noise", self.audit_noise, HOUR, Duration::from_secs(3_660 * 24 * 60 * 60))
    }
}

fn within<T: Copy + PartialOrd + std::fmt::Debug>(
    field: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<(), BuildError> {
    if value < least || value > most {
        return Err(BuildError::new(field, format!("{value:?} is out of range: use {least:?} to {most:?}")));
    }
    Ok(())
}
