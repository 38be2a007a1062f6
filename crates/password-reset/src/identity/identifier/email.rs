//! E-mail addresses.

use super::{BadIdentifier, MAX_IDENTIFIER_BYTES, bounded};

/// Longest local part, in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// Characters that a local part without quotes cannot have (RFC 5321 §4.1.2): any of them is a second address, a
/// comment, a display name or a route.
const SPECIALS: &[char] = &['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"'];

pub(super) fn normalize(typed: &str) -> Result<String, BadIdentifier> {
    let typed = bounded(typed)?;
    if typed.contains(char::is_whitespace) {
        return Err(BadIdentifier::Space);
    }
    let (local, domain) = typed.split_once('@').ok_or(BadIdentifier::NotAnEmail)?;
    let local_ok = (1..=MAX_LOCAL_BYTES).contains(&local.len())
        && !local.contains(SPECIALS)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    if !local_ok || domain.contains(SPECIALS) {
        return Err(BadIdentifier::NotAnEmail);
    }
    let typed_domain = domain;
    let domain = idna::domain_to_ascii_cow(typed_domain.as_bytes(), idna::AsciiDenyList::URL)
        .map_err(|_says_little| BadIdentifier::NotAnEmail)?;
    // IDNA maps full-width, ligature and other letters to plain ones. An address with such letters is not the address
    // that it looks like.
    let not_folded = typed_domain.split('.').count() == domain.split('.').count()
        && typed_domain
            .split('.')
            .zip(domain.split('.'))
            .all(|(typed, label)| typed.is_ascii() || label.starts_with("xn--"));
    let labels_ok = domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    let all_digits = domain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !domain.contains('.') || !labels_ok || !not_folded || all_digits {
        return Err(BadIdentifier::NotAnEmail);
    }
    let address = format!("{}@{domain}", local.to_ascii_lowercase());
    if address.len() > MAX_IDENTIFIER_BYTES { Err(BadIdentifier::TooLong) } else { Ok(address) }
}
