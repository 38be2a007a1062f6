//! What providers report of messages that they took.

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::identity::id::ResetId;
use crate::inbound::{DeliveryReport, Sender};
use crate::service::Parts;

/// What webhooks of mail and WhatsApp providers bring besides [messages](crate::PasswordReset::receive): what became of a message, and what
/// its recipient said of it. From [`PasswordReset::reports`](crate::PasswordReset::reports).
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Reports<'a> {
    pub(super) parts: &'a Parts,
}

impl Reports<'_> {
    /// Puts on record what the provider says of a message that it took: for administrators, never for the requester.
    /// Said again, it changes nothing.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn delivery(self, reset: ResetId, report: DeliveryReport) -> Result<(), PortError> {
        self.parts.resets.in_time(("reports.delivery", reset), self.parts.trail.delivered(reset, report)).await
    }

    /// Puts on record what a mail says that came back: a bounce. `message` is the first half of [`Message::id`], as the mail
    /// carried it.
    ///
    /// # Errors
    /// When the store or the accounts failed.
    ///
    /// # Security
    /// Anyone can send a bounce, and the requester knows the id of the reset. So it counts only with the id of a message of
    /// this reset, which only the recipient and the servers on its way have seen.
    ///
    /// [`Message::id`]: crate::Message::id
    pub async fn bounce(self, reset: ResetId, message: [u8; 16], report: DeliveryReport) -> Result<(), PortError> {
        self.parts.resets.in_time(("reports.bounce", reset), self.parts.trail.bounced(reset, message, report)).await
    }

    /// "I did not ask for this", said by a number at a time: closes the WhatsApp resets of its accounts that were asked for
    /// before. Later ones stay: a provider may bring it a week late. Also for "the number has another owner now"; what is
    /// known of the old one stays, and refuses the new one.
    ///
    /// Only for what an authenticated message said.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn unrequested(self, sender: &Sender, said_at: DateTime<Utc>) -> Result<(), PortError> {
        self.parts.resets.in_time("reports.unrequested", self.parts.receiving.report(sender, said_at)).await
    }
}
