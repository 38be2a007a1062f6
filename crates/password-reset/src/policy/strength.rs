//! zxcvbn, with bounded cost.
//!
//! Without bounds it takes a second for a hundred characters that mix many look-alikes (`4 @ 8 ( { [ <` …), because it
//! tries every reading of them. Two bounds keep one estimate within a few milliseconds of an optimised build: only the
//! first code points count, and where there are too many readings, look-alikes of one letter are replaced by one of them
//! first. Apart from a little noise, both can only lower the estimate.

use zeroize::Zeroizing;
use zxcvbn::Entropy;
use zxcvbn::feedback::Feedback;

use super::{Violation, Weakness};

/// The number of code points that are estimated; 32 without a pattern are far above the highest strength.
pub(super) const MAX_CHARS: usize = 32;

/// The number of the account's words that the estimate knows.
const MAX_WORDS: usize = 64;

/// The number of readings of look-alikes that zxcvbn may try.
const MAX_READINGS: usize = 8;

/// Look-alikes of one letter; zxcvbn tries every choice of one from each group.
const LOOKALIKES: [&str; 7] = ["4@", "({[<", "69", "1!|", "1|7", "5$", "7+"];

pub(super) fn estimate(password: &str, words: &[&str]) -> Entropy {
    let head: Zeroizing<String> = Zeroizing::new(password.chars().take(MAX_CHARS).collect());
    let words: Vec<&str> = words.iter().copied().take(MAX_WORDS).collect();
    if is_simplified(&head) {
        let plain: Zeroizing<String> = Zeroizing::new(head.chars().map(one_lookalike).collect());
        return zxcvbn::zxcvbn(&plain, &words);
    }
    zxcvbn::zxcvbn(&head, &words)
}

/// Whether look-alikes are replaced by one of their group before the estimate.
pub(super) fn is_simplified(text: &str) -> bool {
    readings(text) > MAX_READINGS
}

fn readings(text: &str) -> usize {
    let present = |group: &str| group.chars().filter(|lookalike| text.contains(*lookalike)).count().max(1);
    LOOKALIKES.iter().map(|group| present(group)).fold(1, usize::saturating_mul)
}

/// One of the look-alikes of the same letter.
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

/// The violation when the strength is below the minimum.
pub(super) fn weakness(estimate: &Entropy, min: u8) -> Option<Violation> {
    let score = u8::from(estimate.score());
    if score >= min {
        return None;
    }
    let feedback = estimate.feedback();
    let warning = feedback.and_then(Feedback::warning);
    let suggestions = feedback.map(Feedback::suggestions).unwrap_or_default().to_vec();
    Some(Violation::weak(min, Weakness { score, warning, suggestions }))
}
