//! Password rules, as data.

mod classes;
mod common;
mod context;
mod presets;
mod rule;
mod strength;
mod texts;
mod validate;
mod violation;

pub use self::common::Blocklist;
pub use self::rule::{Rule, RuleKind};
pub use self::validate::PolicyError;
pub use self::violation::{Violation, Violations, Weakness};
use chrono::{DateTime, TimeDelta, Utc};

use crate::password::{NewPassword, Normalization, Password};
use crate::secret;

/// What a new password must be.
///
/// The same policy serves a reset, a change and an administrator (R69), so it is the one thing to look at:
///
/// ```
/// use password_reset::{Blocklist, NewPassword, PasswordPolicy, Rule, RuleKind};
///
/// let policy = PasswordPolicy::four_classes()
///     .with(Rule::MinLength(10))
///     .without(RuleKind::Confirmed)
///     .with_blocklist(Blocklist::new(["TokoContoh2024!"]));
/// policy.validate()?;
///
/// let violations = policy.check(&NewPassword::new("tanpa huruf besar"), &["budi"]);
/// assert_eq!(violations.codes(), ["needs_upper", "needs_digit", "needs_symbol"]);
/// # Ok::<(), password_reset::PolicyError>(())
/// ```
///
/// Unless it has [`Rule::MaxAge`], a password is valid until it is changed (R81).
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordPolicy {
    rules: Vec<Rule>,
    blocklist: Blocklist,
    normalization: Normalization,
}

