//! One sentence, and how its placeholders are filled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::sync::Arc;

use intl_pluralrules::{PluralCategory, PluralRules};

/// Sentences by their keys.
pub(super) type Sentences = BTreeMap<String, Sentence>;

/// The placeholders that hold a secret or a link with one.
pub(super) const SECRETS: [&str; 3] = ["link", "code", "cancel"];

/// One sentence of a [`Language`](super::Language).
///
/// `Display` writes a sentence without placeholders, or with their names in braces.
#[derive(Clone)]
pub struct Sentence {
    pub(super) pieces: Vec<Piece>,
    pub(super) voice: Voice,
}

#[derive(Clone)]
pub(super) enum Piece {
    Text(String),
    Value(String),
    Choice { of: String, arms: Vec<(Key, Vec<Self>)>, otherwise: Vec<Self> },
}

/// When an arm of a choice is taken.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Key {
    Number(u64),
    /// The name of a plural category.
    Category(String),
}

/// How a language fills its sentences.
#[derive(Clone)]
pub(super) struct Voice {
    /// `None` where the plural rules of the language are unknown: everything is `other`.
    pub(super) plural: Option<Arc<PluralRules>>,
    /// Whether values are set off by the marks of Unicode that keep their direction apart.
    pub(super) isolates: bool,
}

/// What a placeholder is filled with. `Debug` does not show it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// A number, which chooses a plural form.
    Number(u64),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value<'_> {
            fn from(number: $type) -> Self {
                Self::Number(number.into())
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64);

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

/// U+2068, first strong isolate, and U+2069, which ends it.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

impl Sentence {
    /// The sentence with its values. One that is not given stays as its name in braces.
    #[must_use]
    pub fn fill(&self, values: &[(&str, Value<'_>)]) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&self.pieces, values, &mut text);
        text
    }

    /// The sentence with one value.
    #[must_use]
    pub fn with<'a>(&self, name: &str, value: impl Into<Value<'a>>) -> String {
        self.fill(&[(name, value.into())])
    }

    fn write(&self, pieces: &[Piece], values: &[(&str, Value<'_>)], to: &mut impl Write) -> fmt::Result {
        let value = |name: &String| values.iter().find(|(given, _)| given == name).map(|(_, value)| *value);
        for piece in pieces {
            match piece {
                Piece::Text(text) => to.write_str(text)?,
                Piece::Value(name) => match value(name) {
                    Some(Value::Number(number)) => write!(to, "{number}")?,
                    Some(Value::Text(text)) if self.isolates(pieces, name, text) => {
                        let [open, close] = ISOLATE;
                        write!(to, "{open}{text}{close}")?;
                    }
                    Some(Value::Text(text)) => to.write_str(text)?,
                    None => write!(to, "{{{name}}}")?,
                },
                Piece::Choice { of, arms, otherwise } => {
                    let chosen = value(of).and_then(|value| arms.iter().find(|(key, _)| self.voice.takes(key, value)));
                    self.write(chosen.map_or(otherwise, |(_, pieces)| pieces), values, to)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a value needs the marks: other pieces are in the sentence, or beside it in the arm of a choice. A link must not get them, because programs take them for a part of it, nor a code, which
    /// is copied; a number alone stands in the right order without them.
    fn isolates(&self, beside: &[Piece], name: &str, text: &str) -> bool {
        self.voice.isolates
            && !SECRETS.contains(&name)
            && (self.pieces.len() > 1 || beside.len() > 1)
            && !text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Every placeholder, also those that only choose.
    pub(super) fn placeholders(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        collect(&self.pieces, &mut names);
        names
    }

    /// Whether the sentence says a value whichever arms are taken.
    pub(super) fn always_says(&self, name: &str) -> bool {
        says(&self.pieces, name)
    }
}

fn collect<'a>(pieces: &'a [Piece], names: &mut BTreeSet<&'a str>) {
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Value(name) => {
                names.insert(name);
            }
            Piece::Choice { of, arms, otherwise } => {
                names.insert(of);
                for (_, pieces) in arms {
                    collect(pieces, names);
                }
                collect(otherwise, names);
            }
        }
    }
}

fn says(pieces: &[Piece], name: &str) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Text(_) => false,
        Piece::Value(value) => value == name,
        Piece::Choice { arms, otherwise, .. } => {
            says(otherwise, name) && arms.iter().all(|(_, pieces)| says(pieces, name))
        }
    })
}

impl Voice {
    fn takes(&self, key: &Key, value: Value<'_>) -> bool {
        match (key, value) {
            (Key::Number(exactly), Value::Number(number)) => *exactly == number,
            (Key::Category(category), Value::Number(number)) => self.category(number) == category,
            (_, Value::Text(_)) => false,
        }
    }

    fn category(&self, number: u64) -> &'static str {
        // The rules look at the last digits alone, and take no number of 64 bits.
        let number = u32::try_from(number).or_else(|_| u32::try_from(number % 1_000_000));
        match self.plural.as_ref().zip(number.ok()).map(|(rules, number)| rules.select(number)) {
            Some(Ok(PluralCategory::ZERO)) => "zero",
            Some(Ok(PluralCategory::ONE)) => "one",
            Some(Ok(PluralCategory::TWO)) => "two",
            Some(Ok(PluralCategory::FEW)) => "few",
            Some(Ok(PluralCategory::MANY)) => "many",
            Some(Ok(PluralCategory::OTHER) | Err(_)) | None => "other",
        }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(&self.pieces, &[], f)
    }
}

/// The sentence as `Display` writes it: values are never in it.
impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sentence({:?})", self.to_string())
    }
}
