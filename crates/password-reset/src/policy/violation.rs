//! Violations: the rules that a new password breaks.

use std::error::Error;
use std::fmt;

use super::texts;
use crate::texts::Language;

/// One rule that a new password breaks.
///
/// Holds limits and advice, never the password or a part of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Violation {
    /// Fewer code points than the minimum.
    TooShort {
        /// The minimum, in code points.
        min: u16,
    },
    /// More code points than the maximum.
    TooLong {
        /// The maximum, in code points.
        max: u16,
    },
    /// More bytes than the maximum. No other rule was checked.
    TooManyBytes {
        /// The maximum, in bytes.
        max: u16,
    },
    /// No uppercase letter.
    NeedsUpper,
    /// No lowercase letter.
    NeedsLower,
    /// No letter.
    NeedsLetter,
    /// No digit.
    NeedsDigit,
    /// No symbol.
    NeedsSymbol,
    /// It is the current password. Only the service, which can verify hashes, reports it.
    SameAsCurrent,
    /// It is one of the passwords before the current one. Only the service reports it.
    UsedBefore {
        /// The number of earlier passwords that the policy compares.
        earlier: u8,
    },
    /// It is among the passwords that attackers try first.
    TooCommon,
    /// It is known from a data breach. Only the service, which can look it up, reports it.
    Breached,
    /// It is made from a word of the account or the service.
    TooPersonal,
    /// It is weaker than the minimum strength.
    TooWeak(Weakness),
    /// The second entry is missing or differs.
    NotConfirmed,
}

/// The strength of a weak password, and advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakness {
    pub(super) score: u8,
    pub(super) min: u8,
    pub(super) warning: Option<zxcvbn::feedback::Warning>,
    pub(super) suggestions: Vec<zxcvbn::feedback::Suggestion>,
}

impl Weakness {
    /// The estimated strength, 0 to 4.
    #[must_use]
    pub fn score(&self) -> u8 {
        self.score
    }

    /// The minimum strength that the policy accepts.
    #[must_use]
    pub fn min(&self) -> u8 {
        self.min
    }
}

impl Violation {
    /// A stable name, for APIs and tests. Texts may change; this does not.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::TooManyBytes { .. } => "too_many_bytes",
            Self::NeedsUpper => "needs_upper",
            Self::NeedsLower => "needs_lower",
            Self::NeedsLetter => "needs_letter",
            Self::NeedsDigit => "needs_digit",
            Self::NeedsSymbol => "needs_symbol",
            Self::SameAsCurrent => "same_as_current",
            Self::UsedBefore { .. } => "used_before",
            Self::TooCommon => "too_common",
            Self::Breached => "breached",
            Self::TooPersonal => "too_personal",
            Self::TooWeak(_) => "too_weak",
            Self::NotConfirmed => "not_confirmed",
        }
    }

    /// The numbers of the violation, by name.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, u64)> {
        match self {
            Self::TooShort { min } => vec![("min", u64::from(*min))],
            Self::TooLong { max } | Self::TooManyBytes { max } => vec![("max", u64::from(*max))],
            Self::UsedBefore { earlier } => vec![("earlier", u64::from(*earlier))],
            Self::TooWeak(weakness) => {
                vec![("score", u64::from(weakness.score)), ("min", u64::from(weakness.min))]
            }
            Self::NeedsUpper
            | Self::NeedsLower
            | Self::NeedsLetter
            | Self::NeedsDigit
            | Self::NeedsSymbol
            | Self::SameAsCurrent
            | Self::TooCommon
            | Self::Breached
            | Self::TooPersonal
            | Self::NotConfirmed => Vec::new(),
        }
    }

    /// The violation in words that follow "The password" ("Kata sandi" in Indonesian), without a full stop.
    #[must_use]
    pub fn sentence(&self, language: &Language) -> String {
        texts::violation(self, language)
    }

    /// Advice in whole sentences; may be empty.
    #[must_use]
    pub fn advice(&self, language: &Language) -> Vec<String> {
        match self {
            Self::TooWeak(weakness) => weakness
                .warning
                .map(|warning| texts::warning(warning, language))
                .into_iter()
                .chain(weakness.suggestions.iter().map(|suggestion| texts::suggestion(*suggestion, language)))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// All violations of a new password. Empty when it breaks no rule.
///
/// `Display` shows the codes only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Whether there is no violation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of broken rules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a violation that only a hash or a list shows.
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// The violations, in the policy's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The codes, in the policy's order.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static str> {
        self.0.iter().map(Violation::code).collect()
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(violations: I) -> Self {
        Self(violations.into_iter().collect())
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.codes().join(", "))
    }
}

impl Error for Violations {}
