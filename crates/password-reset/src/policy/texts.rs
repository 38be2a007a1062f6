//! The sentences in every language. A missing one does not compile.

use zxcvbn::feedback::{Suggestion, Warning};

use super::{Rule, Violation};
use crate::identity::locale::Locale;

fn pick<T>(locale: Locale, english: T, indonesian: T) -> T {
    match locale {
        Locale::English => english,
        Locale::Indonesian => indonesian,
    }
}

pub(super) fn rule(rule: Rule, locale: Locale) -> String {
    let (english, indonesian) = match rule {
        Rule::MinLength(least) => {
            let english = format!("must have at least {least} characters");
            return pick(locale, english, format!("harus minimal {least} karakter"));
        }
        Rule::MaxLength(most) => {
            let english = format!("must have at most {most} characters");
            return pick(locale, english, format!("harus maksimal {most} karakter"));
        }
        Rule::MaxBytes(most) => {
            let english = format!("must not be longer than {most} bytes");
            return pick(locale, english, format!("tidak boleh lebih dari {most} byte"));
        }
        Rule::Upper => ("must include an uppercase letter", "harus mengandung huruf besar"),
        Rule::MaxAge(days) => {
            let english = format!("must be changed every {days} days");
            return pick(locale, english, format!("harus diganti setiap {days} hari"));
        }
        Rule::Lower => ("must include a lowercase letter", "harus mengandung huruf kecil"),
        Rule::Letter => ("must include a letter", "harus mengandung huruf"),
        Rule::Digit => ("must include a number", "harus mengandung angka"),
        Rule::Symbol => ("must include a symbol", "harus mengandung simbol"),
        Rule::NotCurrent => ("must be different from your current password", "harus berbeda dari kata sandi saat ini"),
        Rule::NotEarlier(1) => {
            ("must be different from your previous password", "harus berbeda dari kata sandi sebelumnya")
        }
        Rule::NotEarlier(earlier) => {
            let english = format!("must be different from your {earlier} previous passwords");
            let indonesian = format!("harus berbeda dari {earlier} kata sandi sebelumnya");
            return pick(locale, english, indonesian);
        }
        Rule::NotCommon => ("must not be a common password", "tidak boleh kata sandi yang umum dipakai"),
        Rule::NotBreached => {
            ("must not have appeared in a data breach", "tidak boleh pernah muncul dalam kebocoran data")
        }
        Rule::NotContext => (
            "must not be based on your account details or the name of this service",
            "tidak boleh dibuat dari data akun Anda atau nama layanan ini",
        ),
        Rule::Strength(_) => ("must be hard to guess", "tidak boleh mudah ditebak"),
        Rule::Confirmed => ("must be entered twice", "harus dimasukkan dua kali"),
    };
    pick(locale, english, indonesian).to_owned()
}

pub(super) fn violation(violation: &Violation, locale: Locale) -> String {
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
        Violation::TooCommon => {
            return pick(locale, "is too common", "terlalu umum").to_owned();
        }
        Violation::Breached => {
            return pick(locale, "has appeared in a data breach", "pernah muncul dalam kebocoran data").to_owned();
        }
        Violation::TooWeak(_) => return pick(locale, "is too easy to guess", "terlalu mudah ditebak").to_owned(),
        Violation::NotConfirmed => {
            return pick(locale, "does not match in both fields", "tidak cocok di kedua kolom").to_owned();
        }
    };
    rule(of_rule, locale)
}

