//! Identifiers of accounts and resets.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::random::RandomSource;

/// The application's own identifier of an account: a number, a UUID, any text.
///
/// Opaque to this library. It appears in audit rows and logs, never in a message or a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// Wraps the application's identifier of an account: a text, a number, a UUID, as it writes itself.
    #[must_use]
    pub fn new(id: impl fmt::Display) -> Self {
        Self(id.to_string())
    }

    /// The identifier as the application gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The letters of references.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Identifies one reset: 16 bytes in UUIDv7 layout (RFC 9562), so that rows sort by creation time.
///
/// Not a secret: it grants no access.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResetId([u8; 16]);

impl ResetId {
    /// Makes a new identifier from the time and 74 random bits.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate(now: DateTime<Utc>, random: &dyn RandomSource) -> Result<Self, PortError> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        let millis = now.timestamp_millis().to_be_bytes();
        let (_, millis) = millis.split_at(2);
        for (byte, of_time) in bytes.iter_mut().zip(millis) {
            *byte = *of_time;
        }
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
        *version = (*version & 0x0f) | 0x70;
        *variant = (*variant & 0x3f) | 0x80;
        Ok(Self(bytes))
    }

    /// The identifier of another reset of the same moment, made with a digest; beside that one, with the same digest, is this one again.
    pub(crate) fn beside(self, digest: &Digest) -> Self {
        let mut bytes = self.0;
        // Behind the time, and the bits that say which kind of identifier it is.
        for (byte, other) in bytes.iter_mut().zip(digest.as_bytes()).skip(9) {
            *byte ^= *other;
        }
        Self(bytes)
    }

    /// Reads an identifier back from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Four letters by which people tell one reset's message from another's: the page shows them, and the email has them in
    /// its subject. Made from the identifier alone, so they say nothing about an account; not a code, and without vowels not a
    /// word.
    #[must_use]
    pub fn reference(&self) -> String {
        let (_, random) = self.0.split_at(12);
        let letter = |byte: &u8| LETTERS.iter().cycle().nth(usize::from(*byte)).map(|letter| char::from(*letter));
        random.iter().filter_map(letter).collect()
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ResetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ResetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResetId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_new_id_says_its_version_and_variant() {
        let ids = (0..64).map(|_| ResetId::generate(DateTime::UNIX_EPOCH, &SystemRandom).unwrap().to_string());
        let ids: Vec<_> = ids.collect();
        assert!(ids.iter().all(|id| id[14..15] == *"7" && ["8", "9", "a", "b"].contains(&&id[19..20])), "{ids:?}");
        let letters = |at: usize| ids.iter().map(|id| &id[at..=at]).collect::<std::collections::BTreeSet<_>>().len();
        assert!(letters(15) > 8 && letters(19) == 4, "the other bits are random");
    }
}
