//! Reading phone numbers that people type.

use std::fmt::Debug;

use crate::identifier::{BadIdentifier, CallingCode, Identifier};

/// Reads a phone number that somebody typed, for applications whose users type in more ways than [`Identifier::phone`]
/// knows.
///
/// A [`CallingCode`] is the reader that knows one country's habits, and international numbers of all. It is asked for
/// what people type and for nothing else: what providers and databases write has one form.
///
/// # Contract
/// Takes any text without a panic, in time that grows with the text alone. One telephone has one identifier, so the
/// outcome is always made by [`Identifier::phone`] from a number with its country.
pub trait PhoneReader: Debug + Send + Sync + 'static {
    /// Reads what was typed.
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
