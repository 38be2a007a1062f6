//! One rule, as data.

use super::texts;
use crate::locale::Locale;

/// One rule of a [`PasswordPolicy`](super::PasswordPolicy).
///
/// Page hints, the API, the `passwordrules` attribute and the check all read the same rules, so they cannot differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// At least this many Unicode code points after normalisation (R70); 8 or more.
    MinLength(u16),
    /// At most this many code points; 64 or more, and longer ones are refused, never cut (R71).
    MaxLength(u16),
    /// At most this many bytes of UTF-8 after normalisation. Checked before anything else.
    MaxBytes(u16),
    /// A letter with the Unicode property `Uppercase`.
    Upper,
    /// A letter with the Unicode property `Lowercase`.
    Lower,
    /// A digit or other number sign, of any script, that is no letter: `7`, `٧`, `²`.
    Digit,
    /// A character that one can see and that is no letter and no digit: `!`, `_`, `€`, `✓`. Space and everything
    /// invisible do not count, and a combining mark is part of its letter.
    Symbol,
    /// Not the present password. Needs a hash, so the service asks it after the proof, never the check (R79).
    NotCurrent,
    /// None of this many passwords before the present one; 1 to 5, for each costs a hash (R80).
    NotEarlier(u8),
    /// The whole value is none that is guessed first: no common password, dictionary word, name, date, key row,
    /// sequence or short repetition, also with up to five digits or symbols around it; nor one of the application's
    /// [`Blocklist`](super::Blocklist) (R75).
    NotCommon,
    /// Not one of the words of the account and the service, nor a simple derivative: other case, reversed, repeated,
    /// with look-alike digits, with up to eight digits or symbols around it (R76).
    NotContext,
    /// At least this strength, 1 to 4, as zxcvbn estimates it from the first 32 code points.
    Strength(u8),
    /// A second entry is there and is the same (R86).
    Confirmed,
}

/// Which rule, without its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleKind {
    /// [`Rule::MinLength`]
    MinLength,
    /// [`Rule::MaxLength`]
    MaxLength,
    /// [`Rule::MaxBytes`]
    MaxBytes,
    /// [`Rule::Upper`]
    Upper,
    /// [`Rule::Lower`]
    Lower,
    /// [`Rule::Digit`]
    Digit,
    /// [`Rule::Symbol`]
    Symbol,
    /// [`Rule::NotCurrent`]
    NotCurrent,
    /// [`Rule::NotEarlier`]
    NotEarlier,
    /// [`Rule::NotCommon`]
    NotCommon,
    /// [`Rule::NotContext`]
    NotContext,
    /// [`Rule::Strength`]
    Strength,
    /// [`Rule::Confirmed`]
    Confirmed,
}

impl RuleKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::MinLength,
        Self::MaxLength,
        Self::MaxBytes,
        Self::Upper,
        Self::Lower,
        Self::Digit,
        Self::Symbol,
        Self::NotCurrent,
        Self::NotEarlier,
        Self::NotCommon,
        Self::NotContext,
        Self::Strength,
        Self::Confirmed,
    ];

    /// A stable name, for settings and APIs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MinLength => "min_length",
            Self::MaxLength => "max_length",
            Self::MaxBytes => "max_bytes",
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Digit => "digit",
            Self::Symbol => "symbol",
            Self::NotCurrent => "not_current",
            Self::NotEarlier => "not_earlier",
            Self::NotCommon => "not_common",
            Self::NotContext => "not_context",
            Self::Strength => "strength",
            Self::Confirmed => "confirmed",
        }
    }
}

impl Rule {
    /// Which rule it is.
    #[must_use]
    pub const fn kind(self) -> RuleKind {
        match self {
            Self::MinLength(_) => RuleKind::MinLength,
            Self::MaxLength(_) => RuleKind::MaxLength,
            Self::MaxBytes(_) => RuleKind::MaxBytes,
            Self::Upper => RuleKind::Upper,
            Self::Lower => RuleKind::Lower,
            Self::Digit => RuleKind::Digit,
            Self::Symbol => RuleKind::Symbol,
            Self::NotCurrent => RuleKind::NotCurrent,
            Self::NotEarlier(_) => RuleKind::NotEarlier,
            Self::NotCommon => RuleKind::NotCommon,
            Self::NotContext => RuleKind::NotContext,
            Self::Strength(_) => RuleKind::Strength,
            Self::Confirmed => RuleKind::Confirmed,
        }
    }

    /// The rule in words that follow "The password" ("Kata sandi" in Indonesian), for a hint beside the form.
    #[must_use]
    pub fn sentence(self, locale: Locale) -> String {
        texts::rule(self, locale)
    }
}
