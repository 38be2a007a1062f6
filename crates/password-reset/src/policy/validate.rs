//! The check for contradictory and unsafe policies.

use std::ops::RangeInclusive;

use super::{PasswordPolicy, RuleKind};
use crate::identity::account::MAX_EARLIER_HASHES;

/// A lower minimum is unsafe under every standard (NIST SP 800-63B-4, OWASP ASVS 5 6.2.1).
const LEAST_MIN_LENGTH: u16 = 8;

/// Every policy must allow at least this length.
const LEAST_MAX_LENGTH: u16 = 64;

/// A higher byte cap does not bound the cost.
pub(super) const MAX_BYTES: u16 = 4096;

/// As zxcvbn counts.
const MAX_STRENGTH: u16 = 4;

/// In days. An age over ten years is a mistake.
const MAX_AGE: u16 = 3650;

impl RuleKind {
    /// The range of its number; `None` without a number. The policy's other rules may allow less.
    #[must_use]
    pub const fn range(self) -> Option<RangeInclusive<u16>> {
        match self {
            Self::MinLength => Some(LEAST_MIN_LENGTH..=MAX_BYTES),
            Self::MaxLength | Self::MaxBytes => Some(LEAST_MAX_LENGTH..=MAX_BYTES),
            Self::NotEarlier => Some(1..=MAX_EARLIER_HASHES as u16),
            Self::Strength => Some(1..=MAX_STRENGTH),
            Self::MaxAge => Some(1..=MAX_AGE),
            _ => None,
        }
    }
}

/// A policy cannot be used. Names the rule, by its [`RuleKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A rule occurs twice.
    #[error("password policy: rule `{}` is listed twice: keep one", rule.code())]
    Twice {
        /// The rule.
        rule: RuleKind,
    },
    /// A rule that every policy needs is missing.
    #[error("password policy: required rule `{}` is missing: add it, or start from a preset", rule.code())]
    Missing {
        /// The rule.
        rule: RuleKind,
    },
    /// A number is out of range.
    #[error("password policy: `{}` is out of range: use {least} to {most}", rule.code())]
    OutOfRange {
        /// The rule.
        rule: RuleKind,
        /// The lowest allowed number.
        least: u16,
        /// The highest allowed number.
        most: u16,
    },
    /// The policy has a block list but no rule that reads it.
    #[error("password policy: the block list is unused: add the rule `{}`, or remove the list", rule.code())]
    UnusedBlocklist {
        /// The rule that would read it.
        rule: RuleKind,
    },
}

impl PolicyError {
    /// The rule that is wrong.
    #[must_use]
    pub const fn rule(self) -> RuleKind {
        match self {
            Self::Twice { rule }
            | Self::Missing { rule }
            | Self::OutOfRange { rule, .. }
            | Self::UnusedBlocklist { rule } => rule,
        }
    }
}

impl PasswordPolicy {
    /// Refuses a contradictory or unsafe policy. The service's `build()` calls it.
    ///
    /// # Errors
    /// [`PolicyError`] names the first wrong rule: one that occurs twice; a missing minimum length, maximum length or byte
    /// cap; a minimum length below 8 or above the maximum; a maximum length below 64; a byte cap below the maximum length or
    /// above 4096; more than 5 earlier passwords; a strength above 4; an age above 3650 days; a block list without a rule that
    /// reads it.
    pub fn validate(&self) -> Result<(), PolicyError> {
        for (at, rule) in self.rules().iter().enumerate() {
            if self.rules().iter().take(at).any(|before| before.kind() == rule.kind()) {
                return Err(PolicyError::Twice { rule: rule.kind() });
            }
        }
        let missing = |rule| PolicyError::Missing { rule };
        self.min_length().ok_or(missing(RuleKind::MinLength))?;
        let max_length = self.max_length().ok_or(missing(RuleKind::MaxLength))?;
        self.max_bytes().ok_or(missing(RuleKind::MaxBytes))?;
        let out_of_range = |rule, range: &RangeInclusive<u16>| PolicyError::OutOfRange {
            rule,
            least: *range.start(),
            most: *range.end(),
        };
        if let Some(range) = RuleKind::MaxLength.range().filter(|range| !range.contains(&max_length)) {
            return Err(out_of_range(RuleKind::MaxLength, &range));
        }
        for rule in self.rules() {
            let range = match rule.kind() {
                RuleKind::MinLength => Some(LEAST_MIN_LENGTH..=max_length),
                RuleKind::MaxBytes => Some(max_length..=MAX_BYTES),
                kind => kind.range(),
            };
            if let (Some(range), Some(number)) = (range, rule.value())
                && !range.contains(&number)
            {
                return Err(out_of_range(rule.kind(), &range));
            }
        }
        if !self.blocklist.is_empty() && !self.has(RuleKind::NotCommon) {
            return Err(PolicyError::UnusedBlocklist { rule: RuleKind::NotCommon });
        }
        Ok(())
    }
}
