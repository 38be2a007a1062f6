//! One language: its name, its direction and its sentences.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use intl_pluralrules::{PluralRuleType, PluralRules};

use super::check::{self, Extent};
use super::error::{LanguageError, LanguageProblem};
use super::read::read;
use super::sentence::{Sentence, Sentences, Value, Voice};
use crate::identity::locale::Locale;

/// A language with all its sentences. A clone shares them.
#[derive(Clone)]
pub struct Language(Arc<Inner>);

struct Inner {
    locale: Locale,
    direction: Direction,
    sentences: Sentences,
}

/// In which direction a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two horizontal directions")]
pub enum Direction {
    /// From left to right.
    LeftToRight,
    /// From right to left, as Arabic.
    RightToLeft,
}

impl Direction {
    /// The value of the HTML attribute `dir`.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

macro_rules! built_in {
    ($name:ident, $locale:ident, $file:literal, $doc:literal) => {
        #[doc = $doc]
        #[must_use]
        pub fn $name() -> Self {
            // A test reads the file as strictly as one of an application.
            static LANGUAGE: LazyLock<Language> =
                LazyLock::new(|| Language::read(Locale::$locale, include_str!(concat!("../../texts/", $file))).0);
            LANGUAGE.clone()
        }
    };
}

impl Language {
    built_in!(english, ENGLISH, "en.ftl", "English.");
    built_in!(indonesian, INDONESIAN, "id.ftl", "Bahasa Indonesia.");
    built_in!(malay, MALAY, "ms.ftl", "Bahasa Melayu. A site has it only where it adds it.");
    built_in!(arabic, ARABIC, "ar.ftl", "Arabic, from right to left. A site has it only where it adds it.");

    /// A language from a Fluent file, with the keys and the placeholders of English.
    ///
    /// ```no_run
    /// use password_reset::texts::Language;
    ///
    /// let javanese = Language::from_ftl("jv", &std::fs::read_to_string("texts/jv.ftl")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// All that is wrong, by name: a key that is missing, unknown or there twice; a placeholder that a sentence does not have or leaves
    /// out; a secret in a subject; a part of Fluent that is not read.
    pub fn from_ftl(tag: &str, text: &str) -> Result<Self, LanguageError> {
        let error = |problems| LanguageError { tag: tag.to_owned(), problems };
        let locale = tag.parse().map_err(|_not_a_tag| error(vec![LanguageProblem::Tag]))?;
        let (language, mut problems) = Self::read(locale, text);
        problems.extend(check::problems(&language.0.sentences, &Self::english().0.sentences, Extent::Whole));
        if problems.is_empty() { Ok(language) } else { Err(error(problems)) }
    }

    /// The language with sentences of the application's own in place of some: a Fluent file with these alone.
    ///
    /// # Errors
    /// As [`from_ftl`](Self::from_ftl); but sentences may be missing, and values that are no links or codes.
    pub fn with_overlay(&self, text: &str) -> Result<Self, LanguageError> {
        let (own, mut problems) = Self::read(self.locale(), text);
        let list = &Self::english().0.sentences;
        problems.extend(check::problems(&own.0.sentences, list, Extent::Overlay));
        if !problems.is_empty() {
            return Err(LanguageError { tag: self.locale().to_string(), problems });
        }
        let mut sentences = self.0.sentences.clone();
        // The direction stays: all other sentences are written in it.
        sentences.extend(own.0.sentences.iter().map(|(key, own)| {
            let voice = voice(key, own.voice.plural.as_ref(), self.direction());
            (key.clone(), Sentence { voice, ..own.clone() })
        }));
        Ok(Self(Arc::new(Inner { locale: self.locale(), direction: self.direction(), sentences })))
    }

    fn read(locale: Locale, text: &str) -> (Self, Vec<LanguageProblem>) {
        let read = read(text);
        let plural = locale.tag().parse().ok().and_then(|id: unic_langid::LanguageIdentifier| {
            PluralRules::create(id, PluralRuleType::CARDINAL).ok().map(Arc::new)
        });
        let unvoiced = |pieces| Sentence { pieces, voice: Voice { plural: None, isolates: false } };
        let mut sentences: Sentences =
            read.sentences.into_iter().map(|(key, pieces)| (key, unvoiced(pieces))).collect();
        let direction = match sentences.get("language-direction").map(Sentence::to_string).as_deref() {
            Some("rtl") => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        };
        for (key, sentence) in &mut sentences {
            sentence.voice = voice(key, plural.as_ref(), direction);
        }
        (Self(Arc::new(Inner { locale, direction, sentences })), read.problems)
    }

    /// Which language it is.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.0.locale
    }

    /// Its name in the language itself.
    #[must_use]
    pub fn name(&self) -> String {
        self.text("language-name")
    }

    /// In which direction it is written.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.0.direction
    }

    /// A sentence by its key. Every language has the keys of English; another key is a mistake of the caller: an empty sentence, and in
    /// a debug build a panic.
    #[must_use]
    pub fn sentence(&self, key: &str) -> &Sentence {
        static NONE: Sentence = Sentence { pieces: Vec::new(), voice: Voice { plural: None, isolates: false } };
        let sentence = self.0.sentences.get(key);
        debug_assert!(sentence.is_some(), "no sentence {key}");
        sentence.unwrap_or(&NONE)
    }

    /// A sentence that has no placeholders.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.sentence(key).to_string()
    }

    /// A sentence with its values.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.sentence(key).fill(values)
    }

    /// A duration in days, hours and minutes, rounded down: `3 hours 25 minutes`.
    #[must_use]
    pub fn duration(&self, duration: Duration) -> String {
        let minutes = duration.as_secs() / 60;
        let parts =
            [("span-days", minutes / (24 * 60)), ("span-hours", minutes / 60 % 24), ("span-minutes", minutes % 60)];
        let named =
            parts.into_iter().filter(|(_, count)| *count > 0).map(|(key, n)| self.fill(key, &[("n", n.into())]));
        let join = |first: String, second: String| {
            self.fill("span-join", &[("first", (&first).into()), ("second", (&second).into())])
        };
        named.reduce(join).unwrap_or_else(|| self.text("span-moment"))
    }

    /// Every key, and the placeholders of its sentence.
    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &Sentence)> {
        self.0.sentences.iter().map(|(key, sentence)| (key.as_str(), sentence))
    }
}

/// Subjects and the text that a person sends stay without marks: the former are shown by themselves, and the latter is compared.
fn voice(key: &str, plural: Option<&Arc<PluralRules>>, direction: Direction) -> Voice {
    let plain = check::is_seen_by_others(key) || key == "message-to-send";
    Voice { plural: plural.cloned(), isolates: direction == Direction::RightToLeft && !plain }
}

/// The same language with the same sentences.
impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Language {}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.locale())
    }
}
