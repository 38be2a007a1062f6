//! Configuration errors.

/// An invalid setting of the notifier or of a [`BounceWebhook`](crate::BounceWebhook).
///
/// Each variant is one setting. The value is not shown, because a URL contains a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpConfigError {
    /// The URL of the server.
    #[error("SMTP URL: {why}")]
    Url {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
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
    /// The name in EHLO.
    #[error("EHLO name: {why}")]
    HelloName {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
    /// The certificate of a private authority.
    #[error("root certificate: {why}")]
    RootCertificate {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
    /// The timeout of one delivery.
    #[error("timeout: {why}")]
    Timeout {
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
    /// The number of connections.
    #[error("connections: {why}")]
    Connections {
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
