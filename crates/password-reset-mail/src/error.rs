//! Configuration errors.

/// An invalid setting of a mail's sender, transport or webhook: its name, and how to correct it.
///
/// Does not show the value, because most of them are secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
#[non_exhaustive]
pub struct MailConfigError {
    /// The setting.
    pub field: &'static str,
    /// What is wrong, and how to correct it.
    pub why: &'static str,
}

impl MailConfigError {
    /// The setting, and what is wrong with it.
    #[must_use]
    pub const fn new(field: &'static str, why: &'static str) -> Self {
        Self { field, why }
    }
}
