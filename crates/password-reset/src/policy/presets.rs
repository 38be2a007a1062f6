//! Ready-made policies.

use super::{PasswordPolicy, Rule};
use crate::identity::password::Normalization;

/// Most code points that the presets take. A proposal of this library inside the standard's "at least 64".
const MAX_LENGTH: u16 = 256;

/// The byte cap of the presets: enough for 256 code points of any script.
const MAX_BYTES: u16 = 1024;

impl PasswordPolicy {
    /// NIST SP 800-63B-4 §3.1.1.2 for a password that is the only factor: at least 15 characters, no classes, a
    /// block list, no words of the account, and strength 3 of 4. The default.
    #[must_use]
    pub fn nist_800_63b() -> Self {
        Self::from_rules([
            Rule::MaxBytes(MAX_BYTES),
            Rule::MinLength(15),
            Rule::MaxLength(MAX_LENGTH),
            Rule::NotCommon,
            Rule::NotContext,
            Rule::Strength(3),
            Rule::Confirmed,
        ])
    }

    /// At least 8 characters with an uppercase letter, a lowercase letter, a digit and a symbol, not the same as
    /// before. The block list stays on, because `Password1!` has all four.
    ///
    /// # Security
    /// NIST SP 800-63B-4 forbids class rules and asks for 15 characters; use this preset only where it is required.
    #[must_use]
    pub fn four_classes() -> Self {
        Self::from_rules([
            Rule::MaxBytes(MAX_BYTES),
            Rule::MinLength(8),
            Rule::MaxLength(MAX_LENGTH),
            Rule::Upper,
            Rule::Lower,
            Rule::Digit,
            Rule::Symbol,
            Rule::NotCurrent,
            Rule::NotCommon,
            Rule::NotContext,
            Rule::Confirmed,
        ])
    }

    /// OWASP ASVS 5.0 V6.2: at least 15 characters (6.2.1), common passwords refused (6.2.4), no classes (6.2.5),
    /// hashed exactly as typed (6.2.8), 64 and more allowed (6.2.9), no age (6.2.10), words of the account refused
    /// (6.2.11), and those known from breaches (6.2.12).
    ///
    /// 6.2.4 asks for the 3,000 most used passwords that are long enough. The built-in lists have few of these; the list of
    /// breached passwords has them.
    ///
    /// That list is required: `build()` refuses the policy until the builder gets one with
    /// [`breached_passwords`](crate::Builder::breached_passwords), or the rule is left out, which
    /// the report of deviations in `password-reset-policy` then names.
    ///
    /// # Security
    /// The login must verify the password exactly as typed, too: make it with [`password`](Self::password).
    #[must_use]
    pub fn asvs_5() -> Self {
        Self::from_rules([
            Rule::MaxBytes(MAX_BYTES),
            Rule::MinLength(15),
            Rule::MaxLength(MAX_LENGTH),
            Rule::NotCommon,
            Rule::NotBreached,
            Rule::NotContext,
            Rule::Confirmed,
        ])
        .with_normalization(Normalization::AsTyped)
    }

    /// Peraturan BSSN 4/2021, Pasal 27 ayat (1), for web applications of Indonesian public bodies (SPBE). The
    /// regulation lists what the operator must regulate and gives no numbers; these are the usual ones, which
    /// [`with`](Self::with) changes:
    ///
    /// | letter | asks for | here |
    /// | --- | --- | --- |
    /// | c | number of characters | [`Rule::MinLength`], 8 |
    /// | c | mix of kinds of characters | the four classes |
    /// | c | validity period | [`Rule::MaxAge`], which the operator adds; the preset has none |
    /// | d | most wrong entries | [`Limits`](crate::Limits): `code_attempts`, `wrong_code_burst`, `completion_attempts`, `current_password_burst`; the login's own limit is the application's |
    /// | e | a way to recover | this library |
    /// | f | stored by cryptography | [`Argon2Hasher`](crate::hashing::Argon2Hasher) |
    /// | g | a protected channel | `build()` refuses a site that is not https |
    ///
    /// Neither the current password nor the one before it can be used again.
    #[must_use]
    pub fn bssn() -> Self {
        Self::from_rules([
            Rule::MaxBytes(MAX_BYTES),
            Rule::MinLength(8),
            Rule::MaxLength(MAX_LENGTH),
            Rule::Upper,
            Rule::Lower,
            Rule::Digit,
            Rule::Symbol,
            Rule::NotCurrent,
            Rule::NotEarlier(1),
            Rule::NotCommon,
            Rule::NotContext,
            Rule::Confirmed,
        ])
    }

    /// PCI DSS 4.0.1 for a password that is the only factor: at least 12 characters with letters and digits (8.3.6),
    /// neither the current password nor one of the four before it (8.3.7), changed after 90 days at the latest (8.3.9;
    /// leave [`Rule::MaxAge`] out where access is decided anew from what is known about it, or with a second factor).
    ///
    /// # Security
    /// NIST SP 800-63B-4 forbids both the classes and the age; use this preset only where it is required. The login must
    /// enforce the age by [`valid_until`](Self::valid_until), and the lockout after ten wrong entries (8.3.4).
    #[must_use]
    pub fn pci_dss_4() -> Self {
        Self::from_rules([
            Rule::MaxBytes(MAX_BYTES),
            Rule::MinLength(12),
            Rule::MaxLength(MAX_LENGTH),
            Rule::Letter,
            Rule::Digit,
            Rule::NotCurrent,
            Rule::NotEarlier(4),
            Rule::NotCommon,
            Rule::NotContext,
            Rule::Confirmed,
            Rule::MaxAge(90),
        ])
    }
}

impl Default for PasswordPolicy {
    /// [`PasswordPolicy::nist_800_63b`].
    fn default() -> Self {
        Self::nist_800_63b()
    }
}
