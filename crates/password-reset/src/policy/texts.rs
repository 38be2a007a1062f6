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
            return pick(locale, english, format!("harus terdiri dari paling sedikit {least} karakter"));
        }
        Rule::MaxLength(most) => {
            let english = format!("must have at most {most} characters");
            return pick(locale, english, format!("harus terdiri dari paling banyak {most} karakter"));
        }
        Rule::MaxBytes(most) => {
            let english = format!("must take up at most {most} bytes");
            return pick(locale, english, format!("harus berukuran paling besar {most} bita"));
        }
        Rule::Upper => ("must include an upper-case letter", "harus memuat huruf besar"),
        Rule::MaxAge(days) => {
            let english = format!("must be changed after {days} days at the latest");
            return pick(locale, english, format!("harus diganti paling lambat setelah {days} hari"));
        }
        Rule::Lower => ("must include a lower-case letter", "harus memuat huruf kecil"),
        Rule::Letter => ("must include a letter", "harus memuat huruf"),
        Rule::Digit => ("must include a digit", "harus memuat angka"),
        Rule::Symbol => ("must include a symbol", "harus memuat simbol"),
        Rule::NotCurrent => ("must not be the same as the current one", "tidak boleh sama dengan yang sekarang"),
        Rule::NotEarlier(1) => ("must not be the same as the previous one", "tidak boleh sama dengan yang sebelumnya"),
        Rule::NotEarlier(earlier) => {
            let english = format!("must not be one of the {earlier} previous ones");
            let indonesian = format!("tidak boleh sama dengan salah satu dari {earlier} kata sandi sebelumnya");
            return pick(locale, english, indonesian);
        }
        Rule::NotCommon => {
            ("must not be one that many people use", "tidak boleh berupa kata sandi yang dipakai banyak orang")
        }
        Rule::NotBreached => {
            ("must not be known from a data breach", "tidak boleh berupa kata sandi yang pernah bocor")
        }
        Rule::NotContext => (
            "must not be made from your name, your address or the name of this service",
            "tidak boleh dibuat dari nama Anda, alamat Anda, atau nama layanan ini",
        ),
        Rule::Strength(_) => ("must not be easy to guess", "tidak boleh mudah ditebak"),
        Rule::Confirmed => ("must be typed the same way twice", "harus diketik dua kali dengan sama persis"),
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
            return pick(
                locale,
                "is one of those that are guessed first",
                "termasuk kata sandi yang paling mudah ditebak",
            )
            .to_owned();
        }
        Violation::Breached => {
            return pick(locale, "is known from a data breach", "termasuk kata sandi yang pernah bocor").to_owned();
        }
        Violation::TooWeak(_) => return pick(locale, "is too easy to guess", "terlalu mudah ditebak").to_owned(),
        Violation::NotConfirmed => {
            return pick(locale, "is not the same in both fields", "tidak sama di kedua kolom").to_owned();
        }
    };
    rule(of_rule, locale)
}

pub(super) fn warning(warning: Warning, locale: Locale) -> &'static str {
    let (english, indonesian) = match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => {
            ("Straight rows of keys are easy to guess.", "Deretan tombol yang lurus mudah ditebak.")
        }
        Warning::ShortKeyboardPatternsAreEasyToGuess => {
            ("Short keyboard patterns are easy to guess.", "Pola tombol yang pendek mudah ditebak.")
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
            ("Recent years are easy to guess.", "Tahun-tahun belakangan ini mudah ditebak.")
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
            ("Use a few words, but no common phrase.", "Pakailah beberapa kata, tetapi bukan ungkapan yang umum.")
        }
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => (
            "More words help more than symbols, digits or upper-case letters.",
            "Menambah kata lebih berguna daripada menambah simbol, angka, atau huruf besar.",
        ),
        Suggestion::AddAnotherWordOrTwo => (
            "Add another word or two; uncommon words are better.",
            "Tambahkan satu atau dua kata lagi; lebih baik kata yang jarang dipakai.",
        ),
        Suggestion::CapitalizationDoesntHelpVeryMuch => {
            ("A capital letter at the start helps little.", "Huruf besar di awal tidak banyak membantu.")
        }
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => (
            "All upper case is almost as easy to guess as all lower case.",
            "Huruf besar semua hampir sama mudahnya ditebak dengan huruf kecil semua.",
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
            "Pakailah pola tombol yang lebih panjang dan berbelok-belok.",
        ),
        Suggestion::AvoidRepeatedWordsAndCharacters => {
            ("Avoid repeated words and characters.", "Hindari kata dan karakter yang berulang.")
        }
        Suggestion::AvoidSequences => ("Avoid sequences.", "Hindari urutan."),
        Suggestion::AvoidRecentYears => ("Avoid recent years.", "Hindari tahun-tahun belakangan ini."),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => {
            ("Avoid years that have to do with you.", "Hindari tahun yang berkaitan dengan Anda.")
        }
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            ("Avoid dates and years that have to do with you.", "Hindari tanggal dan tahun yang berkaitan dengan Anda.")
        }
    };
    pick(locale, english, indonesian)
}
