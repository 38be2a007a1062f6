//! The report of where a policy departs from a standard.

mod standards;
mod texts;

use password_reset::hashing::Normalization;
use password_reset::policy::RuleKind;
use password_reset::{Language, PasswordPolicy};

pub use self::standards::Standard;
use self::standards::{Clause, Wish};

const CLASSES: [RuleKind; 5] = [RuleKind::Upper, RuleKind::Lower, RuleKind::Letter, RuleKind::Digit, RuleKind::Symbol];

/// How strongly a standard asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Weight {
    /// *Shall*, *must*, *verify that*.
    Required,
    /// *Should*, *recommended*.
    Recommended,
}

/// One thing in which a policy departs from a standard.
///
/// Covers the rules of a policy alone, not how passwords are hashed, sent and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    standard: Standard,
    clause: Clause,
    found: Found,
}

/// What the policy has instead.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Number(u16),
    Classes(Vec<RuleKind>),
    Normalization(Normalization),
    History { current: bool, earlier: u16 },
}

impl Deviation {
    /// The standard.
    #[must_use]
    pub fn standard(&self) -> Standard {
        self.standard
    }

    /// A stable name, for reports and tests: `min_length`, `max_length`, `composition`, `letter_and_digit`, `mix`,
    /// `not_common`, `not_breached`, `not_context`, `history`, `max_age`, `normalization`. Unique in a report.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.clause.wish.code()
    }

    /// The section of the standard, such as `6.2.5`.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.clause.section
    }

    /// How strongly the standard asks for it.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.clause.weight
    }

    /// What the standard asks for, as a sentence without a full stop.
    #[must_use]
    pub fn asks(&self, language: &Language) -> String {
        texts::asks(self.clause.wish, language)
    }

    /// What the policy has instead, as a sentence without a full stop.
    #[must_use]
    pub fn has(&self, language: &Language) -> String {
        texts::has(self.clause.wish, &self.found, language)
    }
}

/// Everything in which a policy departs from a standard, in the order of the standard. Empty when the policy conforms.
///
/// ```
/// use password_reset::{Language, PasswordPolicy};
/// use password_reset_policy::{Standard, deviations};
///
/// let report = deviations(&PasswordPolicy::four_classes(), Standard::Nist80063B4);
/// let lines: Vec<String> = report
///     .iter()
///     .map(|deviation| {
///         let (asks, has) = (deviation.asks(&Language::english()), deviation.has(&Language::english()));
///         format!("{} {}: {asks}; {has}", deviation.section(), deviation.code())
///     })
///     .collect();
/// assert_eq!(lines[0], "3.1.1.2 min_length: asks for at least 15 characters; the policy requires 8");
/// ```
#[must_use]
pub fn deviations(policy: &PasswordPolicy, standard: Standard) -> Vec<Deviation> {
    let mut report: Vec<Deviation> = Vec::new();
    for clause in standard.clauses() {
        if let Some(found) = instead_of(policy, clause.wish)
            && !report.iter().any(|before| before.code() == clause.wish.code())
        {
            report.push(Deviation { standard, clause: *clause, found });
        }
    }
    report
}

/// What the policy has in place of what a clause asks for; `None` where it has that.
fn instead_of(policy: &PasswordPolicy, wish: Wish) -> Option<Found> {
    let number = |number: Option<u16>| number.map_or(Found::Nothing, Found::Number);
    let without = |kind| (!policy.has(kind)).then_some(Found::Nothing);
    let classes: Vec<RuleKind> = CLASSES.into_iter().filter(|kind| policy.has(*kind)).collect();
    let found = |classes: Vec<RuleKind>| if classes.is_empty() { Found::Nothing } else { Found::Classes(classes) };
    let max_age = policy.number(RuleKind::MaxAge);
    match wish {
        Wish::MinLength(least) => (policy.min_length() < Some(least)).then(|| number(policy.min_length())),
        Wish::SomeMinLength => without(RuleKind::MinLength),
        Wish::MaxLength(least) => policy.max_length().filter(|most| *most < least).map(Found::Number),
        Wish::NoClasses => (!classes.is_empty()).then_some(Found::Classes(classes)),
        Wish::LetterAndDigit => {
            let letter = [RuleKind::Letter, RuleKind::Upper, RuleKind::Lower].into_iter().any(|it| policy.has(it));
            (!letter || !policy.has(RuleKind::Digit)).then(|| found(classes))
        }
        Wish::SomeMix => (classes.len() < 2).then(|| found(classes)),
        Wish::NotCommon => without(RuleKind::NotCommon),
        Wish::NotBreached => without(RuleKind::NotBreached),
        Wish::NotContext => without(RuleKind::NotContext),
        Wish::NotEarlier(least) => {
            let (current, earlier) = (policy.has(RuleKind::NotCurrent), policy.earlier());
            (!current || earlier < least).then_some(Found::History { current, earlier })
        }
        Wish::NoMaxAge => max_age.map(Found::Number),
        Wish::MaxAge(most) => max_age.is_none_or(|days| days > most).then(|| number(max_age)),
        Wish::SomeMaxAge => without(RuleKind::MaxAge),
        Wish::Normalization(wished) => {
            let own = policy.normalization();
            (own != wished).then_some(Found::Normalization(own))
        }
    }
}

#[cfg(test)]
mod tests;
