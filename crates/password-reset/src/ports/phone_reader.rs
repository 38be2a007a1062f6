//! Reading phone numbers that requesters type.

use std::fmt::Debug;

use crate::identity::identifier::{BadIdentifier, CallingCode, Identifier};

/// Reads a phone number that a requester typed, for applications whose users write numbers in more ways than
/// [`Identifier::phone`] reads.
///
/// A [`CallingCode`] is the reader for the habits of one country, and for international numbers. The service calls the
/// reader for typed numbers only: providers and databases write numbers in one form.
///
/// # Contract
/// Must not panic on any text, and takes time proportional to its length. One telephone has one identifier, so the result
/// always comes from [`Identifier::phone`] with a number that has its country.
pub trait PhoneReader: Debug + Send + Sync + 'static {
    /// Reads the typed text.
    ///
    /// # Errors
    /// [`BadIdentifier`] says what is wrong with it.
    fn read(&self, typed: &str) -> Result<Identifier, BadIdentifier>;
}

impl PhoneReader for CallingCode {
    fn read(&self, typed: &str) -> Result<Identifier, BadIdentifier> {
        Identifier::phone(typed, *self)
    }
}
