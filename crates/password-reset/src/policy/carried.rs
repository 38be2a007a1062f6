//! Violations on their way from a form to the page that shows them.
//!
//! A form is answered by a redirect, so that a reload sends no password twice; the address of the page then says what was
//! wrong. It holds codes and the numbers of advice, nothing of the password.

use zxcvbn::feedback::{Suggestion, Warning};

use super::{PasswordPolicy, RuleKind, Violation, Violations, Weakness};

const WARNINGS: [Warning; 14] = [
    Warning::StraightRowsOfKeysAreEasyToGuess,
    Warning::ShortKeyboardPatternsAreEasyToGuess,
    Warning::RepeatsLikeAaaAreEasyToGuess,
    Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
    Warning::ThisIsATop10Password,
    Warning::ThisIsATop100Password,
    Warning::ThisIsACommonPassword,
    Warning::ThisIsSimilarToACommonlyUsedPassword,
    Warning::SequencesLikeAbcAreEasyToGuess,
    Warning::RecentYearsAreEasyToGuess,
    Warning::AWordByItselfIsEasyToGuess,
    Warning::DatesAreOftenEasyToGuess,
    Warning::NamesAndSurnamesByThemselvesAreEasyToGuess,
    Warning::CommonNamesAndSurnamesAreEasyToGuess,
];

const SUGGESTIONS: [Suggestion; 13] = [
    Suggestion::UseAFewWordsAvoidCommonPhrases,
    Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters,
    Suggestion::AddAnotherWordOrTwo,
    Suggestion::CapitalizationDoesntHelpVeryMuch,
    Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase,
    Suggestion::ReversedWordsArentMuchHarderToGuess,
    Suggestion::PredictableSubstitutionsDontHelpVeryMuch,
    Suggestion::UseALongerKeyboardPatternWithMoreTurns,
    Suggestion::AvoidRepeatedWordsAndCharacters,
    Suggestion::AvoidSequences,
    Suggestion::AvoidRecentYears,
    Suggestion::AvoidYearsThatAreAssociatedWithYou,
    Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou,
];

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
    let Violation::TooWeak(weakness) = violation else { return violation.code().to_owned() };
    let warning = weakness.warning.and_then(|warning| WARNINGS.iter().position(|it| *it == warning));
    let suggestions = weakness.suggestions.iter();
    let suggestions = suggestions.filter_map(|suggestion| SUGGESTIONS.iter().position(|it| it == suggestion));
    let warning = warning.map(|at| format!("-w{at}")).unwrap_or_default();
    let suggestions: String = suggestions.map(|at| format!("-s{at}")).collect();
    format!("{}-{}{warning}{suggestions}", violation.code(), weakness.score)
}

fn read(part: &str, policy: &PasswordPolicy) -> Option<Violation> {
    let mut parts = part.split('-');
    let code = parts.next()?;
    Some(match code {
        "too_short" => Violation::TooShort { min: policy.min_length()? },
        "too_long" => Violation::TooLong { max: policy.max_length()? },
        "too_many_bytes" => Violation::TooManyBytes { max: policy.max_bytes()? },
        "needs_upper" => Violation::NeedsUpper,
        "needs_lower" => Violation::NeedsLower,
        "needs_letter" => Violation::NeedsLetter,
        "needs_digit" => Violation::NeedsDigit,
        "needs_symbol" => Violation::NeedsSymbol,
        "same_as_current" => Violation::SameAsCurrent,
        "used_before" => Violation::UsedBefore { earlier: u8::try_from(policy.earlier()).ok()? },
        "too_common" => Violation::TooCommon,
        "breached" => Violation::Breached,
        "too_personal" => Violation::TooPersonal,
        "not_confirmed" => Violation::NotConfirmed,
        "too_weak" => {
            let rule = policy.rules().iter().find(|rule| rule.kind() == RuleKind::Strength);
            let min = u8::try_from(rule?.value()?).ok()?;
            let score = parts.next()?.parse().ok().filter(|score| *score < min)?;
            let mut weakness = Weakness { score, min, warning: None, suggestions: Vec::new() };
            for advice in parts.take(SUGGESTIONS.len()) {
                if let Some(at) = advice.strip_prefix('w') {
                    weakness.warning = WARNINGS.get(at.parse::<usize>().ok()?).copied();
                } else if let Some(at) = advice.strip_prefix('s') {
                    weakness.suggestions.extend(SUGGESTIONS.get(at.parse::<usize>().ok()?));
                }
            }
            Violation::TooWeak(weakness)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{NewPassword, Rule};

    #[test]
    fn violations_come_back_as_they_were() {
        let policy = PasswordPolicy::four_classes().with(Rule::Strength(4)).with(Rule::NotEarlier(3));
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
        let all: Violations =
            [Violation::SameAsCurrent, Violation::UsedBefore { earlier: 3 }, Violation::Breached].into_iter().collect();
        assert_eq!(Violations::from_query(&all.to_query(), &policy), all);
        let lengths = PasswordPolicy::nist_800_63b().with(Rule::MaxLength(70)).with(Rule::Letter);
        let bytes = lengths.max_bytes().unwrap();
        let all = [Violation::TooLong { max: 70 }, Violation::TooManyBytes { max: bytes }, Violation::NeedsLetter];
        let all: Violations = all.into_iter().collect();
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
