//! What is known of the senders of WhatsApp messages.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::PortError;
use crate::identity::sender::{KnownSender, SenderName};

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
