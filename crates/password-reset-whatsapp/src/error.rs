//! Configuration errors.

/// An invalid setting: its name, and how to correct it.
///
/// Does not show the value, because most of them are secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
#[non_exhaustive]
pub struct WhatsAppConfigError {
    /// The setting.
    pub field: &'static str,
    /// What is wrong, and how to correct it.
    pub why: &'static str,
}

impl WhatsAppConfigError {
    pub(crate) const fn new(field: &'static str, why: &'static str) -> Self {
        Self { field, why }
    }
}
