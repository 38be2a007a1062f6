//! Usernames.

use super::{BadIdentifier, MAX_IDENTIFIER_BYTES, MAX_TYPED_BYTES};
use crate::identity::typed::{is_invisible, trimmed};

pub(super) fn check(typed: &str) -> Result<String, BadIdentifier> {
    if typed.len() > MAX_TYPED_BYTES {
        return Err(BadIdentifier::TooLong);
    }
    let typed = trimmed(typed);
    if typed.is_empty() {
        return Err(BadIdentifier::Empty);
    }
    if typed.len() > MAX_IDENTIFIER_BYTES {
        return Err(BadIdentifier::TooLong);
    }
    if typed.contains(is_invisible) {
        return Err(BadIdentifier::Invisible);
    }
    let odd_space = |letter: char| letter.is_whitespace() && letter != ' ';
    if typed.contains(odd_space) || typed.contains("  ") {
        return Err(BadIdentifier::Space);
    }
    Ok(typed.to_owned())
}
