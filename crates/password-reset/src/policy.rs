//! Password rules as data.

mod carried;
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

use crate::identity::password::{NewPassword, Normalization, Password};
use crate::secret;

/// The rules for a new password.
///
/// Resets, changes and administrators use the same policy:
///
/// ```
/// use password_reset::policy::{Blocklist, Rule, RuleKind};
/// use password_reset::{NewPassword, PasswordPolicy};
///
/// let policy = PasswordPolicy::four_classes()
///     .with(Rule::MinLength(10))
///     .without(RuleKind::Confirmed)
///     .with_blocklist(Blocklist::new(["TokoContoh2024!"]));
/// policy.validate()?;
///
/// let violations = policy.check(&NewPassword::new("tanpa huruf besar"), &["budi"]);
/// assert_eq!(violations.codes(), ["needs_upper", "needs_digit", "needs_symbol"]);
/// # Ok::<(), password_reset::policy::PolicyError>(())
/// ```
///
/// Unless it has [`Rule::MaxAge`], a password is valid until it is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordPolicy {
    rules: Vec<Rule>,
    blocklist: Blocklist,
    normalization: Normalization,
}

impl PasswordPolicy {
    /// A policy of exactly these rules. [`validate`](Self::validate) checks them.
    #[must_use]
    pub fn from_rules(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: rules.into_iter().collect(), blocklist: Blocklist::default(), normalization: Normalization::Nfc }
    }

    /// Adds a rule, replacing one of the same kind.
    #[must_use]
    pub fn with(mut self, rule: Rule) -> Self {
        match self.rules.iter_mut().find(|present| present.kind() == rule.kind()) {
            Some(present) => *present = rule,
            None => self.rules.push(rule),
        }
        self
    }

    /// Removes the rule of a kind.
    #[must_use]
    pub fn without(mut self, kind: RuleKind) -> Self {
        self.rules.retain(|rule| rule.kind() != kind);
        self
    }

    /// Sets the application's own block list, which [`Rule::NotCommon`] reads in addition to the built-in ones.
    #[must_use]
    pub fn with_blocklist(mut self, blocklist: Blocklist) -> Self {
        self.blocklist = blocklist;
        self
    }

    /// Sets the form in which passwords are hashed. The default is [`Normalization::Nfc`].
    ///
    /// # Security
    /// The login must use the same form, or users cannot sign in with the password that they have just set: make its passwords
    /// with [`password`](Self::password). A later change locks out users whose password differs between the forms.
    #[must_use]
    pub fn with_normalization(mut self, normalization: Normalization) -> Self {
        self.normalization = normalization;
        self
    }

    /// The form in which passwords are hashed.
    #[must_use]
    pub fn normalization(&self) -> Normalization {
        self.normalization
    }

    /// The password for the application's login to verify: the typed text in the form that this policy hashes.
    #[must_use]
    pub fn password(&self, typed: impl Into<String>) -> Password {
        match self.normalization {
            Normalization::Nfc => Password::new(typed),
            Normalization::AsTyped => Password::as_typed(typed),
        }
    }

    /// The rules, in the order of hints and violations.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether the policy has a rule of this kind.
    #[must_use]
    pub fn has(&self, kind: RuleKind) -> bool {
        self.rules.iter().any(|rule| rule.kind() == kind)
    }

    /// The number of the rule of this kind; `None` without the rule, or where it has none.
    #[must_use]
    pub fn number(&self, kind: RuleKind) -> Option<u16> {
        self.rules.iter().find(|rule| rule.kind() == kind)?.value()
    }

    /// The number of passwords before the current one that the policy refuses; each needs a hash.
    #[must_use]
    pub fn earlier(&self) -> u16 {
        self.number(RuleKind::NotEarlier).unwrap_or(0)
    }

    /// The least length, in code points.
    #[must_use]
    pub fn min_length(&self) -> Option<u16> {
        self.number(RuleKind::MinLength)
    }

    /// The most length, in code points.
    #[must_use]
    pub fn max_length(&self) -> Option<u16> {
        self.number(RuleKind::MaxLength)
    }

    /// The byte cap.
    #[must_use]
    pub fn max_bytes(&self) -> Option<u16> {
        self.number(RuleKind::MaxBytes)
    }

    /// The expiry of a password that was set at this time; `None` without [`Rule::MaxAge`].
    ///
    /// The application's login calls it, and leads to "change password" after the expiry.
    #[must_use]
    pub fn valid_until(&self, set_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = self.number(RuleKind::MaxAge)?;
        Some(set_at.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// The value of an input's `passwordrules` attribute, with which password managers generate accepted passwords:
    /// `minlength`, `maxlength` and `required` of Apple's language, a proposal for the HTML standard (whatwg/html#3518). The
    /// class of symbols is spelt out, because a space is no symbol here.
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

    /// Whether a new password is beyond the caps, so that nothing but reading it may be done with it.
    pub(crate) fn is_too_long(&self, new: &NewPassword) -> bool {
        let password = new.password().text(self.normalization);
        password.len() > usize::from(self.max_bytes().unwrap_or(validate::MAX_BYTES))
            || self.max_length().is_some_and(|most| password.chars().count() > usize::from(most))
    }

    /// Returns every violation of a new password at once, except those that need a hash or a list.
    ///
    /// `words` are words that the password must not be made of: the account's name and addresses, the name of the service.
    /// Trims, cuts and folds nothing before. A password over the byte cap gets that violation alone, and costs nothing
    /// more (CVE-2013-1443).
    ///
    /// Takes up to some milliseconds: an async program runs it on a thread of the [`HashPool`](crate::HashPool), by
    /// [`PoolSlot::run`](crate::hashing::PoolSlot::run).
    #[must_use]
    pub fn check(&self, new: &NewPassword, words: &[&str]) -> Violations {
        let form = self.normalization;
        let password = new.password().text(form);
        // A word is the same word in either form.
        let normal = new.password().text(Normalization::Nfc);
        let max = self.max_bytes().unwrap_or(validate::MAX_BYTES);
        if password.len() > usize::from(max) {
            return [Violation::from(Rule::MaxBytes(max))].into_iter().collect();
        }
        let length = password.chars().count();
        let asks_estimate = self.has(RuleKind::NotCommon) || self.has(RuleKind::Strength);
        let estimate = asks_estimate.then(|| strength::estimate(normal, words));
        let broken = |rule: &Rule| {
            let is_broken = match *rule {
                Rule::MinLength(min) => length < usize::from(min),
                Rule::MaxLength(max) => length > usize::from(max),
                Rule::Upper => !password.contains(char::is_uppercase),
                Rule::Lower => !password.contains(char::is_lowercase),
                Rule::Letter => !password.contains(char::is_alphabetic),
                Rule::Digit => !password.contains(classes::is_digit),
                Rule::Symbol => !password.contains(classes::is_symbol),
                Rule::NotCommon => {
                    let is_common = |estimate| common::is_common(normal, estimate, words, &self.blocklist);
                    estimate.as_ref().is_some_and(is_common)
                }
                Rule::NotContext => context::is_derived(normal, words),
                Rule::Strength(min) => return strength::weakness(estimate.as_ref()?, min),
                Rule::Confirmed => {
                    let is_same = |again: &Password| secret::same(password.as_bytes(), again.text(form).as_bytes());
                    !new.again().is_some_and(is_same)
                }
                Rule::MaxBytes(_) | Rule::NotCurrent | Rule::NotEarlier(_) | Rule::NotBreached | Rule::MaxAge(_) => {
                    false
                }
            };
            is_broken.then(|| Violation::from(*rule))
        };
        self.rules.iter().filter_map(broken).collect()
    }
}

#[cfg(test)]
mod tests;
