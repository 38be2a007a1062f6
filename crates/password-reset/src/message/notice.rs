//! Notices: messages that tell the owner what happened to the account.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{SecretUrl, Site};
use crate::flow::channel::Channel;

/// Tells the owner what happened to the account.
#[derive(Debug)]
#[non_exhaustive]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What the owner can do about it.
    pub action: NoticeAction,
    /// The channel of the reset.
    pub channel: Option<Channel>,
    /// The device that set the password, in [`NoticeKind::PasswordChanged`], or requested the reset, in [`NoticeKind::ResetProved`] and
    /// [`NoticeKind::CodeRequested`]; in a few words of the application: letters, digits, spaces and `-,()` only, at most 80. Part of
    /// it may come from the browser's own headers.
    pub device: Option<String>,
}

/// What a notice reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeKind {
    /// The password was changed.
    PasswordChanged,
    /// A message from the account's WhatsApp number proved a reset. Goes to the other contacts.
    ResetProved,
    /// A code went to the account's WhatsApp number. Goes to the other contacts, because the fixed text of the message
    /// at the number does not say what the code is for.
    CodeRequested,
    /// An administrator asked the owner to set a new password. Goes to the contacts that did not get the link.
    AdminRequested,
    /// A reset was cancelled.
    ResetCancelled,
    /// This address or number no longer belongs to the account. Goes to the contact that was removed.
    ContactChanged,
    /// The account is locked, because its owner did not set the last password.
    AccountLocked,
}

/// What the owner can do about a notice.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoticeAction {
    /// Start a reset, at [`Site::start_page`].
    StartReset,
    /// Cancel the live reset, without a login.
    Cancel(ActionLink),
    /// Lock the account, without a login.
    Lock(ActionLink),
}

/// A link with which the owner stops a reset or locks the account.
#[derive(Debug)]
#[non_exhaustive]
pub struct ActionLink {
    /// Opens a page that acts when the owner presses its button.
    pub url: SecretUrl,
    /// Lifetime of the link, from the time of the notice.
    pub lives: Duration,
}

impl Notice {
    /// The parts that every notice has; see the fields.
    #[must_use]
    pub fn new(kind: NoticeKind, at: DateTime<Utc>, action: NoticeAction) -> Self {
        Self { kind, at, action, channel: None, device: None }
    }

    /// Adds the channel of the reset.
    #[must_use]
    pub fn with_channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Adds the device that set the password or requested the reset.
    #[must_use]
    pub fn with_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::PasswordChanged,
        Self::ResetProved,
        Self::CodeRequested,
        Self::AdminRequested,
        Self::ResetCancelled,
        Self::ContactChanged,
        Self::AccountLocked,
    ];

    /// Whether the notice is about a reset that is still live, and so carries [`NoticeAction::Cancel`].
    #[must_use]
    pub const fn can_cancel(self) -> bool {
        matches!(self, Self::ResetProved | Self::CodeRequested | Self::AdminRequested)
    }

    /// The name, for message ids, logs and tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::ResetProved => "reset_proved",
            Self::CodeRequested => "code_requested",
            Self::AdminRequested => "admin_requested",
            Self::ResetCancelled => "reset_cancelled",
            Self::ContactChanged => "contact_changed",
            Self::AccountLocked => "account_locked",
        }
    }
}

impl NoticeAction {
    /// The URL that the notice leads to.
    ///
    /// # Security
    /// The URL of [`Cancel`](Self::Cancel) and [`Lock`](Self::Lock) contains a secret: write it into the message and
    /// nowhere else.
    #[must_use]
    pub fn expose_url<'a>(&'a self, site: &'a Site) -> &'a str {
        match self {
            Self::StartReset => site.start_page(),
            Self::Cancel(link) | Self::Lock(link) => link.url.expose(),
        }
    }
}

impl ActionLink {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(url: SecretUrl, lives: Duration) -> Self {
        Self { url, lives }
    }
}
