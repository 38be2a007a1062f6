//! Passwords that are guessed first.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, BufRead};
use std::sync::Arc;

use zeroize::Zeroizing;
use zxcvbn::Entropy;
use zxcvbn::matching::patterns::MatchPattern;

use super::strength;
use crate::password::normalize_password;

/// Shorter rests are no words.
const SHORTEST_STEM: usize = 3;

/// How many digits and symbols around a common password make it no better: a year and an exclamation mark.
const MAX_AROUND: usize = 5;

/// A pattern that takes more guesses than these is not refused for being one pattern.
const FEW_GUESSES: u64 = 100_000_000;

/// Values that an application refuses as passwords, beside those that everybody should refuse.
///
/// Compared with the whole value, whatever its case. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Blocklist(Arc<HashSet<String>>);

impl Blocklist {
    /// Takes values; empty ones are left out.
    #[must_use]
    pub fn new<I, S>(values: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let folded = values.into_iter().map(|value| fold(value.as_ref()).to_string());
        Self(Arc::new(folded.filter(|value| !value.is_empty()).collect()))
    }

    /// Reads values, one a line; empty lines are left out, spaces inside and around a value are kept.
    ///
    /// # Errors
    /// When reading fails, or the text is not UTF-8.
    pub fn from_lines(lines: impl BufRead) -> io::Result<Self> {
        let lines: Vec<String> = lines.lines().collect::<Result<_, _>>()?;
        Ok(Self::new(lines))
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, folded: &str) -> bool {
        self.0.contains(folded)
    }
}

impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blocklist({} values)", self.len())
    }
}

fn fold(value: &str) -> Zeroizing<String> {
    let normal = normalize_password(value);
    Zeroizing::new(normal.chars().flat_map(char::to_lowercase).collect())
}

/// Whether the whole value, or what is left of it without a few digits and symbols around, is guessed first.
///
/// `estimate` is of the whole value; `words` are those that it was made with and are no reason here.
pub(super) fn is_common(password: &str, estimate: &Entropy, words: &[&str], blocklist: &Blocklist) -> bool {
    if blocklist.has(&fold(password)) || is_one_pattern(estimate, words) {
        return true;
    }
    let stem = password.trim_matches(|letter: char| !letter.is_alphabetic());
    let letters = stem.chars().count();
    let around = password.chars().count().saturating_sub(letters);
    if around > MAX_AROUND || letters < SHORTEST_STEM {
        return false;
    }
    // Without its case, for `Abcdefg` is the same sequence.
    let stem = fold(stem);
    *stem != *password && (blocklist.has(&stem) || is_one_pattern(&strength::estimate(&stem, &[]), words))
}

/// Whether the first guess at the structure is one word, date, key row, sequence or repetition and nothing else.
///
/// zxcvbn explains a value by the cheapest sequence of patterns. Two patterns cost at least 11,100 guesses, so each of
/// the first 11,100 entries of its lists is always explained as itself (R75 asks for 3,000).
fn is_one_pattern(estimate: &Entropy, words: &[&str]) -> bool {
    let [only] = estimate.sequence() else {
        return false;
    };
    match &only.pattern {
        MatchPattern::BruteForce => false,
        MatchPattern::Dictionary(word) => !words.iter().any(|given| given.to_lowercase() == word.matched_word),
        MatchPattern::Spatial(_)
        | MatchPattern::Repeat(_)
        | MatchPattern::Sequence(_)
        | MatchPattern::Regex(_)
        | MatchPattern::Date(_) => estimate.guesses() < FEW_GUESSES,
    }
}
