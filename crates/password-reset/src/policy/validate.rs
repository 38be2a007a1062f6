//! Policies that contradict themselves or are unsafe.

use super::{PasswordPolicy, Rule, RuleKind};

/// Fewer than these are unsafe under every standard (NIST SP 800-63B-4, OWASP ASVS 5 6.2.1).
const LEAST_MIN_LENGTH: u16 = 8;

/// At least this much must be allowed (R71).
const LEAST_MAX_LENGTH: u16 = 64;

/// A byte cap over this is no cap.
pub(super) const MOST_BYTES: u16 = 4096;

/// Each earlier password costs a hash (R80).
const MOST_EARLIER: u8 = 5;

/// In days. Ten years are as good as none, and a number beyond them is a slip.
const MOST_AGE: u16 = 3650;

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
        if !(LEAST_MAX_LENGTH..=MOST_BYTES).contains(&max_length) {
            return Err(PolicyError::OutOfRange {
                rule: RuleKind::MaxLength,
                least: LEAST_MAX_LENGTH,
                most: MOST_BYTES,
            });
        }
        for rule in self.rules() {
            let (number, least, most) = match *rule {
                Rule::MinLength(number) => (number, LEAST_MIN_LENGTH, max_length),
                Rule::MaxBytes(number) => (number, max_length, MOST_BYTES),
                Rule::NotEarlier(number) => (u16::from(number), 1, u16::from(MOST_EARLIER)),
                Rule::Strength(number) => (u16::from(number), 1, 4),
                Rule::MaxAge(days) => (days, 1, MOST_AGE),
                Rule::MaxLength(_)
                | Rule::Upper
                | Rule::Lower
                | Rule::Letter
                | Rule::Digit
                | Rule::Symbol
                | Rule::NotCurrent
                | Rule::NotCommon
                | Rule::NotContext
                | Rule::Confirmed => continue,
            };
            if !(least..=most).contains(&number) {
                return Err(PolicyError::OutOfRange { rule: rule.kind(), least, most });
            }
        }
        if !self.blocklist().is_empty() && !self.has(RuleKind::NotCommon) {
            return Err(PolicyError::UnusedBlocklist { rule: RuleKind::NotCommon });
        }
        Ok(())
    }
}
