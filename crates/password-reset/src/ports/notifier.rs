//! Sending messages.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::PortError;
use crate::flow::channel::InboundMode;
use crate::identity::account::ContactKind;
use crate::message::Message;

/// Sends messages to one kind of contact.
///
/// # Contract
/// * One message goes to exactly one recipient, [`Message::to`].
/// * After a crash the same [`Message::id`] may come again, with the same content. A transport with an idempotency key
///   should carry the id.
/// * Answers [`Delivery::Never`] for a contact of another kind than [`reaches`](Self::reaches).
/// * Logs nothing of the message.
#[async_trait]
pub trait Notifier: Debug + Send + Sync + 'static {
    /// The kind of contacts that it reaches.
    fn reaches(&self) -> ContactKind;

    /// What keeps it from sending the reply of this mode, and what to do about it; `None` where nothing is known to. The builder
    /// refuses the mode then, for its messages would prove nothing.
    fn cannot_reply(&self, mode: InboundMode) -> Option<&'static str> {
        // An early error and no promise: what it leaves out, `deliver` answers with `Never`.
        let _ = mode;
        None
    }

    /// Hands the message to the transport.
    async fn deliver(&self, message: &Message) -> Delivery;
}

/// The outcome of a delivery.
#[derive(Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// The transport has accepted the message.
    Delivered,
    /// Not now. The worker retries, not before `after` if it is given, but after 20 minutes at the latest.
    Later {
        /// The delay that the transport asked for.
        after: Option<Duration>,
        /// The cause, for logs.
        why: PortError,
    },
    /// The mailbox or number does not exist, so no message can reach it. The contact counts as failing until a message to it
    /// is accepted again, and the next reset uses another equally suitable contact of the account, if there is one.
    /// Administrators see the reason.
    NoSuchContact {
        /// As for [`Never`](Self::Never).
        why: String,
    },
    /// This message cannot be delivered: refused, or the transport is not set up. Administrators see the reason.
    Never {
        /// A short reason without an address, such as `550 5.1.1`; kept in the audit trail.
        why: String,
    },
}
