//! What can be wrong with the configuration.

/// The notifier cannot be made as it was asked for.
///
/// Each variant is a field, and says what to do. Nothing of the value is shown, since a URL holds a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpConfigError {
    /// The URL of the server.
    #[error("SMTP URL: {why}")]
    Url {
        /// What to do.
        why: &'static str,
    },
    /// The sender's address.
    #[error("sender (from): {why}")]
    From {
        /// What to do.
        why: &'static str,
    },
    /// The address for answers.
    #[error("reply-to: {why}")]
    ReplyTo {
        /// What to do.
        why: &'static str,
    },
    /// The name that is said in EHLO.
    #[error("EHLO name: {why}")]
    HelloName {
        /// What to do.
        why: &'static str,
    },
    /// The certificate of a private authority.
    #[error("root certificate: {why}")]
    RootCertificate {
        /// What to do.
        why: &'static str,
    },
    /// The time that one message may take.
    #[error("timeout: {why}")]
    Timeout {
        /// What to do.
        why: &'static str,
    },
    /// The number of connections.
    #[error("connections: {why}")]
    Connections {
        /// What to do.
        why: &'static str,
    },
}
