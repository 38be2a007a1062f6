//! Violations on their way from a form to the page that shows them.
//!
//! A form is answered by a redirect, so that a reload sends no password twice; the address of the page then says what was
//! wrong. It holds codes and the numbers of advice, nothing of the password.

use super::texts::{SUGGESTIONS, WARNINGS};
use super::{PasswordPolicy, Rule, RuleKind, Violation, Violations, Weakness};

impl Violations {
    /// One text for an address: the codes, and the numbers of advice.
    #[must_use]
    pub fn to_query(&self) -> String {
        let parts: Vec<String> = self.iter().map(part).collect();
        parts.join(".")
    }

    /// Reads what [`to_query`](Self::to_query) wrote, under the same policy. Anything else is left out, so that an address
    /// shows sentences of this library only.
    #[must_use]
    pub fn from_query(text: &str, policy: &PasswordPolicy) -> Self {
        text.split('.').take(RuleKind::ALL.len()).filter_map(|part| read(part, policy)).collect()
    }
}

fn part(violation: &Violation) -> String {
    let Some(weakness) = violation.weakness() else { return violation.code().to_owned() };
    let warning = weakness.warning.and_then(|warning| WARNINGS.iter().position(|(it, _)| *it == warning));
    let suggestions = weakness.suggestions.iter();
    let suggestions = suggestions.filter_map(|suggestion| SUGGESTIONS.iter().position(|(it, _)| it == suggestion));
    let warning = warning.map(|at| format!("-w{at}")).unwrap_or_default();
    let suggestions: String = suggestions.map(|at| format!("-s{at}")).collect();
    format!("{}-{}{warning}{suggestions}", violation.code(), weakness.score)
}

fn read(part: &str, policy: &PasswordPolicy) -> Option<Violation> {
    let mut parts = part.split('-');
    let code = parts.next()?;
    let rule = *policy.rules().iter().find(|rule| rule.kind().violation_code() == Some(code))?;
    let Rule::Strength(min) = rule else { return Some(rule.into()) };
    let score = parts.next()?.parse().ok().filter(|score| *score < min)?;
    let mut weakness = Weakness { score, warning: None, suggestions: Vec::new() };
    for advice in parts.take(SUGGESTIONS.len()) {
        if let Some(at) = advice.strip_prefix('w') {
            weakness.warning = WARNINGS.get(at.parse::<usize>().ok()?).map(|(warning, _)| *warning);
        } else if let Some(at) = advice.strip_prefix('s') {
            weakness.suggestions.extend(SUGGESTIONS.get(at.parse::<usize>().ok()?).map(|(suggestion, _)| *suggestion));
        }
    }
    Some(Violation::weak(min, weakness))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::NewPassword;

    #[test]
    fn violations_come_back_as_they_were() {
        let policy = PasswordPolicy::four_classes().with(Rule::Strength(4)).with(Rule::NotEarlier(3));
        let policy = policy.with(Rule::NotBreached);
        for password in ["", "a", "password", "qwertyuiop", "aaaaaaaaaaa", "ani2024", "Tr0ub4dor&3", "1987-05-03"] {
            let violations = policy.check(&NewPassword::confirmed(password, "other"), &["ani"]);
            assert!(!violations.is_empty());
            let text = violations.to_query();
            assert!(
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')),
                "{text}"
            );
            assert_eq!(Violations::from_query(&text, &policy), violations, "{text}");
        }
        let of = |rules: &[Rule]| rules.iter().copied().map(Violation::from).collect::<Violations>();
        let all = of(&[Rule::NotCurrent, Rule::NotEarlier(3), Rule::NotBreached]);
        assert_eq!(Violations::from_query(&all.to_query(), &policy), all);
        let lengths = PasswordPolicy::nist_800_63b().with(Rule::MaxLength(70)).with(Rule::Letter);
        let bytes = lengths.max_bytes().unwrap();
        let all = of(&[Rule::MaxLength(70), Rule::MaxBytes(bytes), Rule::Letter]);
        assert_eq!(Violations::from_query(&all.to_query(), &lengths), all);
        assert_eq!(all.clone().into_iter().count(), 3);
    }

    #[test]
    fn an_address_shows_only_sentences_of_this_library() {
        let policy = PasswordPolicy::four_classes();
        for text in ["", ".", "x", "too_weak", "too_weak-9", "too_weak-1-w999", "used_before", "<b>", "%3Cb%3E"] {
            assert!(Violations::from_query(text, &policy).len() <= 1, "{text}");
        }
        let strong = PasswordPolicy::four_classes().with(Rule::Strength(3));
        let weak = |score: u8| Violations::from_query(&format!("too_weak-{score}"), &strong).len();
        assert_eq!([weak(0), weak(2), weak(3), weak(4)], [1, 1, 0, 0], "what reaches the minimum is not too weak");
        assert!(Violations::from_query(&"breached.".repeat(10_000), &policy).len() <= RuleKind::ALL.len());
    }
}
