//! Checks of the secrets that a provider and the application share.

use password_reset_http_api::check_secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::WhatsAppConfigError;

/// Refuses a secret that is empty, short, or looks like a placeholder from an example.
pub(crate) fn checked(field: &'static str, secret: &str) -> Result<(), WhatsAppConfigError> {
    check_secret(secret).map_err(|error| WhatsAppConfigError::new(field, error.why))
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
