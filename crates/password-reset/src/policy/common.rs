//! Passwords that attackers try first.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;
use zxcvbn::Entropy;
use zxcvbn::matching::patterns::MatchPattern;

use super::strength;
use crate::identity::password::Password;

/// Shorter stems are no words.
const SHORTEST_STEM: usize = 3;

/// Up to this many digits and symbols around a common password do not make it better: a year and an exclamation mark.
const MAX_AROUND: usize = 5;

/// A pattern that takes this many guesses or more is not refused for being one pattern.
const FEW_GUESSES: u64 = 100_000_000;

/// Values that an application refuses as passwords, in addition to the built-in lists.
///
/// Compared with the whole value and with its stem, ignoring case. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Blocklist(Arc<HashSet<String>>);

impl Blocklist {
    /// Makes a list of these values, without empty ones; of a file's, with [`str::lines`].
    #[must_use]
    pub fn new<I, S>(values: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let folded = values.into_iter().map(|value| fold(value.as_ref()).to_string());
        Self(Arc::new(folded.filter(|value| !value.is_empty()).collect()))
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the list has no values.
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
    let normal = Password::new(value);
    Zeroizing::new(normal.expose().chars().flat_map(char::to_lowercase).collect())
}

/// Whether attackers try the value first, as it is or without a few digits and symbols around it.
///
/// `estimate` is zxcvbn's of the whole value. It also knows `words`, which [`Rule::NotContext`](super::Rule::NotContext)
/// covers; a match with one of them does not count here.
pub(super) fn is_common(password: &str, estimate: &Entropy, words: &[&str], blocklist: &Blocklist) -> bool {
    if blocklist.has(&fold(password)) || is_one_pattern(estimate, words) {
        return true;
    }
    let Some(stem) = Stem::of(password) else { return false };
    blocklist.has(&stem.folded)
        || (stem.can_be_one_pattern(password, estimate) && is_one_pattern(&stem.estimate(), words))
}

/// The value without the digits and symbols at both ends, where it differs from the value.
struct Stem<'a> {
    typed: &'a str,
    // Without its case, because `Abcdefg` is the same sequence as `abcdefg`.
    folded: Zeroizing<String>,
    around: u32,
}

impl<'a> Stem<'a> {
    fn of(password: &'a str) -> Option<Self> {
        let typed = password.trim_matches(|letter: char| !letter.is_alphabetic());
        let letters = typed.chars().count();
        let around = password.chars().count().saturating_sub(letters);
        if around > MAX_AROUND || letters < SHORTEST_STEM {
            return None;
        }
        let folded = fold(typed);
        (*folded != *password).then_some(Self { typed, folded, around: u32::try_from(around).unwrap_or(u32::MAX) })
    }

    fn estimate(&self) -> Entropy {
        strength::estimate(&self.folded, &[])
    }

    /// Whether an estimate of the stem can find one pattern. `false` spares that estimate for nearly every password that
    /// is long enough for the default policy.
    ///
    /// A stem that is one pattern of few guesses bounds the estimate of the whole value. zxcvbn takes the cheapest
    /// sequence, and one way to explain the value is: brute force, the pattern with its case, brute force. That costs at
    /// most `3! · pattern · 10^around + 10⁸` guesses, where case multiplies a dictionary word or a key row by the number of
    /// ways to choose the upper-case letters. An estimate above the bound therefore rules one pattern out. Upper-case
    /// letters split sequences and repetitions into several patterns, so the bound does not hold for those.
    fn can_be_one_pattern(&self, password: &str, whole: &Entropy) -> bool {
        // The two estimates must look at the same text.
        let cut = !password.starts_with(self.typed) && password.chars().count() > strength::MAX_CHARS;
        if cut || strength::is_simplified(password) || is_sequence_or_repeat(&self.folded) {
            return true;
        }
        let upper = self.typed.chars().filter(|letter| letter.is_uppercase()).count();
        let most = FEW_GUESSES
            .saturating_mul(ways_to_choose(self.typed.chars().count(), upper))
            .saturating_mul(10_u64.saturating_pow(self.around))
            .saturating_mul(SLACK)
            .saturating_add(FEW_GUESSES);
        whole.guesses() <= most
    }
}

/// `3!`, and room for the least guesses that zxcvbn counts for very short pieces.
const SLACK: u64 = 16;

/// In how many ways at most so many of the letters can be chosen.
fn ways_to_choose(letters: usize, at_most: usize) -> u64 {
    let (letters, at_most) = (letters as u64, at_most as u64);
    let mut ways: u64 = 1;
    let mut sum: u64 = 1;
    for chosen in 1..=at_most.min(letters) {
        let left = letters.saturating_sub(chosen).saturating_add(1);
        ways = ways.saturating_mul(left).checked_div(chosen).unwrap_or(u64::MAX);
        sum = sum.saturating_add(ways);
    }
    sum
}

/// Whether every step from letter to letter is the same, or the text is a shorter one repeated.
fn is_sequence_or_repeat(text: &str) -> bool {
    let letters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().take(strength::MAX_CHARS).collect());
    let mut steps =
        letters.iter().zip(letters.iter().skip(1)).map(|(one, next)| u32::from(*next).wrapping_sub(u32::from(*one)));
    let first = steps.next();
    let repeats = |period: usize| letters.iter().zip(letters.iter().skip(period)).all(|(one, later)| one == later);
    steps.all(|step| Some(step) == first) || (1..=letters.len() / 2).any(repeats)
}

/// Whether the cheapest explanation is one word, date, key row, sequence or repetition and nothing else.
///
/// zxcvbn explains a value by the cheapest sequence of patterns. Two patterns cost at least 11,100 guesses, so each of
/// the first 11,100 entries of its lists is always explained as itself.
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

#[cfg(test)]
mod tests;
