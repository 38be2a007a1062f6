//! The language of a message or page, as a tag.

use std::fmt;
use std::str::FromStr;

/// A language, by its code of two or three letters (ISO 639): `en`, `id`, `ms`. Any language has one; whether there are sentences
/// in it is another question.
///
/// Region and script are ignored, so two written forms of one language cannot differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale([u8; 3]);

impl Locale {
    /// English, `en`.
    pub const ENGLISH: Self = Self(*b"en\0");
    /// Bahasa Indonesia, `id`.
    pub const INDONESIAN: Self = Self(*b"id\0");
    /// Bahasa Melayu, `ms`.
    pub const MALAY: Self = Self(*b"ms\0");
    /// Arabic, `ar`.
    pub const ARABIC: Self = Self(*b"ar\0");

    /// The BCP 47 language tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        let code = self.0.strip_suffix(b"\0").unwrap_or(&self.0);
        // The bytes are letters of ASCII.
        str::from_utf8(code).unwrap_or_default()
    }
}

/// Codes of the same language: those that ISO 639 replaced, which old programs still send (`in` is what Indonesian was called
/// before 1989, and what Android and Java send), and those of three letters, where two are enough.
const SAME: [(&[u8; 3], &[u8; 3]); 10] = [
    (b"in\0", b"id\0"),
    (b"ind", b"id\0"),
    (b"eng", b"en\0"),
    (b"may", b"ms\0"),
    (b"msa", b"ms\0"),
    (b"zsm", b"ms\0"),
    (b"ara", b"ar\0"),
    (b"arb", b"ar\0"),
    (b"iw\0", b"he\0"),
    (b"ji\0", b"yi\0"),
];

/// English.
impl Default for Locale {
    fn default() -> Self {
        Self::ENGLISH
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({})", self.tag())
    }
}

/// A text is no tag of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a language: use its code of two or three letters, like `en` or `id`")]
#[non_exhaustive]
pub struct InvalidLocale;

impl FromStr for Locale {
    type Err = InvalidLocale;

    /// Reads a language tag; region and script are ignored (`id-ID`, `in_ID.UTF-8` and `ind` are Indonesian).
    fn from_str(tag: &str) -> Result<Self, InvalidLocale> {
        let language = tag.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        if !matches!(language.len(), 2 | 3) || !language.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(InvalidLocale);
        }
        let mut code = [0; 3];
        for (to, byte) in code.iter_mut().zip(language.bytes()) {
            *to = byte.to_ascii_lowercase();
        }
        let same = SAME.iter().find(|(old, _)| **old == code).map(|(_, now)| **now);
        Ok(Self(same.unwrap_or(code)))
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidLocale, Locale};

    #[test]
    fn a_language_is_read_in_every_way_that_programs_write_it() {
        for (text, tag) in [
            ("en", "en"),
            ("EN-gb", "en"),
            ("en_US.UTF-8", "en"),
            ("eng", "en"),
            ("id-ID", "id"),
            ("in", "id"),
            ("in_ID", "id"),
            ("ind", "id"),
            ("id-Latn-ID", "id"),
            ("ms-MY", "ms"),
            ("msa", "ms"),
            (" ar ", "ar"),
            ("ar@numbers=arab", "ar"),
            ("ckb", "ckb"),
            ("iw", "he"),
        ] {
            assert_eq!(text.parse::<Locale>().unwrap().tag(), tag, "{text}");
        }
        for text in ["", "e", "engl", "*", "1d", "é", "i d", "-id", "a\0"] {
            assert_eq!(text.parse::<Locale>(), Err(InvalidLocale), "{text}");
        }
    }

    #[test]
    fn a_tag_reads_as_its_language() {
        for locale in [Locale::ENGLISH, Locale::INDONESIAN, Locale::MALAY, Locale::ARABIC] {
            assert_eq!(locale.tag().parse(), Ok(locale));
        }
        assert_eq!(format!("{:?} {}", Locale::MALAY, Locale::ARABIC), "Locale(ms) ar");
    }
}
