//! Configuration errors.

use password_reset_http_api::HttpApiConfigError;

/// An invalid setting. The value is not shown, because it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
#[non_exhaustive]
pub struct CaptchaConfigError {
    /// The setting.
    pub field: &'static str,
    /// What is wrong, and how to correct it.
    pub why: &'static str,
}

impl CaptchaConfigError {
    pub(crate) const fn new(field: &'static str, why: &'static str) -> Self {
        Self { field, why }
    }

    /// Names the setting of which this was said.
    pub(crate) fn of(field: &'static str) -> impl FnOnce(HttpApiConfigError) -> Self {
        move |error| Self::new(field, error.why)
    }
}

/// Checks a public key of a site.
pub(crate) fn site_key(key: &str) -> Result<String, CaptchaConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if key.is_empty() || key.len() > 128 || !key.bytes().all(plain) {
        return Err(CaptchaConfigError::new("site key", "copy it exactly from the service's dashboard"));
    }
    Ok(key.to_owned())
}
