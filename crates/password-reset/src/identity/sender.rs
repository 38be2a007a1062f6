//! Senders of WhatsApp messages, by keyed digests.

use chrono::{DateTime, Utc};

use super::id::AccountId;
use crate::digest::Digest;

/// A name under which a sender is known: keyed digests both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store that leaves one out must not compile")]
pub enum SenderName {
    /// Of the number.
    Number(Digest),
    /// Of the name that the platform gives its user for this business.
    Id(Digest),
}

/// What an accepted message said about its sender, beside the number: it identifies a later message that withholds the number,
/// and says whether the phone behind the number is still the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KnownSender {
    /// Keyed digest of the number.
    pub number: Digest,
    /// Keyed digest of the platform's name for it; of two numbers with one name the later has it.
    pub id: Option<Digest>,
    /// Keyed digest of the platform's hash of its keys.
    pub identity: Option<Digest>,
    /// The account that the message was for; erased with it.
    pub account: AccountId,
    /// When the message was accepted.
    pub seen_at: DateTime<Utc>,
}

impl KnownSender {
    /// A sender of whom nothing but the number is known.
    #[must_use]
    pub fn new(number: Digest, account: AccountId, seen_at: DateTime<Utc>) -> Self {
        Self { number, id: None, identity: None, account, seen_at: crate::time::to_millis(seen_at) }
    }
}
