//! A keyed step before the hash, with a key outside the database.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::identity::password::{MAX_TYPED_BYTES, Password};
use crate::identity::password_hash::PasswordHash;
use crate::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use crate::secret::{Key, KeyError};

/// Prefixes the password in the MAC, so that another use of the same key gives other values.
const PURPOSE: &[u8] = b"password-reset pepper 1\0";

const OPENS: &str = "{pepper:";
const CLOSES: char = '}';

/// Adds a pepper to another hasher, which then hashes the HMAC-SHA256 of the password under a key that is not in the database
/// (NIST SP 800-63B-4 §3.1.1.2, OWASP Password Storage Cheat Sheet).
///
/// ```
/// use password_reset::hashing::{Argon2Hasher, HashPoolConfig, PepperedHasher};
/// use password_reset::{HashPool, Key};
/// # let text = "2026a:a3JpcHRvZ3JhZmlrIGFjYWssIGhhbnlhIGNvbnRvaCE=";
/// let key = Key::parse(text)?; // from the environment, as openssl rand -base64 32 made it
/// let hasher = PepperedHasher::new(Argon2Hasher::default(), key);
/// let pool = HashPool::new(std::sync::Arc::new(hasher), HashPoolConfig::default())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The stored text is the name of the key and the other hasher's text: `{pepper:2026a}$argon2id$…`. To rotate the key, give the
/// new one to [`new`](Self::new) and the old one to [`verifying`](Self::verifying): hashes under the old key verify and are
/// [outdated](Verdict::Match), so that the login hashes the password again. Hashes without a pepper, from before there was
/// one, also verify and are outdated.
///
/// # Security
/// An attacker who has the database without the key cannot test passwords. **Without the key no user can sign in:** keep it as
/// safe as the backups but not in them, until no hash under it remains. Use a separate key, none of the key ring's. As
/// hashes without a pepper verify, the pepper does not stop an attacker who can *write* hashes into the table.
pub struct PepperedHasher {
    inner: Arc<dyn PasswordHasher>,
    issuing: Arc<Key>,
    verifying: Vec<Arc<Key>>,
}

impl PepperedHasher {
    /// Adds a pepper to a hasher. New hashes use this key.
    #[must_use]
    pub fn new(inner: impl PasswordHasher, key: Key) -> Self {
        Self { inner: Arc::new(inner), issuing: Arc::new(key), verifying: Vec::new() }
    }

    /// Adds a key of older hashes.
    ///
    /// # Errors
    /// When there already is a key with this name or these bytes.
    pub fn verifying(mut self, key: Key) -> Result<Self, KeyError> {
        let mut known = std::iter::once(&self.issuing).chain(&self.verifying);
        if known.any(|known| known.id() == key.id() || crate::secret::same(known.bytes(), key.bytes())) {
            return Err(KeyError::Twice { id: key.id().to_owned() });
        }
        self.verifying.push(Arc::new(key));
        Ok(self)
    }
}

impl fmt::Debug for PepperedHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PepperedHasher").field("inner", &self.inner).field("key", &self.issuing).finish()
    }
}

impl PasswordHasher for PepperedHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        let (issuing, verifying) = (Arc::clone(&self.issuing), self.verifying.clone());
        Box::new(Worker { inner: self.inner.worker(), issuing, verifying })
    }
}

struct Worker {
    inner: Box<dyn HashWorker>,
    issuing: Arc<Key>,
    verifying: Vec<Arc<Key>>,
}

/// The keyed password, as text, which every hasher accepts.
fn peppered(key: &Key, password: &Password) -> Result<Password, HashError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).map_err(|_any_length_is_fine| HashError::Failed)?;
    mac.update(PURPOSE);
    mac.update(password.expose().as_bytes());
    let mac: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
    Ok(Password::as_typed(STANDARD_NO_PAD.encode(mac.as_slice())))
}

/// The name of the key and the other hasher's text.
fn taken_apart(stored: &str) -> Option<(&str, &str)> {
    stored.strip_prefix(OPENS)?.split_once(CLOSES)
}

impl HashWorker for Worker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        if password.expose().len() > MAX_TYPED_BYTES {
            return Err(HashError::Failed);
        }
        let key = &*self.issuing;
        let hash = self.inner.hash(&peppered(key, password)?)?;
        Ok(PasswordHash::new(format!("{OPENS}{}{CLOSES}{}", key.id(), hash.as_str())))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        if password.expose().len() > MAX_TYPED_BYTES {
            return Ok(Verdict::Mismatch);
        }
        let (verdict, is_own) = match taken_apart(hash.as_str()) {
            None => (self.inner.verify(password, hash)?, false),
            Some((id, rest)) => {
                let mut keys = std::iter::once(&self.issuing).chain(&self.verifying);
                let key = keys.find(|key| key.id() == id).ok_or(HashError::UnknownKey)?;
                let verdict = self.inner.verify(&peppered(key, password)?, &PasswordHash::new(rest))?;
                (verdict, id == self.issuing.id())
            }
        };
        Ok(match verdict {
            Verdict::Match { outdated } => Verdict::Match { outdated: outdated || !is_own },
            Verdict::Mismatch => Verdict::Mismatch,
        })
    }
}

#[cfg(test)]
mod tests;
