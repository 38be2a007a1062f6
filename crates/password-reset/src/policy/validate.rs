//! Policies that contradict themselves or are unsafe.

use std::ops::RangeInclusive;

use super::{PasswordPolicy, RuleKind};

/// Fewer than these are unsafe under every standard (NIST SP 800-63B-4, OWASP ASVS 5 6.2.1).
const LEAST_MIN_LENGTH: u16 = 8;

/// At least this much must be allowed (R71).
const LEAST_MAX_LENGTH: u16 = 64;

/// A byte cap over this is no cap.
pub(super) const MAX_BYTES: u16 = 4096;

/// Each earlier password costs a hash (R80).
const MAX_EARLIER: u8 = 5;

/// As zxcvbn counts.
const MAX_STRENGTH: u16 = 4;

/// In days. Ten years are as good as none, and a number beyond them is a slip.
const MAX_AGE: u16 = 3650;

/// What a number can be, whatever else is in the policy.
pub(super) const fn range(kind: RuleKind) -> Option<RangeInclusive<u16>> {
    match kind {
        RuleKind::MinLength => Some(LEAST_MIN_LENGTH..=MAX_BYTES),
        RuleKind::MaxLength | RuleKind::MaxBytes => Some(LEAST_MAX_LENGTH..=MAX_BYTES),
        RuleKind::NotEarlier => Some(1..=MAX_EARLIER as u16),
        RuleKind::Strength => Some(1..=MAX_STRENGTH),
        RuleKind::MaxAge => Some(1..=MAX_AGE),
        RuleKind::Upper
        | RuleKind::Lower
        | RuleKind::Letter
        | RuleKind::Digit
        | RuleKind::Symbol
        | RuleKind::NotCurrent
        | RuleKind::NotCommon
        | RuleKind::NotBreached
        | RuleKind::NotContext
        | RuleKind::Confirmed => None,
    }
}

/// A policy cannot be used. Names the rule, by its [`RuleKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A rule stands twice.
    #[error("password policy: the rule {} stands twice; keep one", rule.code())]
    Twice {
        /// Which.
        rule: RuleKind,
    },
    /// A rule that every policy needs is not there.
    #[error("password policy: the rule {} is missing; add it, or start from a preset", rule.code())]
    Missing {
        /// Which.
        rule: RuleKind,
    },
    /// A number is unsafe or senseless.
    #[error("password policy: {} must be from {least} to {most}", rule.code())]
    OutOfRange {
        /// Of which rule.
        rule: RuleKind,
        /// The least it can be.
        least: u16,
        /// The most it can be.
        most: u16,
    },
    /// There is a block list, and no rule that reads it.
    #[error("password policy: there is a block list, and the rule {} that reads it is missing", rule.code())]
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
    /// Refuses a policy that contradicts itself or is unsafe. The service's `build()` calls it.
    ///
    /// # Errors
    /// [`PolicyError`] names the first rule that is wrong: one that stands twice; no least length, most length or byte
    /// cap; a least length under 8 or over the most; a most length under 64; a byte cap under the most length or over
    /// 4096; more than 5 earlier passwords; a strength over 4; an age over 3650 days; a block list that nothing reads.
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
        if let Some(range) = range(RuleKind::MaxLength).filter(|range| !range.contains(&max_length)) {
            return Err(out_of_range(RuleKind::MaxLength, &range));
        }
        for rule in self.rules() {
            let range = match rule.kind() {
                RuleKind::MinLength => Some(LEAST_MIN_LENGTH..=max_length),
                RuleKind::MaxBytes => Some(max_length..=MAX_BYTES),
                kind => range(kind),
            };
            if let (Some(range), Some(number)) = (range, rule.value())
                && !range.contains(&number)
            {
                return Err(out_of_range(rule.kind(), &range));
            }
        }
        if !self.blocklist().is_empty() && !self.has(RuleKind::NotCommon) {
            return Err(PolicyError::UnusedBlocklist { rule: RuleKind::NotCommon });
        }
        Ok(())
    }
}
