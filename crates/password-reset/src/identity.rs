//! Whom a reset is about: accounts and their contacts, the names that requesters type, and where requests come from.

pub(crate) mod account;
pub(crate) mod candidates;
pub(crate) mod id;
pub(crate) mod identifier;
pub(crate) mod locale;
pub(crate) mod password;
pub(crate) mod password_change;
pub(crate) mod password_hash;
pub(crate) mod realm;
pub(crate) mod sender;
pub(crate) mod shown;
pub(crate) mod source;
pub(crate) mod stored;
pub(crate) mod typed;

pub use self::identifier::{BadIdentifier, IdentifierKind, MAX_IDENTIFIER_BYTES};
pub use self::locale::InvalidLocale;
pub use self::stored::{stored_forms, stored_number};
pub use crate::error::ParseError;
