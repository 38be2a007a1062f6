//! Secrets that a provider and the application share.

use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::ApiSecret;

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
