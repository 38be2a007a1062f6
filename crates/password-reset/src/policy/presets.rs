//! Ready-made policies.

use super::{PasswordPolicy, Rule};

/// Most code points that the presets take. A proposal of this library inside the standard's "at least 64".
const MAX_LENGTH: u16 = 256;

/// Most bytes that the presets take: enough for 256 code points of any script.
const MAX_BYTES: u16 = 1024;

impl PasswordPolicy {
    /// NIST SP 800-63B-4 §3.1.1.2 for a password that is the only factor: at least 15 characters, no classes (R77), a
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

    /// At least 8 characters with an upper-case letter, a lower-case letter, a digit and a symbol, not the same as
    /// before. The block list stays on, because `Password1!` has all four (R78).
    ///
    /// # Security
    /// NIST SP 800-63B-4 forbids class rules and asks for 15 characters; take this one when somebody requires it.
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
}

impl Default for PasswordPolicy {
    /// [`PasswordPolicy::nist_800_63b`].
    fn default() -> Self {
        Self::nist_800_63b()
    }
}
