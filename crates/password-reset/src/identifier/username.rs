//! Usernames.

use super::{BadIdentifier, MAX_IDENTIFIER_BYTES, is_invisible};

pub(super) fn check(typed: &str) -> Result<String, BadIdentifier> {
    if typed.is_empty() {
        return Err(BadIdentifier::Empty);
    }
    if typed.len() > MAX_IDENTIFIER_BYTES {
        return Err(BadIdentifier::TooLong);
    }
    if typed.contains(is_invisible) {
        return Err(BadIdentifier::Invisible);
    }
    if typed.trim() != typed {
        return Err(BadIdentifier::Space);
    }
    Ok(typed.to_owned())
}
