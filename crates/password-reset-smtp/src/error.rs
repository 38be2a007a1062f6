//! Configuration errors.

use password_reset_mail::MailConfigError;

/// An invalid setting of the notifier.
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
    /// The sender, or the `Reply-To` address.
    #[error(transparent)]
    Mail(#[from] MailConfigError),
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
}
