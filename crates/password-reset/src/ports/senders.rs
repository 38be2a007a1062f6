//! What is known of the senders of WhatsApp messages.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::identity::id::AccountId;

/// Keeps what accepted messages said about their senders. Only services that receive WhatsApp messages need it.
///
/// A [`ResetStore`](super::ResetStore) writes a sender with the step that a message proves
/// ([`Step::learns`](crate::flow::Step::learns)) and deletes it with its account, so both ports are one store's.
#[async_trait]
pub trait Senders: Debug + Send + Sync + 'static {
    /// Says what is known of a sender.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError>;

    /// Forgets what is known of a sender.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError>;
}

/// A name under which a sender is known: keyed digests both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
