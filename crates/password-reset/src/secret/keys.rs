//! The key ring.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

const SHORTEST: usize = 32;
const LONGEST: usize = 1024;
const COUNTERS: &str = "counters";

/// A named key of at least 32 random bytes.
pub struct Key {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

impl Key {
    /// Takes a key and the name by which rows refer to it: 1 to 32 ASCII letters, digits, `-` or `_`.
    ///
    /// # Errors
    /// When the name is no such name, or the bytes are fewer than 32, or are plainly not random (all the same byte).
    pub fn new(id: impl Into<String>, bytes: &[u8]) -> Result<Self, KeyError> {
        let id = id.into();
        if !is_name(&id) {
            return Err(KeyError::Name);
        }
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(KeyError::Length { id });
        }
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(KeyError::NotRandom { id });
        }
        Ok(Self { id, bytes: Zeroizing::new(bytes.to_vec()) })
    }

    /// Reads a key from text: `name:base64`, base64 (RFC 4648 §4) of at least 32 bytes, as `openssl rand -base64 32` prints
    /// it.
    ///
    /// # Errors
    /// Says what is wrong, never what it held.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (id, encoded) = text.split_once(':').ok_or(KeyError::Form)?;
        let (id, encoded) = (id.trim(), encoded.trim());
        // Before anything else that names it: who writes `base64:name` must not find the key in an error.
        if !is_name(id) {
            return Err(KeyError::Name);
        }
        let bytes = STANDARD
            .decode(encoded)
            .or_else(|_padding| STANDARD_NO_PAD.decode(encoded))
            .map(Zeroizing::new)
            .map_err(|_says_the_byte| KeyError::Encoding { id: id.to_owned() })?;
        Self::new(id, &bytes)
    }

    /// The name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Shorter than any key is in base64, so a key in its place is no name.
fn is_name(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, …)", self.id)
    }
}

/// The keys of an application: one that issues, others that still verify, and one for counters.
///
/// To rotate, in three steps, each on *all* nodes before the next:
///
/// 1. add the new key behind the old one, so that every node verifies it and none issues with it yet;
/// 2. put it in front, so that it issues;
/// 3. drop the old one when [`Operations::keys_are_needed_for`](crate::operations::Operations::keys_are_needed_for) has passed.
///
/// A node that lacks the key of a reset refuses and closes nothing: it answers "unavailable", leaves the work to the other nodes,
/// and raises an alarm. [`Operations::missing_keys`](crate::operations::Operations::missing_keys) says before the last step whether a
/// reset still needs a key; a worker logs it when it starts.
///
/// The key for counters is rotated in the same steps. With two of them in the ring, codes by WhatsApp, contact tokens, session
/// auth hashes and known senders are recognised under both; wrong codes, wrong passwords and the messages of requests count under
/// both, so a pause outlasts the rotation. All else counts under the first key alone, and begins anew with the second step: requests of
/// a source, replies, step-up codes, resets by administrators, messages that ask to confirm a contact. The digests in the audit trail and of senders stay what they are: when the old key is dropped, the
/// library no longer knows from earlier messages which mailbox fails, or which phone a number belongs to, and learns both anew.
#[derive(Debug)]
pub struct KeyRing {
    pub(super) issuing: Key,
    verifying: Vec<Key>,
    pub(super) counters: Arc<Key>,
    pub(super) other_counters: Vec<Arc<Key>>,
}

impl KeyRing {
    /// A ring with one key that issues, and the key for counters.
    #[must_use]
    pub fn new(issuing: Key, counters: Key) -> Self {
        Self { issuing, verifying: Vec::new(), counters: Arc::new(counters), other_counters: Vec::new() }
    }

    /// Adds a key that verifies what was made with it before.
    #[must_use]
    pub fn verifying(mut self, key: Key) -> Self {
        self.verifying.push(key);
        self
    }

    /// Adds a key for counters under which digests are recognised too: the next one, or the one before.
    #[must_use]
    pub fn verifying_counters(mut self, key: Key) -> Self {
        self.other_counters.push(Arc::new(key));
        self
    }

    /// Reads a ring from text: `name:base64,name:base64,counters:base64`, base64 (RFC 4648 §4) of at least 32 bytes each, as
    /// `openssl rand -base64 32` prints it.
    ///
    /// The first key issues. Keys whose names begin with `counters` (`counters`, `counters-2027`) are for counters, and may
    /// stand anywhere; the first of them makes new digests.
    ///
    /// # Errors
    /// Says which part is wrong, never what it held.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (mut keys, mut counters) = (Vec::new(), Vec::new());
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let key = Key::parse(part)?;
            if key.id.starts_with(COUNTERS) { counters.push(Arc::new(key)) } else { keys.push(key) }
        }
        let (mut keys, mut counters) = (keys.into_iter(), counters.into_iter());
        let issuing = keys.next().ok_or(KeyError::NoKey)?;
        let first = counters.next().ok_or(KeyError::NoCounters)?;
        let ring = Self { issuing, verifying: keys.collect(), counters: first, other_counters: counters.collect() };
        ring.check()?;
        Ok(ring)
    }

    /// Reads a ring from an environment variable, in the form that [`parse`](Self::parse) takes.
    ///
    /// # Errors
    /// When the variable is not set, or as [`parse`](Self::parse).
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        let text = std::env::var(variable)
            .map(Zeroizing::new)
            .map_err(|_unset| KeyError::NoVariable { variable: variable.to_owned() })?;
        Self::parse(&text)
    }

    /// Checks that names and keys differ from one another; `build()` calls it.
    pub(crate) fn check(&self) -> Result<(), KeyError> {
        let counters = self.other_counters.iter().chain([&self.counters]).map(Arc::as_ref);
        let all: Vec<&Key> = [&self.issuing].into_iter().chain(&self.verifying).chain(counters).collect();
        for (at, key) in all.iter().enumerate() {
            for other in all.iter().skip(at.saturating_add(1)) {
                if key.id == other.id || super::same(&key.bytes, &other.bytes) {
                    return Err(KeyError::Twice { id: other.id.clone() });
                }
            }
        }
        Ok(())
    }

    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.issuing).chain(&self.verifying).find(|key| key.id == id)
    }
}

/// A key or a key ring was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The environment variable is not set.
    #[error(
        "environment variable {variable} is not set: use `name:base64,counters:base64`, each key from \
                 `openssl rand -base64 32`"
    )]
    NoVariable {
        /// Its name.
        variable: String,
    },
    /// A part has no colon.
    #[error("invalid key entry: write it as `name:base64`")]
    Form,
    /// The name of a key is no name.
    #[error("invalid key name: use 1 to 32 ASCII letters, digits, `-` or `_`")]
    Name,
    /// A key is not base64.
    #[error("key `{id}` is not valid base64: make one with `openssl rand -base64 32`")]
    Encoding {
        /// The key's name.
        id: String,
    },
    /// A key is too short or far too long.
    #[error("key `{id}` must have 32 to 1024 bytes: make one with `openssl rand -base64 32`")]
    Length {
        /// The key's name.
        id: String,
    },
    /// A key is one byte over and over.
    #[error("key `{id}` is predictable: make one with `openssl rand -base64 32`")]
    NotRandom {
        /// The key's name.
        id: String,
    },
    /// Two keys have the same name or the same bytes.
    #[error("key `{id}` is listed twice: names and values must be unique")]
    Twice {
        /// The key's name.
        id: String,
    },
    /// There is no key that issues.
    #[error("no signing key: add one as `name:base64`")]
    NoKey,
    /// There is no key for counters.
    #[error("no counter key: add one as `counters:base64`")]
    NoCounters,
}
