//! Passwords in memory.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use zeroize::Zeroizing;

use crate::identity::shown;

/// Every policy refuses longer texts, so they are not normalised: a policy's byte cap is at most a quarter of this, and
/// normalisation makes a text at most three times shorter.
pub(crate) const MAX_TYPED_BYTES: usize = 16 * 1024;

fn is_settled(typed: &str) -> bool {
    typed.len() > MAX_TYPED_BYTES || is_nfc_quick(typed.chars()) == IsNormalized::Yes
}

fn normalize(typed: &str) -> Zeroizing<String> {
    // Room for the worst case, so that growing leaves no partial copy in memory.
    let mut normal = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(3)));
    normal.extend(typed.nfc());
    normal
}

/// The form in which a password is hashed.
///
/// The two differ only where a letter can be written in several ways: `é` as one code point, or as `e` and an accent.
/// Which of them a keyboard sends depends on the system, so NIST SP 800-63B-4 §3.1.1.2 recommends form C. OWASP ASVS 5.0
/// 6.2.8 asks that a password is verified exactly as received; an application whose login does that, and cannot be changed,
/// needs the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Normalization {
    /// Unicode normalisation form C.
    #[default]
    Nfc,
    /// Exactly as typed.
    AsTyped,
}

impl Normalization {
    /// Both forms.
    pub const ALL: &'static [Self] = &[Self::Nfc, Self::AsTyped];

    /// A stable name, for settings and APIs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nfc => "nfc",
            Self::AsTyped => "as_typed",
        }
    }
}

/// A password: normalised by default, redacted in `Debug`, wiped on drop.
pub struct Password {
    // Shared with the thread that hashes it.
    text: Arc<Zeroizing<String>>,
    // The typed text, where it differs.
    typed: Option<Arc<Zeroizing<String>>>,
}

impl Password {
    /// Takes the typed text, and normalises it to Unicode form C (UAX #15); it trims, cuts and folds nothing. A text over 16 KiB
    /// stays as it is, because every policy refuses it.
    ///
    /// The application's login must do the same before it verifies, or a password typed on another keyboard may not match the
    /// hash: see [`PasswordPolicy::password`](crate::PasswordPolicy::password).
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        let typed = Zeroizing::new(typed.into());
        if is_settled(&typed) {
            return Self { text: Arc::new(typed), typed: None };
        }
        Self { text: Arc::new(normalize(&typed)), typed: Some(Arc::new(typed)) }
    }

    /// Takes the typed text unchanged, for applications that set [`Normalization::AsTyped`] in their policy. A login should
    /// call [`PasswordPolicy::password`](crate::PasswordPolicy::password), which picks the right form.
    #[must_use]
    pub fn as_typed(typed: impl Into<String>) -> Self {
        Self { text: Arc::new(Zeroizing::new(typed.into())), typed: None }
    }

    /// The text to hash.
    ///
    /// # Security
    /// For hashing. Do not log, store or send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The same password for a thread that hashes it; the text is wiped when both are dropped.
    pub(crate) fn share(&self) -> Self {
        Self { text: Arc::clone(&self.text), typed: self.typed.clone() }
    }

    #[cfg(test)]
    pub(crate) fn shares(&self) -> usize {
        Arc::strong_count(&self.text)
    }

    /// The password in this form.
    pub(crate) fn text(&self, form: Normalization) -> &str {
        self.shared(form)
    }

    /// The password in this form alone.
    pub(crate) fn in_form(&self, form: Normalization) -> Self {
        Self { text: Arc::clone(self.shared(form)), typed: None }
    }

    fn shared(&self, form: Normalization) -> &Arc<Zeroizing<String>> {
        match (form, &self.typed) {
            (Normalization::AsTyped, Some(typed)) => typed,
            (Normalization::AsTyped, None) | (Normalization::Nfc, _) => &self.text,
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A new password from a form, with or without a second entry.
#[derive(Debug)]
pub struct NewPassword {
    password: Password,
    again: Option<Password>,
    device: Option<String>,
}

impl NewPassword {
    /// A password without a second entry. A policy with [`Rule::Confirmed`](crate::policy::Rule::Confirmed) refuses it.
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        Self { password: Password::new(typed), again: None, device: None }
    }

    /// A password and its second entry.
    #[must_use]
    pub fn confirmed(typed: impl Into<String>, again: impl Into<String>) -> Self {
        Self { password: Password::new(typed), again: Some(Password::new(again)), device: None }
    }

    /// Describes the requester's device for the notice that the password was changed: "Firefox on Android, Surabaya".
    ///
    /// Keeps at most 80 letters, digits, spaces and `-,()`, so that a forged browser name can put neither a link nor markup
    /// into a message.
    #[must_use]
    pub fn from_device(mut self, words: &str) -> Self {
        self.device = shown::device(words);
        self
    }

    pub(crate) fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &Password {
        &self.password
    }

    /// The second entry.
    #[must_use]
    pub fn again(&self) -> Option<&Password> {
        self.again.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_password_that_a_policy_can_allow_is_normalised() {
        let (written_in_two, in_one) = ("e\u{301}".repeat(1_365), "\u{e9}".repeat(1_365));
        assert!(written_in_two.len() <= MAX_TYPED_BYTES / 4);
        assert_eq!(Password::new(written_in_two.as_str()).expose(), in_one);
    }
}
