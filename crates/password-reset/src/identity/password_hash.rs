//! A stored password hash, and which password it stands for.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

const OPENS: &str = "{was:";
const CLOSES: char = '}';

/// So short that an Argon2id hash and its mark fit into 128 characters, the width of many applications' columns.
const IDENTITY_BYTES: usize = 16;

/// A stored password hash: a PHC string, or the format of the application's own hasher.
///
/// Wiped on drop; `Debug` is redacted.
///
/// [`sign_in`](crate::login::Login::sign_in) can hash a password anew. The text then begins with a mark, `{was:…}`, of the
/// hash that it replaces: the password is the same, so its sessions and resets stay valid. The
/// [pool](crate::HashPool) takes the mark off before it verifies; a verifier of your own must too.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a stored hash.
    #[must_use]
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// The string to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This hash as another one of the same password, whose sessions and resets stay valid.
    pub(crate) fn replacing(&self, old: &Self) -> Self {
        Self(format!("{OPENS}{}{CLOSES}{}", STANDARD_NO_PAD.encode(old.identity()), self.unmarked().0))
    }

    /// What a hasher reads.
    pub(crate) fn unmarked(&self) -> Self {
        Self(self.taken_apart().map_or_else(|| self.0.clone(), |(_, text)| text.to_owned()))
    }

    /// Stands for one password of an account as long as it is the password, however often it is hashed anew.
    ///
    /// An attacker who reads the table gains nothing from it: it is a digest of a text that a slow hash and a salt went into.
    pub(crate) fn identity(&self) -> [u8; IDENTITY_BYTES] {
        self.taken_apart().map_or_else(
            || {
                let digest: [u8; 32] = Sha256::digest(&self.0).into();
                std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
            },
            |(identity, _)| identity,
        )
    }

    fn taken_apart(&self) -> Option<([u8; IDENTITY_BYTES], &str)> {
        let (identity, text) = self.0.strip_prefix(OPENS)?.split_once(CLOSES)?;
        Some((STANDARD_NO_PAD.decode(identity).ok()?.try_into().ok()?, text))
    }
}

impl Drop for PasswordHash {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_stands_for_the_same_password_and_is_read_without_its_mark() {
        let (old, new, newest) =
            (PasswordHash::new("$2y$old"), PasswordHash::new("$new"), PasswordHash::new("$newest"));
        let once = new.replacing(&old);
        assert_eq!((once.identity(), once.unmarked()), (old.identity(), new.clone()));
        let twice = newest.replacing(&once);
        assert_eq!((twice.identity(), twice.unmarked()), (old.identity(), newest.clone()));
        assert_ne!(new.identity(), old.identity());
        assert_ne!(once, new);
    }

    #[test]
    fn argon2id_with_its_mark_fits_into_128_characters() {
        let argon2id =
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        let marked = PasswordHash::new(argon2id).replacing(&PasswordHash::new("$2y$old"));
        assert!(marked.as_str().len() <= 128, "{}", marked.as_str().len());
    }

    /// An application's own format may begin with a brace.
    #[test]
    fn what_only_looks_like_a_mark_is_the_hash_itself() {
        for text in
            ["", "{was:}$x", "{was:AAAA}$x", "{was:not base 64}$x", "{bcrypt}$2y$x", "{was:AAAAAAAAAAAAAAAAAAAAAA"]
        {
            let hash = PasswordHash::new(text);
            assert_eq!(hash.unmarked(), hash, "{text}");
            assert_ne!(hash.identity(), [0; IDENTITY_BYTES], "{text}");
        }
    }
}
