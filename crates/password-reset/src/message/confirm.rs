//! The question that confirms a new contact.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::SecretUrl;

/// Asks at a new address or number whether it is the owner's. Applications send it with
/// [`Contacts::send_confirmation`](crate::contacts::Contacts::send_confirmation).
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfirmContact {
    /// Opens a page of the application, which confirms the contact when the reader presses its button.
    pub link: SecretUrl,
    /// Lifetime of the link, from when it was issued.
    pub lives: Duration,
    /// When the change of contact was requested.
    pub asked_at: DateTime<Utc>,
}

impl ConfirmContact {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(link: SecretUrl, lives: Duration, asked_at: DateTime<Utc>) -> Self {
        Self { link, lives, asked_at }
    }
}
