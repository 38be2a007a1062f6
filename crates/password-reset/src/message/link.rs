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
    /// An administrator asks the owner to set a new password.
    Admin,
    /// Replies to an inbound message; the reset continues on the phone.
    Reply,
}

impl LinkMessage {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(kind: LinkKind, link: SecretUrl, lives: Duration, cancel: SecretUrl, asked_at: DateTime<Utc>) -> Self {
        Self { kind, link, lives, cancel, asked_at }
    }
}

impl LinkKind {
    /// The name, for logs and tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reset { .. } => "reset_link",
            Self::Admin => "admin_link",
            Self::Reply => "reply_link",
        }
    }
}