pub(super) fn warning(warning: Warning, locale: Locale) -> &'static str {
    let (english, indonesian) = match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => (
            "Rows of keys on the keyboard, like “qwerty”, are easy to guess.",
            "Deretan tombol keyboard, seperti “qwerty”, mudah ditebak.",
        ),
        Warning::ShortKeyboardPatternsAreEasyToGuess => {
            ("Short keyboard patterns are easy to guess.", "Pola keyboard yang pendek mudah ditebak.")
        }
        Warning::RepeatsLikeAaaAreEasyToGuess => {
            ("Repeats like “aaa” are easy to guess.", "Pengulangan seperti “aaa” mudah ditebak.")
        }
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => (
            "Repeats like “abcabcabc” are only slightly harder to guess than “abc”.",
            "Pengulangan seperti “abcabcabc” hanya sedikit lebih sulit ditebak daripada “abc”.",
        ),
        Warning::ThisIsATop10Password => {
            ("This is one of the ten most used passwords.", "Ini salah satu dari sepuluh kata sandi yang paling umum.")
        }
        Warning::ThisIsATop100Password => (
            "This is one of the hundred most used passwords.",
            "Ini salah satu dari seratus kata sandi yang paling umum.",
        ),
        Warning::ThisIsACommonPassword => ("This is a very common password.", "Ini kata sandi yang sangat umum."),
        Warning::ThisIsSimilarToACommonlyUsedPassword => {
            ("This is similar to a commonly used password.", "Ini mirip dengan kata sandi yang sering dipakai.")
        }
        Warning::SequencesLikeAbcAreEasyToGuess => {
            ("Sequences like “abc” or “6543” are easy to guess.", "Urutan seperti “abc” atau “6543” mudah ditebak.")
        }
        Warning::RecentYearsAreEasyToGuess => {
            ("Recent years are easy to guess.", "Tahun-tahun terakhir mudah ditebak.")
        }
        Warning::AWordByItselfIsEasyToGuess => ("A word by itself is easy to guess.", "Satu kata saja mudah ditebak."),
        Warning::DatesAreOftenEasyToGuess => ("Dates are often easy to guess.", "Tanggal sering kali mudah ditebak."),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => {
            ("A name by itself is easy to guess.", "Nama orang saja mudah ditebak.")
        }
        Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            ("Common names are easy to guess.", "Nama orang yang umum mudah ditebak.")
        }
    };
    pick(locale, english, indonesian)
}

pub(super) fn suggestion(suggestion: Suggestion, locale: Locale) -> &'static str {
    let (english, indonesian) = match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => {
            ("Use a few words, but avoid common phrases.", "Gunakan beberapa kata, tetapi hindari ungkapan umum.")
        }
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => (
            "More words help more than symbols, numbers or uppercase letters.",
            "Menambah kata lebih berguna daripada menambah simbol, angka, atau huruf besar.",
        ),
        Suggestion::AddAnotherWordOrTwo => (
            "Add another word or two. Uncommon words are better.",
            "Tambahkan satu atau dua kata lagi. Lebih baik kata yang jarang dipakai.",
        ),
        Suggestion::CapitalizationDoesntHelpVeryMuch => {
            ("A capital letter at the start helps little.", "Huruf besar di awal tidak banyak membantu.")
        }
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => (
            "All uppercase is almost as easy to guess as all lowercase.",
            "Semua huruf besar hampir sama mudahnya ditebak dengan semua huruf kecil.",
        ),
        Suggestion::ReversedWordsArentMuchHarderToGuess => (
            "Words spelt backwards are not much harder to guess.",
            "Kata yang ditulis terbalik tidak jauh lebih sulit ditebak.",
        ),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => (
            "Substitutions like “@” for “a” help little.",
            "Mengganti huruf, misalnya “a” dengan “@”, tidak banyak membantu.",
        ),
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => (
            "Use a longer keyboard pattern with more turns.",
            "Gunakan pola keyboard yang lebih panjang dan berbelok-belok.",
        ),
        Suggestion::AvoidRepeatedWordsAndCharacters => {
            ("Avoid repeated words and characters.", "Hindari kata dan karakter yang berulang.")
        }
        Suggestion::AvoidSequences => ("Avoid sequences.", "Hindari urutan."),
        Suggestion::AvoidRecentYears => ("Avoid recent years.", "Hindari tahun-tahun terakhir."),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => {
            ("Avoid years that are linked to you.", "Hindari tahun yang berkaitan dengan Anda.")
        }
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            ("Avoid dates and years that are linked to you.", "Hindari tanggal dan tahun yang berkaitan dengan Anda.")
        }
    };
    pick(locale, english, indonesian)
}

#[cfg(test)]
mod tests {
    use password_reset_testkit::voice::avoided;
    use zxcvbn::feedback::{Suggestion, Warning};

    use super::super::tests::{every_rule, every_violation};
    use super::Locale;

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
        for &locale in Locale::ALL {
            let rules = every_rule().into_iter().map(|rule| rule.sentence(locale));
            let violations = every_violation().into_iter().map(|violation| violation.sentence(locale));
            let warnings = warnings.iter().map(|warning| super::warning(*warning, locale).to_owned());
            let suggestions = suggestions.iter().map(|advice| super::suggestion(*advice, locale).to_owned());
            for text in rules.chain(violations).chain(warnings).chain(suggestions) {
                assert_eq!(avoided(locale.tag(), &text), [""; 0], "{text}");
            }
        }
    }
}
