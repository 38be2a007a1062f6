//! The languages of messages, pages and violations.

use std::fmt;
use std::str::FromStr;

/// A language in which every text of these crates exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Locale {
    /// English, `en`.
    #[default]
    English,
    /// Bahasa Indonesia, `id`.
    Indonesian,
}

impl Locale {
    /// All languages.
    pub const ALL: &'static [Self] = &[Self::English, Self::Indonesian];

    /// The BCP 47 language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The language is not one of [`Locale::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language: use `en` or `id`")]
#[non_exhaustive]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    /// Reads a language tag; region and script are ignored (`id-ID` is Indonesian). `in` is what Indonesian was called before
    /// 1989, and what Android and Java still send; `ind` is its code of three letters.
    fn from_str(tag: &str) -> Result<Self, UnknownLocale> {
        let language = tag.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        let is = |codes: &[&str]| codes.iter().any(|code| language.eq_ignore_ascii_case(code));
        if is(&["en", "eng"]) {
            Ok(Self::English)
        } else if is(&["id", "in", "ind"]) {
            Ok(Self::Indonesian)
        } else {
            Err(UnknownLocale)
        }
    }
}
