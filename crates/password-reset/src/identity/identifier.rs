//! What a requester types to name an account, normalised once.
//!
//! One policy for every store: ASCII letters of an e-mail address are lower-cased, its domain becomes
//! A-labels (RFC 5891), and nothing else is folded: no case, accent, width or compatibility folding of other scripts.

mod email;
mod phone;

use std::fmt;

pub use self::phone::CallingCode;
use super::typed::{is_invisible, trimmed};

/// Longest identifier, in bytes; an e-mail address is never longer (RFC 5321 §4.5.3.1.3).
pub const MAX_IDENTIFIER_BYTES: usize = 254;

/// Longest typed text that is read, with what clipboards add.
const MAX_TYPED_BYTES: usize = 2 * MAX_IDENTIFIER_BYTES;

/// The kind of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdentifierKind {
    /// An e-mail address.
    Email,
    /// The application's own name for a user.
    Username,
    /// A phone number.
    Phone,
}

impl IdentifierKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Email, Self::Username, Self::Phone];

    /// The name under which stores keep it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::Phone => "phone",
        }
    }

    /// Reads a kind back from a store.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// A normalised e-mail address, username or phone number.
///
/// `Debug` shows the kind only, because identifiers are personal data.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    kind: IdentifierKind,
    text: String,
}

impl Identifier {
    /// Reads an e-mail address. Drops white space and invisible characters around it, lower-cases ASCII letters and converts the domain to
    /// A-labels; keeps a local part in another script byte for byte.
    ///
    /// # Errors
    /// [`BadIdentifier`] says what is wrong with it.
    pub fn email(typed: &str) -> Result<Self, BadIdentifier> {
        email::normalize(typed).map(|text| Self { kind: IdentifierKind::Email, text })
    }

    /// Reads a username. Drops white space and invisible characters around it, as clipboards add them, and keeps the rest
    /// byte for byte. Refuses white space in it other than single spaces, and control and invisible characters, because they
    /// make two names look like one.
    ///
    /// # Errors
    /// [`BadIdentifier`] says what is wrong with it.
    pub fn username(typed: &str) -> Result<Self, BadIdentifier> {
        let text = bounded(typed)?;
        let odd_space = |letter: char| letter.is_whitespace() && letter != ' ';
        if text.contains(odd_space) || text.contains("  ") {
            return Err(BadIdentifier::Space);
        }
        Ok(Self { kind: IdentifierKind::Username, text: text.to_owned() })
    }

    /// Reads a phone number into E.164 form (`+628…`). A number without a country belongs to `home`, and is refused
    /// where there is none. The digits decide, of
    /// whatever script; spaces, dashes, dots, brackets and what cannot be seen do not.
    ///
    /// Without a zero to dial in front, a number may begin as the code of its own country: some of Italy's mobile numbers do (`391…`), and
    /// some of Portugal's. Its length tells it from one with the code where numbers have eight digits (`47123456` in Norway) or their
    /// country is `+1` or `+7`; elsewhere it is read as one with the code. A [`PhoneReader`](crate::ports::PhoneReader) with the plans of
    /// all countries reads them.
    ///
    /// In Mexico, Argentina and Brazil WhatsApp may write a number in another way than its owner does. Both are read as
    /// one ([`same_numbers`](Self::same_numbers)), so the text may not be a number that can be dialled: messages go to the
    /// [`Contact`](crate::Contact)'s own bytes.
    ///
    /// # Errors
    /// [`BadIdentifier`] says what is wrong with it.
    pub fn phone(typed: &str, home: impl Into<Option<CallingCode>>) -> Result<Self, BadIdentifier> {
        phone::normalize(typed, home.into()).map(|text| Self { kind: IdentifierKind::Phone, text })
    }

    /// Reads an identifier back from a store; `None` when this library did not write the text like this.
    #[must_use]
    pub fn from_stored(kind: IdentifierKind, text: &str) -> Option<Self> {
        let as_written = match kind {
            IdentifierKind::Email => Self::email(text).is_ok_and(|again| again.text == text),
            IdentifierKind::Username => Self::username(text).is_ok_and(|again| again.text == text),
            // The home country decides how a number is read, not how it is written.
            IdentifierKind::Phone => phone::is_normal(text),
        };
        as_written.then(|| Self::unchecked(kind, text))
    }

    /// For rows that [`from_stored`](Self::from_stored) has already checked.
    pub(crate) fn unchecked(kind: IdentifierKind, text: &str) -> Self {
        Self { kind, text: text.to_owned() }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// The normalised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Every number in E.164 form that reaches the same telephone, itself first, for adapters that look up a stored number
    /// by its bytes. For the other kinds, the text alone.
    #[must_use]
    pub fn same_numbers(&self) -> Vec<String> {
        match self.kind {
            IdentifierKind::Phone => phone::same(&self.text),
            IdentifierKind::Email | IdentifierKind::Username => vec![self.text.clone()],
        }
    }

    /// Whether this identifier names an account that has the stored value.
    ///
    /// Adapters call it on the rows that their database found, so that no collation of a database decides. A
    /// stored phone number must have its country: an adapter whose table leaves it out puts
    /// [`Accounts::home_country`](crate::ports::Accounts::home_country) in front first.
    #[must_use]
    pub fn names(&self, stored: &str) -> bool {
        // A row that only looks like this name would make it ambiguous; only typed text is read leniently.
        if stored.contains(is_invisible) {
            return false;
        }
        match self.kind {
            IdentifierKind::Email => Self::email(stored).is_ok_and(|stored| stored == *self),
            IdentifierKind::Username => stored == self.text,
            IdentifierKind::Phone => Self::phone(stored, None).is_ok_and(|stored| stored == *self),
        }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({:?}, …)", self.kind)
    }
}

/// The typed text cannot name an account. Decided before any account is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadIdentifier {
    /// The text is empty.
    #[error("identifier is empty")]
    Empty,
    /// More than 254 bytes.
    #[error("identifier is too long")]
    TooLong,
    /// A control, line break, NUL, or invisible character.
    #[error("identifier has an invisible character")]
    Invisible,
    /// White space in or around it.
    #[error("identifier has a misplaced space")]
    Space,
    /// Not of the form `name@domain`, or several addresses.
    #[error("not a single email address")]
    NotAnEmail,
    /// Not a phone number of 8 to 15 digits.
    #[error("not a phone number")]
    NotAPhone,
}

/// The text of an address or a username without what clipboards add around it.
fn bounded(typed: &str) -> Result<&str, BadIdentifier> {
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
    if typed.contains(is_invisible) { Err(BadIdentifier::Invisible) } else { Ok(typed) }
}
