//! Messages with a code and no link that opens a reset.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::SecretUrl;
use crate::secret::Code;

/// A code to type on the page where the requester asked.
#[derive(Debug)]
#[non_exhaustive]
pub struct CodeMessage {
    /// Why the owner gets the code.
    pub kind: CodeKind,
    /// The code.
    pub code: Code,
    /// Lifetime of the code, from when it was issued.
    pub lives: Duration,
    /// Cancels the reset, without a login. Leave it out where the text cannot carry a link, as in WhatsApp's
    /// authentication templates.
    pub cancel: SecretUrl,
    /// When the reset was requested.
    pub asked_at: DateTime<Utc>,
    /// The device on which the reset was requested, and its place, as far as they are known: letters, digits, spaces and `-,()` only, at
    /// most 80. Part of it may come from the browser's own headers.
    pub device: Option<String>,
}

/// Why the owner gets a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeKind {
    /// The requester asked for a reset, and the code goes to a phone.
    Reset,
    /// Replies to an inbound message.
    Reply,
    /// The requester has proved one contact; this code, sent to another, is the step-up.
    StepUp,
}

impl CodeMessage {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(kind: CodeKind, code: Code, lives: Duration, cancel: SecretUrl, asked_at: DateTime<Utc>) -> Self {
        Self { kind, code, lives, cancel, asked_at, device: None }
    }

    /// Adds the device on which the reset was requested.
    #[must_use]
    pub fn with_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }
}

impl CodeKind {
    /// The name, for logs and tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "code",
            Self::Reply => "reply_code",
            Self::StepUp => "step_up_code",
        }
    }
}
