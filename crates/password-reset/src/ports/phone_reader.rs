//! Reading phone numbers that requesters type.

use std::fmt::Debug;

use crate::identity::identifier::{BadIdentifier, CallingCode, Identifier};

/// Reads a phone number that a requester typed, for applications whose users write numbers in more ways than
/// [`Identifier::phone`] reads.
///
/// Pages call it for typed numbers only: providers and databases write numbers in one form.
///
/// # Contract
/// Must not panic on any text, and takes time proportional to its length. One telephone has one identifier, so the result
/// always comes from [`Identifier::phone`] with a number that has its country.
pub trait PhoneReader: Debug + Send + Sync + 'static {
    /// Reads the typed text. A number without a country belongs to `home`, which is
    /// [that of the account table](super::Accounts::home_country), and is refused where there is none.
    ///
    /// # Errors
    /// [`BadIdentifier`] says what is wrong with it.
    fn read(&self, typed: &str, home: Option<CallingCode>) -> Result<Identifier, BadIdentifier>;
}
