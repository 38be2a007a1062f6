//! Which sentence says what.

use zxcvbn::feedback::{Suggestion, Warning};

use super::{Rule, RuleKind, Violation};
use crate::texts::Language;

/// Every warning of the estimate, and its key. Addresses of pages hold their places here, so a new one stands at the end.
pub(super) const WARNINGS: [(Warning, &str); 14] = [
    (Warning::StraightRowsOfKeysAreEasyToGuess, "warning-key-rows"),
    (Warning::ShortKeyboardPatternsAreEasyToGuess, "warning-keyboard-pattern"),
    (Warning::RepeatsLikeAaaAreEasyToGuess, "warning-repeated-character"),
    (Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess, "warning-repeated-sequence"),
    (Warning::ThisIsATop10Password, "warning-top-10"),
    (Warning::ThisIsATop100Password, "warning-top-100"),
    (Warning::ThisIsACommonPassword, "warning-common"),
    (Warning::ThisIsSimilarToACommonlyUsedPassword, "warning-similar-to-common"),
    (Warning::SequencesLikeAbcAreEasyToGuess, "warning-sequence"),
    (Warning::RecentYearsAreEasyToGuess, "warning-year"),
    (Warning::AWordByItselfIsEasyToGuess, "warning-word"),
    (Warning::DatesAreOftenEasyToGuess, "warning-date"),
    (Warning::NamesAndSurnamesByThemselvesAreEasyToGuess, "warning-own-name"),
    (Warning::CommonNamesAndSurnamesAreEasyToGuess, "warning-common-name"),
];

/// As [`WARNINGS`].
pub(super) const SUGGESTIONS: [(Suggestion, &str); 13] = [
    (Suggestion::UseAFewWordsAvoidCommonPhrases, "advice-few-words"),
    (Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters, "advice-no-classes-needed"),
    (Suggestion::AddAnotherWordOrTwo, "advice-add-words"),
    (Suggestion::CapitalizationDoesntHelpVeryMuch, "advice-capital-first"),
    (Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase, "advice-all-uppercase"),
    (Suggestion::ReversedWordsArentMuchHarderToGuess, "advice-reversed"),
    (Suggestion::PredictableSubstitutionsDontHelpVeryMuch, "advice-substitutions"),
    (Suggestion::UseALongerKeyboardPatternWithMoreTurns, "advice-longer-pattern"),
    (Suggestion::AvoidRepeatedWordsAndCharacters, "advice-no-repeats"),
    (Suggestion::AvoidSequences, "advice-no-sequences"),
    (Suggestion::AvoidRecentYears, "advice-no-recent-years"),
    (Suggestion::AvoidYearsThatAreAssociatedWithYou, "advice-no-own-years"),
    (Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou, "advice-no-own-dates"),
];

impl Rule {
    /// The rule in words that follow "The password" ("Kata sandi" in Indonesian), for a hint beside the form.
    #[must_use]
    pub fn sentence(self, language: &Language) -> String {
        let key = format!("rule-{}", self.kind().code().replace('_', "-"));
        language.fill(&key, &[("n", self.value().unwrap_or_default().into())])
    }
}

impl Violation {
    /// The violation in words that follow "The password" ("Kata sandi" in Indonesian), without a full stop.
    #[must_use]
    pub fn sentence(&self, language: &Language) -> String {
        match self.rule().kind() {
            RuleKind::NotCommon => language.text("violation-too-common"),
            RuleKind::NotBreached => language.text("violation-breached"),
            RuleKind::Strength => language.text("violation-too-weak"),
            RuleKind::Confirmed => language.text("violation-not-confirmed"),
            _ => self.rule().sentence(language),
        }
    }

    /// Advice in whole sentences; may be empty.
    #[must_use]
    pub fn advice(&self, language: &Language) -> Vec<String> {
        let Some(weakness) = self.weakness() else { return Vec::new() };
        let warning = WARNINGS.iter().filter(|(warning, _)| weakness.warning.as_ref() == Some(warning));
        let suggestions =
            weakness.suggestions.iter().flat_map(|given| SUGGESTIONS.iter().filter(move |(it, _)| it == given));
        warning.map(|(_, key)| key).chain(suggestions.map(|(_, key)| key)).map(|key| language.text(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use password_reset_testkit::voice::avoided;

    use super::super::tests::{every_rule, every_violation};
    use super::{SUGGESTIONS, WARNINGS};
    use crate::texts::Languages;

    #[test]
    fn no_sentence_uses_a_word_that_the_glossary_avoids() {
        for language in Languages::default().iter() {
            let rules = every_rule().into_iter().map(|rule| rule.sentence(language));
            let violations = every_violation().into_iter().map(|violation| violation.sentence(language));
            let keys = WARNINGS.iter().map(|(_, key)| key).chain(SUGGESTIONS.iter().map(|(_, key)| key));
            for text in rules.chain(violations).chain(keys.map(|key| language.text(key))) {
                assert_eq!(avoided(language.locale().tag(), &text), [""; 0], "{text}");
            }
        }
    }
}
