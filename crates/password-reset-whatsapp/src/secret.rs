//! Checks of the secrets that a provider and the application share.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::WhatsAppConfigError;

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

/// Refuses a secret that is empty, short, or looks like a placeholder from an example.
pub(crate) fn checked(field: &'static str, secret: &str) -> Result<(), WhatsAppConfigError> {
    let error = |why| Err(WhatsAppConfigError::new(field, why));
    if secret.is_empty() {
        return error("is empty: anyone could forge messages");
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

/// Compares in constant time, even if the lengths differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    Sha256::digest(left).ct_eq(&Sha256::digest(right)).into()
}

#[cfg(test)]
mod tests {
    use super::{checked, same};

    #[test]
    fn guessable_secrets_are_refused() {
        for secret in [
            "",
            "secret",
            "hunter2",
            "short-but-odd-7",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "1212121212121212",
            "your-app-secret-here",
            "YOUR_WEBHOOK_SECRET",
            "ChangeMeChangeMe",
            "my-secret-key-my-secret-key",
            "password-of-the-webhook",
            " only-the-tests-sign-with-this-01",
            "only-the-tests-sign-with-this-01\n",
        ] {
            let error = checked("app key", secret).unwrap_err();
            assert_eq!(error.field, "app key");
            assert!(secret.is_empty() || !error.to_string().contains(secret), "{error}");
        }
        assert_eq!(checked("app secret", "only-the-tests-sign-with-this-01"), Ok(()));
    }

    #[test]
    fn only_equal_secrets_of_full_length_are_the_same() {
        assert!(same(b"only-the-tests-s", b"only-the-tests-s") && same(b"", b""));
        for other in [&b""[..], b"8", b"only-the-tests-", b"only-the-tests-A", b"only-the-tests-sa"] {
            assert!(!same(b"only-the-tests-s", other));
        }
    }
}
