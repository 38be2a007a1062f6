//! Which sentence says what.

use zxcvbn::feedback::{Suggestion, Warning};

use super::{Rule, Violation};
use crate::texts::Language;

pub(super) fn rule(rule: Rule, language: &Language) -> String {
    let key = format!("rule-{}", rule.kind().code().replace('_', "-"));
    language.fill(&key, &[("n", rule.value().unwrap_or_default().into())])
}

pub(super) fn violation(violation: &Violation, language: &Language) -> String {
    let of_rule = match violation {
        Violation::TooShort { min } => Rule::MinLength(*min),
        Violation::TooLong { max } => Rule::MaxLength(*max),
        Violation::TooManyBytes { max } => Rule::MaxBytes(*max),
        Violation::NeedsUpper => Rule::Upper,
        Violation::NeedsLower => Rule::Lower,
        Violation::NeedsLetter => Rule::Letter,
        Violation::NeedsDigit => Rule::Digit,
        Violation::NeedsSymbol => Rule::Symbol,
        Violation::SameAsCurrent => Rule::NotCurrent,
        Violation::UsedBefore { earlier } => Rule::NotEarlier(*earlier),
        Violation::TooPersonal => Rule::NotContext,
        Violation::TooCommon => return language.text("violation-too-common"),
        Violation::Breached => return language.text("violation-breached"),
        Violation::TooWeak(_) => return language.text("violation-too-weak"),
        Violation::NotConfirmed => return language.text("violation-not-confirmed"),
    };
    rule(of_rule, language)
}

pub(super) fn warning(warning: Warning, language: &Language) -> String {
    language.text(match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => "warning-key-rows",
        Warning::ShortKeyboardPatternsAreEasyToGuess => "warning-keyboard-pattern",
        Warning::RepeatsLikeAaaAreEasyToGuess => "warning-repeated-character",
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => "warning-repeated-sequence",
        Warning::ThisIsATop10Password => "warning-top-10",
        Warning::ThisIsATop100Password => "warning-top-100",
        Warning::ThisIsACommonPassword => "warning-common",
        Warning::ThisIsSimilarToACommonlyUsedPassword => "warning-similar-to-common",
        Warning::SequencesLikeAbcAreEasyToGuess => "warning-sequence",
        Warning::RecentYearsAreEasyToGuess => "warning-year",
        Warning::AWordByItselfIsEasyToGuess => "warning-word",
        Warning::DatesAreOftenEasyToGuess => "warning-date",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => "warning-own-name",
        Warning::CommonNamesAndSurnamesAreEasyToGuess => "warning-common-name",
    })
}

pub(super) fn suggestion(suggestion: Suggestion, language: &Language) -> String {
    language.text(match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => "advice-few-words",
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => "advice-no-classes-needed",
        Suggestion::AddAnotherWordOrTwo => "advice-add-words",
        Suggestion::CapitalizationDoesntHelpVeryMuch => "advice-capital-first",
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => "advice-all-uppercase",
        Suggestion::ReversedWordsArentMuchHarderToGuess => "advice-reversed",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => "advice-substitutions",
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "advice-longer-pattern",
        Suggestion::AvoidRepeatedWordsAndCharacters => "advice-no-repeats",
        Suggestion::AvoidSequences => "advice-no-sequences",
        Suggestion::AvoidRecentYears => "advice-no-recent-years",
        Suggestion::AvoidYearsThatAreAssociatedWithYou => "advice-no-own-years",
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => "advice-no-own-dates",
    })
}

#[cfg(test)]
mod tests {
    use password_reset_testkit::voice::avoided;
    use zxcvbn::feedback::{Suggestion, Warning};

    use super::super::tests::{every_rule, every_violation};
    use crate::texts::Languages;

    #[test]
    fn no_sentence_uses_a_word_that_the_glossary_avoids() {
        let warnings = [
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
        let suggestions = [
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
        for language in Languages::default().iter() {
            let rules = every_rule().into_iter().map(|rule| rule.sentence(language));
            let violations = every_violation().into_iter().map(|violation| violation.sentence(language));
            let warnings = warnings.iter().map(|warning| super::warning(*warning, language));
            let suggestions = suggestions.iter().map(|advice| super::suggestion(*advice, language));
            for text in rules.chain(violations).chain(warnings).chain(suggestions) {
                assert_eq!(avoided(language.locale().tag(), &text), [""; 0], "{text}");
            }
        }
    }
}
