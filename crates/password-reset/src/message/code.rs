//! Messages with a code and no link that opens a reset.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::SecretUrl;
use crate::secret::Code;
use crate::secret::code::CodeKind;

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
