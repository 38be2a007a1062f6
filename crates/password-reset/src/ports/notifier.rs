//! Sending.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::account::ContactKind;
use crate::error::PortError;
use crate::message::Message;

/// Sends messages to one kind of contact.
///
/// # Contract
/// * One message goes to exactly one recipient: [`Message::to`], and nothing else decides where (R148).
/// * The same [`Message::id`] may come again after a crash, with the same content; where the transport has an
///   idempotency key, it should carry the id.
/// * A contact of another kind than [`reaches`](Self::reaches) is answered with [`Delivery::Never`].
/// * Nothing of the message is logged (R166).
#[async_trait]
pub trait Notifier: Debug + Send + Sync + 'static {
    /// Which contacts it reaches.
    fn reaches(&self) -> ContactKind;

    /// Hands the message to the transport.
    async fn deliver(&self, message: &Message) -> Delivery;
}

/// What became of a message.
#[derive(Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// The transport has taken it.
    Delivered,
    /// Not now: try again, not before the stated time has passed if one is stated.
    Later {
        /// What the transport asked for.
        after: Option<Duration>,
        /// Why; for logs.
        why: PortError,
    },
    /// It will never be, and no other will: there is no such mailbox or number. The contact counts as failing until a
    /// message to it is taken again, and the next reset goes to another contact of the account, if it has one that is as
    /// good. Administrators see the reason (R140).
    NoSuchContact {
        /// As for [`Never`](Self::Never).
        why: String,
    },
    /// It will never be: refused, or not set up. Administrators see the reason (R140).
    Never {
        /// A short reason without an address, such as `550 5.1.1`; kept in the audit trail.
        why: String,
    },
}
