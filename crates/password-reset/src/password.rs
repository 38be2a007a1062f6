//! Passwords in memory.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use zeroize::Zeroizing;

use crate::reset::MOST_DEVICE;

/// Longer texts are no password under any policy, and are not worth normalising: a policy's byte cap is at most a
/// quarter of this, and normalisation makes a text at most three times shorter.
pub(crate) const MAX_TYPED_BYTES: usize = 16 * 1024;

/// Brings a password to Unicode normalisation form C, and changes nothing else: nothing is trimmed, cut or folded
/// (R72, R74; UAX #15).
///
/// The application's login must call it on what the person typed before verifying, or a password typed on another
/// keyboard may not match the hash.
///
/// A text over 16 KiB comes back as it is, without work: every policy refuses it.
#[must_use]
pub fn normalize_password(typed: &str) -> Zeroizing<String> {
    if is_settled(typed) {
        return Zeroizing::new(typed.to_owned());
    }
    normalize(typed)
}

fn is_settled(typed: &str) -> bool {
    typed.len() > MAX_TYPED_BYTES || is_nfc_quick(typed.chars()) == IsNormalized::Yes
}

fn normalize(typed: &str) -> Zeroizing<String> {
    // Room for the worst case, so that no half-way copy is left behind by growing.
    let mut normal = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(3)));
    normal.extend(typed.nfc());
    normal
}

/// A password: normalised, redacted in `Debug`, wiped on drop.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what was typed, and [normalises](normalize_password) it.
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        let typed = Zeroizing::new(typed.into());
        if is_settled(&typed) { Self(typed) } else { Self(normalize(&typed)) }
    }

    /// The password, normalised.
    ///
    /// # Security
    /// For hashing. Do not log, store or send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A new password as a form brings it: with or without a second entry.
#[derive(Debug)]
pub struct NewPassword {
    // Shared with the thread that hashes it.
    password: Arc<Password>,
    again: Option<Password>,
    device: Option<String>,
}

impl NewPassword {
    /// A password without a second entry; refused by a policy that wants one.
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        Self { password: Arc::new(Password::new(typed)), again: None, device: None }
    }

    /// A password and its second entry.
    #[must_use]
    pub fn confirmed(typed: impl Into<String>, again: impl Into<String>) -> Self {
        Self { password: Arc::new(Password::new(typed)), again: Some(Password::new(again)), device: None }
    }

    /// Says from where it comes, for the notice that the password was changed: "Firefox on Android, Surabaya".
    ///
    /// At most 80 letters, digits, spaces and `-,()` are kept, so that what a browser says of itself can put neither a
    /// link nor markup into a message (R150).
    #[must_use]
    pub fn from_device(mut self, words: &str) -> Self {
        let kept = words.chars().filter(|letter| letter.is_alphanumeric() || " -,()".contains(*letter));
        let kept: String = kept.take(MOST_DEVICE).collect();
        let kept = kept.trim();
        self.device = (!kept.is_empty()).then(|| kept.to_owned());
        self
    }

    pub(crate) fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &Arc<Password> {
        &self.password
    }

    /// The second entry.
    #[must_use]
    pub fn again(&self) -> Option<&Password> {
        self.again.as_ref()
    }
}
