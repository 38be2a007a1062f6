//! Secrets that are shared with a provider.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::WhatsAppConfigError;

/// The shortest secret that is taken. Those that providers make have 32 characters or more.
const SHORTEST: usize = 16;
/// A text of fewer different characters was not made at random.
const FEWEST_DIFFERENT: usize = 6;
/// What stands in examples, and is copied from them.
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

/// Refuses a secret that is empty, short, or the kind that is found in examples (R118).
pub(crate) fn checked(field: &'static str, secret: &str) -> Result<(), WhatsAppConfigError> {
    let error = |why| Err(WhatsAppConfigError::new(field, why));
    if secret.is_empty() {
        return error("it is empty: anybody could sign with it");
    }
    if secret.trim() != secret || secret.contains(char::is_control) {
        return error("it has white space around it, or a control character: take it as the provider shows it");
    }
    if secret.len() < SHORTEST {
        return error("it is too short: take at least 16 random characters");
    }
    let lower = secret.to_ascii_lowercase();
    if FROM_EXAMPLES.iter().any(|known| lower.contains(known)) {
        return error("it looks like the one of an example: take at least 16 random characters");
    }
    let mut different: Vec<u8> = secret.bytes().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST_DIFFERENT {
        return error("it is not random: take at least 16 random characters");
    }
    Ok(())
}

/// Compares in constant time, whatever the lengths (R38).
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    Sha256::digest(left).ct_eq(&Sha256::digest(right)).into()
}

#[cfg(test)]
mod tests {
    use super::{checked, same};

    #[test]
    fn secrets_that_somebody_could_guess_are_refused() {
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
    fn equal_is_equal_in_full_length() {
        assert!(same(b"only-the-tests-s", b"only-the-tests-s") && same(b"", b""));
        for other in [&b""[..], b"8", b"only-the-tests-", b"only-the-tests-A", b"only-the-tests-sa"] {
            assert!(!same(b"only-the-tests-s", other));
        }
    }
}