impl PasswordPolicy {
    /// A policy of exactly these rules. [`validate`](Self::validate) says whether they make sense.
    #[must_use]
    pub fn from_rules(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: rules.into_iter().collect(), blocklist: Blocklist::default(), normalization: Normalization::Nfc }
    }

    /// Adds a rule, in place of the one of the same kind if there is one.
    #[must_use]
    pub fn with(mut self, rule: Rule) -> Self {
        match self.rules.iter_mut().find(|present| present.kind() == rule.kind()) {
            Some(present) => *present = rule,
            None => self.rules.push(rule),
        }
        self
    }

    /// Leaves a rule out.
    #[must_use]
    pub fn without(mut self, kind: RuleKind) -> Self {
        self.rules.retain(|rule| rule.kind() != kind);
        self
    }

    /// Sets the application's own block list, which [`Rule::NotCommon`] reads beside the built-in ones.
    #[must_use]
    pub fn with_blocklist(mut self, blocklist: Blocklist) -> Self {
        self.blocklist = blocklist;
        self
    }

    /// Sets in which form passwords are hashed; [`Normalization::Nfc`] unless set.
    ///
    /// # Security
    /// The login must use the same form, or people cannot sign in with the password that they have just set: give it
    /// [`password`](Self::password). To change it later locks out who has a password in which the forms differ.
    #[must_use]
    pub fn with_normalization(mut self, normalization: Normalization) -> Self {
        self.normalization = normalization;
        self
    }

    /// In which form passwords are hashed.
    #[must_use]
    pub fn normalization(&self) -> Normalization {
        self.normalization
    }

    /// What the application's login has to verify: what was typed, in the form in which this policy hashes (R74).
    #[must_use]
    pub fn password(&self, typed: impl Into<String>) -> Password {
        match self.normalization {
            Normalization::Nfc => Password::new(typed),
            Normalization::AsTyped => Password::as_typed(typed),
        }
    }

    /// The rules, in the order in which hints and violations come.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The application's own block list.
    #[must_use]
    pub fn blocklist(&self) -> &Blocklist {
        &self.blocklist
    }

    /// Whether it has a rule of this kind.
    #[must_use]
    pub fn has(&self, kind: RuleKind) -> bool {
        self.rules.iter().any(|rule| rule.kind() == kind)
    }

    /// Whether the present password is refused, which needs a hash and is the service's to ask (R79).
    #[must_use]
    pub fn refuses_current(&self) -> bool {
        self.has(RuleKind::NotCurrent)
    }

    /// How many passwords before the present one are refused; each needs a hash (R80).
    #[must_use]
    pub fn earlier(&self) -> usize {
        self.find(|rule| match rule {
            Rule::NotEarlier(earlier) => Some(usize::from(earlier)),
            _ => None,
        })
        .unwrap_or(0)
    }

    /// The least length, in code points.
    #[must_use]
    pub fn min_length(&self) -> Option<u16> {
        self.find(|rule| if let Rule::MinLength(least) = rule { Some(least) } else { None })
    }

    /// The most length, in code points.
    #[must_use]
    pub fn max_length(&self) -> Option<u16> {
        self.find(|rule| if let Rule::MaxLength(most) = rule { Some(most) } else { None })
    }

    /// The byte cap.
    #[must_use]
    pub fn max_bytes(&self) -> Option<u16> {
        self.find(|rule| if let Rule::MaxBytes(most) = rule { Some(most) } else { None })
    }

    /// Until when a password that was set at this time is valid; `None` when it is until it is changed (R81).
    ///
    /// The application's login asks it, and leads to "change password" where the time has come.
    #[must_use]
    pub fn valid_until(&self, set_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = self.find(|rule| if let Rule::MaxAge(days) = rule { Some(days) } else { None })?;
        Some(set_at.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// The value of an input's `passwordrules` attribute, from which password managers make passwords that are taken
    /// (R85): `minlength`, `maxlength` and `required` of the language that Apple wrote down and the HTML standard has as a
    /// proposal (whatwg/html#3518). A space never counts as a symbol here, so the class is spelt out.
    #[must_use]
    pub fn passwordrules(&self) -> String {
        let parts: Vec<String> = self
            .rules
            .iter()
            .filter_map(|rule| match rule {
                Rule::MinLength(least) => Some(format!("minlength: {least};")),
                Rule::MaxLength(most) => Some(format!("maxlength: {most};")),
                Rule::Upper => Some("required: upper;".to_owned()),
                Rule::Lower => Some("required: lower;".to_owned()),
                Rule::Letter => Some("required: lower, upper;".to_owned()),
                Rule::Digit => Some("required: digit;".to_owned()),
                Rule::Symbol => Some("required: [-~!@#$%^&*_+=.,:;?];".to_owned()),
                _ => None,
            })
            .collect();
        parts.join(" ")
    }

    /// Says everything that is wrong with a new password at once, but for what needs a hash or a list.
    ///
    /// `words` are those that a password must not be: the account's name and addresses, the name of the service.
    /// Nothing is trimmed, cut or folded before (R72). A password over the byte cap is refused for that alone, and costs
    /// nothing more (CVE-2013-1443).
    #[must_use]
    pub fn check(&self, new: &NewPassword, words: &[&str]) -> Violations {
        let form = self.normalization;
        let password = new.password().text(form);
        // Words are the same words however their letters are written.
        let normal = new.password().text(Normalization::Nfc);
        let max_bytes = self.max_bytes().unwrap_or(validate::MAX_BYTES);
        if password.len() > usize::from(max_bytes) {
            return [Violation::TooManyBytes { max: max_bytes }].into_iter().collect();
        }
        let length = password.chars().count();
        let asks_estimate = self.has(RuleKind::NotCommon) || self.has(RuleKind::Strength);
        let estimate = asks_estimate.then(|| strength::estimate(normal, words));
        let broken = |rule: &Rule| match *rule {
            Rule::MinLength(min) => (length < usize::from(min)).then_some(Violation::TooShort { min }),
            Rule::MaxLength(max) => (length > usize::from(max)).then_some(Violation::TooLong { max }),
            Rule::Upper => (!password.contains(char::is_uppercase)).then_some(Violation::NeedsUpper),
            Rule::Lower => (!password.contains(char::is_lowercase)).then_some(Violation::NeedsLower),
            Rule::Letter => (!password.contains(char::is_alphabetic)).then_some(Violation::NeedsLetter),
            Rule::Digit => (!password.contains(classes::is_digit)).then_some(Violation::NeedsDigit),
            Rule::Symbol => (!password.contains(classes::is_symbol)).then_some(Violation::NeedsSymbol),
            Rule::NotCommon => estimate
                .as_ref()
                .is_some_and(|estimate| common::is_common(normal, estimate, words, &self.blocklist))
                .then_some(Violation::TooCommon),
            Rule::NotContext => context::is_derived(normal, words).then_some(Violation::TooPersonal),
            Rule::Strength(min) => estimate.as_ref().and_then(|estimate| strength::weakness(estimate, min)),
            Rule::Confirmed => {
                let same =
                    new.again().is_some_and(|again| secret::same(password.as_bytes(), again.text(form).as_bytes()));
                (!same).then_some(Violation::NotConfirmed)
            }
            Rule::MaxBytes(_) | Rule::NotCurrent | Rule::NotEarlier(_) | Rule::NotBreached | Rule::MaxAge(_) => None,
        };
        self.rules.iter().filter_map(broken).collect()
    }

    fn find<T>(&self, number: impl Fn(Rule) -> Option<T>) -> Option<T> {
        self.rules.iter().copied().find_map(number)
    }
}

#[cfg(test)]
mod tests;
