//! Messages with a link that opens a reset.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::SecretUrl;
use crate::secret::Code;

/// A link that opens a reset.
#[derive(Debug)]
#[non_exhaustive]
pub struct LinkMessage {
    /// Why the owner gets the link.
    pub kind: LinkKind,
    /// Opens the reset.
    pub link: SecretUrl,
    /// Lifetime of the link, from when it was issued.
    pub lives: Duration,
    /// Cancels the reset, without a login.
    pub cancel: SecretUrl,
    /// When the reset was requested.
    pub asked_at: DateTime<Utc>,
    /// The device on which the reset was requested, and its place, as far as they are known: letters, digits, spaces and `-,()` only, at
    /// most 80. Part of it may come from the browser's own headers.
    pub device: Option<String>,
}

/// Why the owner gets a link.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinkKind {
    /// The requester asked for a reset by mail. The message carries a code as well, to type on the page where the
    /// requester asked.
    Reset {
        /// The code.
        code: Code,
        /// Lifetime of the code, from when it was issued.
        code_lives: Duration,
    },
    /// A link that no code stands beside, because the page where the requester asked shows another reset: several accounts have the
    /// address and each gets a link of its own, or the mail stands for a code by WhatsApp that did not arrive.
    ResetWithoutCode,
    /// An administrator asks the owner to set a new password.
    Admin,
    /// Replies to an inbound message; the reset continues on the phone.
    Reply,
}

impl LinkMessage {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(kind: LinkKind, link: SecretUrl, lives: Duration, cancel: SecretUrl, asked_at: DateTime<Utc>) -> Self {
        Self { kind, link, lives, cancel, asked_at, device: None }
    }

    /// Adds the device on which the reset was requested.
    #[must_use]
    pub fn with_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }
}

impl LinkKind {
    /// The name, for logs and tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reset { .. } | Self::ResetWithoutCode => "reset_link",
            Self::Admin => "admin_link",
            Self::Reply => "reply_link",
        }
    }
}
