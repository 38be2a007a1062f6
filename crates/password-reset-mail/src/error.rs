//! Configuration errors.

/// An invalid setting of a [`MailWriter`](crate::MailWriter) or a [`BounceWebhook`](crate::BounceWebhook).
///
/// Each variant is one setting. The value is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailConfigError {
    /// The sender's address.
    #[error("sender (from): {why}")]
    From {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
    /// The `Reply-To` address.
    #[error("reply-to: {why}")]
    ReplyTo {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
    /// The password or key of a webhook.
    #[error("bounce webhook: {why}")]
    BounceWebhook {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
}
