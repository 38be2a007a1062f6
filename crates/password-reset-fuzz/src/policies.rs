//! Files of password rules.

use password_reset::Language;
use password_reset_policy::{read_text, to_json};

/// Rules that are accepted can be used and shown; a fault names a line of the file.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match read_text("rules.toml", text) {
        Ok(policy) => {
            assert_eq!(policy.validate().err().map(|error| error.to_string()), None, "{text}");
            assert!(to_json(&policy, &Language::english()).is_object());
        }
        Err(error) => assert!(!error.faults().is_empty(), "{text}"),
    }
}
