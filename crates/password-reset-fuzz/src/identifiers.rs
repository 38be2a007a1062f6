//! Email addresses, usernames and phone numbers, as typed.

use password_reset::identity::BadIdentifier;
use password_reset::identity::{IdentifierKind, MAX_IDENTIFIER_BYTES};
use password_reset::{CallingCode, Identifier};

type Read = fn(&str) -> Result<Identifier, BadIdentifier>;

const READERS: [(IdentifierKind, Read); 3] = [
    (IdentifierKind::Email, Identifier::email),
    (IdentifierKind::Username, Identifier::username),
    (IdentifierKind::Phone, |typed| Identifier::phone(typed, CallingCode::INDONESIA)),
];

/// What was accepted is its own normal form, and is stored and read back as the same.
pub(crate) fn check(bytes: &[u8]) {
    let typed = String::from_utf8_lossy(bytes);
    for (kind, read) in READERS {
        let Ok(identifier) = read(&typed) else { continue };
        let text = identifier.as_str();
        assert!(text.len() <= MAX_IDENTIFIER_BYTES, "{kind:?} of {} bytes", text.len());
        assert!(!text.chars().any(char::is_control), "{kind:?} with a control character: {text:?}");
        assert_eq!(read(text).as_ref(), Ok(&identifier), "{typed:?}");
        assert_eq!(Identifier::from_stored(kind, text).as_ref(), Some(&identifier), "{typed:?}");
        assert!(identifier.names(text), "{text:?} does not name itself");
    }
}
