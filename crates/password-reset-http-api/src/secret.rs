//! Secrets that a provider and the application share.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use password_reset::PortError;
use zeroize::Zeroizing;

use crate::HttpApiConfigError;

/// The shortest accepted secret. Providers generate 32 characters or more.
const MIN_LENGTH: usize = 16;
/// A secret with fewer distinct characters is not random.
const MIN_DISTINCT: usize = 6;
/// Placeholders from examples, which users copy into their settings.
const FROM_EXAMPLES: [&str; 10] = [
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "replace",
    "your-",
    "your_",
    "yoursecret",
    "my-secret",
    "password",
];

/// The key of an API: never in `Debug`, errors or logs; wiped when it is dropped.
#[derive(Clone)]
pub struct ApiSecret(Zeroizing<String>);

impl ApiSecret {
    /// Takes a key as the provider shows it.
    ///
    /// # Errors
    /// As [`check_secret`], and when it has a character that no key has.
    pub fn new(secret: &str) -> Result<Self, HttpApiConfigError> {
        check_secret(secret)?;
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(HttpApiConfigError::new("has a character that no key has: copy it exactly from the provider"));
        }
        Ok(Self(Zeroizing::new(secret.to_owned())))
    }

    /// The key, for the one request that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiSecret(…)")
    }
}

/// Refuses a secret that is empty, short, or looks like a placeholder from an example.
///
/// # Errors
/// Says which of it.
pub fn check_secret(secret: &str) -> Result<(), HttpApiConfigError> {
    let error = |why| Err(HttpApiConfigError::new(why));
    if secret.is_empty() {
        return error("is empty: copy it from the provider");
    }
    if secret.trim() != secret || secret.contains(char::is_control) {
        return error("has surrounding white space or a control character: copy it exactly from the provider");
    }
    if secret.len() < MIN_LENGTH {
        return error("is too short: use at least 16 random characters");
    }
    let lower = secret.to_ascii_lowercase();
    if FROM_EXAMPLES.iter().any(|known| lower.contains(known)) {
        return error("looks like an example value: use at least 16 random characters");
    }
    let mut distinct: Vec<u8> = secret.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < MIN_DISTINCT {
        return error("is predictable: use at least 16 random characters");
    }
    Ok(())
}

/// The value of a header that carries a key, so that no layer shows it.
///
/// # Errors
/// When it has a character that no header can have.
pub fn sensitive(value: &str) -> Result<HeaderValue, PortError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_holds_the_key| PortError::permanent("a key of the provider cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The credentials of a user and a password, for the header `Authorization` (RFC 7617).
#[must_use]
pub fn basic(user: &str, password: &str) -> Zeroizing<String> {
    let credentials = Zeroizing::new(format!("{user}:{password}"));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(credentials.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::{ApiSecret, basic, sensitive};

    #[test]
    fn a_header_with_a_key_is_not_shown() {
        // The example of RFC 7617.
        let credentials = basic("Aladdin", "open sesame");
        assert_eq!(*credentials, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let value = sensitive(&credentials).unwrap();
        assert!(value.is_sensitive() && !format!("{value:?}").contains("QWxh"));
        assert!(!format!("{:?}", sensitive("hunter2\n").unwrap_err()).contains("hunter2"));
    }

    #[test]
    fn a_key_is_checked_and_not_shown() {
        for secret in
            ["", "hunter2", "your-app-secret-here", "only-the-tests-send-with-thís-01", "only the tests send with 01"]
        {
            let error = ApiSecret::new(secret).unwrap_err();
            assert!(secret.is_empty() || !error.to_string().contains(secret), "{error}");
        }
        let key = ApiSecret::new("only-the-tests-send-with-this-01").unwrap();
        assert_eq!(key.expose(), "only-the-tests-send-with-this-01");
        assert!(!format!("{key:?}").contains("tests"));
    }
}
