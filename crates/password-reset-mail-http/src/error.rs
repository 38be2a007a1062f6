//! Configuration errors.

use password_reset_http_api::HttpApiConfigError;
use password_reset_mail::MailConfigError;

/// An invalid setting of the notifier or of a mail service. The value is not shown, because most of them are secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailHttpConfigError {
    /// The sender, or the `Reply-To` address.
    #[error(transparent)]
    Mail(#[from] MailConfigError),
    /// Any other setting.
    #[error("{field}: {why}")]
    #[non_exhaustive]
    Setting {
        /// The setting.
        field: &'static str,
        /// What is wrong, and how to correct it.
        why: &'static str,
    },
}

impl MailHttpConfigError {
    pub(crate) const fn new(field: &'static str, why: &'static str) -> Self {
        Self::Setting { field, why }
    }

    /// Names the setting of which this was said.
    pub(crate) fn of(field: &'static str) -> impl FnOnce(HttpApiConfigError) -> Self {
        move |error| Self::new(field, error.why)
    }
}
