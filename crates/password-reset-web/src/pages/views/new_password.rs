//! "Create New Password".

use password_reset::PasswordPolicy;
use password_reset::policy::{Rule, RuleKind, Violation, Violations};
use password_reset::texts::Sentence;

use crate::pages::layout::Layout;

/// "Create New Password": the rules, the new password, and its repetition where the policy requires it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NewPasswordPage<'a> {
    /// The layout, with a form token and the reset's name.
    pub layout: Layout<'a>,
    /// The identifier that the requester typed, so that password managers know the account.
    pub username: &'a str,
    /// The policy, for hints, `passwordrules` and the second field.
    pub policy: &'a PasswordPolicy,
    /// The rules that the last attempt broke, each shown beside the field; empty at first.
    pub violations: &'a Violations,
    /// Why the page is shown again, other than by broken rules.
    pub problem: Option<NewPasswordProblem>,
    /// Seconds until the grant expires.
    pub seconds_left: u64,
}

/// Why the form is shown again although no rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewPasswordProblem {
    /// The service is overloaded; the user can try again in a moment.
    Busy,
}

impl<'a> NewPasswordPage<'a> {
    /// Whose password it is.
    pub(in crate::pages) fn lead(&self) -> String {
        self.layout.texts().new_for.with("typed", self.username)
    }

    /// The remaining time in words; the script replaces it by a countdown.
    pub(in crate::pages) fn time_left(&self) -> String {
        self.layout.span(self.seconds_left)
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.problem.is_some() || !self.violations.is_empty()
    }

    pub(in crate::pages) fn busy(&self) -> bool {
        self.problem == Some(NewPasswordProblem::Busy)
    }

    pub(in crate::pages) fn refused_text(&self) -> Option<String> {
        let texts = self.layout.texts();
        match self.violations.iter().filter(|violation| !is_about_again(violation)).count() {
            0 => self.again_problem().map(ToString::to_string),
            rules => Some(texts.new_refused.with("n", rules)),
        }
    }

    /// Whether the user types the password twice.
    pub(in crate::pages) fn twice(&self) -> bool {
        self.policy.has(RuleKind::Confirmed)
    }

    /// What is wrong with the second entry.
    pub(in crate::pages) fn again_problem(&self) -> Option<&'a Sentence> {
        self.violations.iter().any(is_about_again).then_some(&self.layout.texts().again_wrong)
    }

    /// Whether anything is wrong with the first entry.
    pub(in crate::pages) fn password_failed(&self) -> bool {
        self.violations.iter().any(|violation| !is_about_again(violation))
    }

    /// The field that the summary leads to.
    pub(in crate::pages) fn first_field(&self) -> &'static str {
        if self.password_failed() { "password" } else { "again" }
    }

    /// Advice from the violations.
    pub(in crate::pages) fn advice(&self) -> Vec<String> {
        self.violations.iter().flat_map(|violation| violation.advice(self.layout.language())).collect()
    }

    /// One line a rule, broken ones with their warning. Upper limits are shown only when they are broken, because hardly
    /// any user reaches them.
    pub(in crate::pages) fn rules(&self) -> Vec<RuleLine> {
        let of_policy = self.policy.rules().iter().filter(|rule| rule.kind() != RuleKind::Confirmed);
        let mut lines: Vec<RuleLine> = of_policy
            .filter_map(|rule| {
                let code = rule.kind().violation_code().unwrap_or_default();
                let violation = self.violations.iter().find(|violation| violation.code() == code);
                let is_cap = matches!(rule, Rule::MaxLength(_) | Rule::MaxBytes(_));
                let hint = rule.sentence(self.layout.language());
                let warning = violation.map(|violation| self.sentence(violation));
                (warning.is_some() || !is_cap).then_some(RuleLine { code, hint, warning })
            })
            .collect();
        for violation in self.violations.iter().filter(|violation| !is_about_again(violation)) {
            if !lines.iter().any(|line| line.code == violation.code()) {
                let sentence = self.sentence(violation);
                lines.push(RuleLine { code: violation.code(), hint: sentence.clone(), warning: Some(sentence) });
            }
        }
        lines
    }

    /// The minimum length, for the script.
    pub(in crate::pages) fn min_length(&self) -> u16 {
        self.policy.min_length().unwrap_or(0)
    }

    fn sentence(&self, violation: &Violation) -> String {
        violation.sentence(self.layout.language())
    }
}

/// One rule as the page shows it.
pub(in crate::pages) struct RuleLine {
    /// The code of its violation; empty where no new password can break the rule.
    pub(in crate::pages) code: &'static str,
    /// The rule, as a hint beforehand.
    pub(in crate::pages) hint: String,
    /// What is wrong, when it is broken.
    pub(in crate::pages) warning: Option<String>,
}

fn is_about_again(violation: &Violation) -> bool {
    violation.rule() == Rule::Confirmed
}
