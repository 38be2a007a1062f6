//! Violations: the rules that a new password breaks.

use std::error::Error;
use std::fmt;

use super::{Rule, RuleKind};

/// One rule that a new password breaks.
///
/// Holds limits and advice, never the password or a part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    rule: Rule,
    weakness: Option<Weakness>,
}

/// The strength of a weak password, and advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakness {
    pub(super) score: u8,
    pub(super) warning: Option<zxcvbn::feedback::Warning>,
    pub(super) suggestions: Vec<zxcvbn::feedback::Suggestion>,
}

impl Weakness {
    /// The estimated strength, 0 to 4.
    #[must_use]
    pub fn score(&self) -> u8 {
        self.score
    }
}

impl Violation {
    /// Of [`Rule::Strength`].
    pub(super) fn weak(min: u8, weakness: Weakness) -> Self {
        Self { rule: Rule::Strength(min), weakness: Some(weakness) }
    }

    /// The rule, with its number.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// How weak the password is, where it breaks [`Rule::Strength`].
    #[must_use]
    pub fn weakness(&self) -> Option<&Weakness> {
        self.weakness.as_ref()
    }

    /// A stable name, for APIs and tests: [`RuleKind::violation_code`]. Texts may change; this does not.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let kind = self.rule.kind();
        kind.violation_code().unwrap_or(kind.code())
    }

    /// The numbers of the violation, by name.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, u64)> {
        let score = self.weakness.as_ref().map(|weakness| ("score", u64::from(weakness.score)));
        let name = match self.rule.kind() {
            RuleKind::MinLength | RuleKind::Strength => "min",
            RuleKind::NotEarlier => "earlier",
            _ => "max",
        };
        score.into_iter().chain(self.rule.value().map(|number| (name, number.into()))).collect()
    }
}

/// Of a rule that only a hash or a list shows to be broken, for [`Violations::push`].
impl From<Rule> for Violation {
    fn from(rule: Rule) -> Self {
        Self { rule, weakness: None }
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
