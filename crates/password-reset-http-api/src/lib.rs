#![doc = include_str!("../README.md")]

mod address;
mod client;
mod secret;

pub use crate::address::{base_url, checked_url};
pub use crate::client::{Answer, HttpClient};
pub use crate::secret::{ApiSecret, basic, check_secret, sensitive};

/// What is wrong with a setting, and how to correct it. Does not show the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
#[non_exhaustive]
pub struct HttpApiConfigError {
    /// What is wrong, and how to correct it.
    pub why: &'static str,
}

impl HttpApiConfigError {
    pub(crate) const fn new(why: &'static str) -> Self {
        Self { why }
    }
}
