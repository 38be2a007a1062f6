//! zxcvbn, with its cost bounded.
//!
//! Left to itself it takes a whole second for a hundred characters that mix many look-alikes (`4 @ 8 ( { [ <` …),
//! because it tries every way of reading them. Two bounds keep one estimate in a few milliseconds of an optimised
//! build: only the first code points count, and where there are too many ways, look-alikes of one letter are brought
//! to one of them first. Both can only make the estimate lower, but for a little noise.

use zeroize::Zeroizing;
use zxcvbn::Entropy;
use zxcvbn::feedback::Feedback;

use super::{Violation, Weakness};

/// How many code points are estimated; 32 that follow no pattern are far over the highest strength.
pub(super) const MOST_CHARS: usize = 32;

/// How many words of the account are given to the estimate.
const MOST_WORDS: usize = 64;

/// How many different look-alikes are left as they are.
const MOST_LOOKALIKES: usize = 6;

pub(super) fn estimate(password: &str, words: &[&str]) -> Entropy {
    let head: Zeroizing<String> = Zeroizing::new(password.chars().take(MOST_CHARS).collect());
    let words: Vec<&str> = words.iter().copied().take(MOST_WORDS).collect();
    let lookalikes = LOOKALIKES.chars().filter(|lookalike| head.contains(*lookalike)).count();
    if lookalikes > MOST_LOOKALIKES {
        let plain: Zeroizing<String> = Zeroizing::new(head.chars().map(one_lookalike).collect());
        return zxcvbn::zxcvbn(&plain, &words);
    }
    zxcvbn::zxcvbn(&head, &words)
}

/// What zxcvbn reads as letters, digits aside, of which `1 7 6 9` alone have a second reading.
const LOOKALIKES: &str = "@({[<!|$+%";

/// The digit that is read as the same letter.
fn one_lookalike(letter: char) -> char {
    match letter {
        '@' => '4',
        '{' | '[' | '<' => '(',
        '!' | '|' => '1',
        '$' => '5',
        '+' => '7',
        other => other,
    }
}

/// What is wrong when the strength is under the least.
pub(super) fn weakness(estimate: &Entropy, min: u8) -> Option<Violation> {
    let score = u8::from(estimate.score());
    if score >= min {
        return None;
    }
    let feedback = estimate.feedback();
    Some(Violation::TooWeak(Weakness {
        score,
        min,
        warning: feedback.and_then(Feedback::warning),
        suggestions: feedback.map(Feedback::suggestions).unwrap_or_default().to_vec(),
    }))
}
