//! What can be wrong with the configuration.

/// Something cannot be made as it was asked for: which setting, and what to do.
///
/// Nothing of a value is shown, since most of them are secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
#[non_exhaustive]
pub struct WhatsAppConfigError {
    /// The setting.
    pub field: &'static str,
    /// What to do.
    pub why: &'static str,
}

impl WhatsAppConfigError {
    pub(crate) const fn new(field: &'static str, why: &'static str) -> Self {
        Self { field, why }
    }
}
