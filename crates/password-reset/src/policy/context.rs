//! Words of the account and the service, and their simple derivatives.

use zeroize::Zeroizing;

/// Shorter words are part of too many good passwords.
const SHORTEST_WORD: usize = 3;

/// Shorter parts of a word (of an address: `toko` and `example`, not `id`) are ignored.
const SHORTEST_PART: usize = 4;

/// Up to this many digits and symbols around a word, such as a date, do not make it better.
const MAX_AROUND: usize = 8;

/// The number of words, and the length of each, that are read.
const MAX_WORDS: usize = 64;
const LONGEST_WORD: usize = 254;

type Letters = Zeroizing<Vec<char>>;

/// Whether the whole password is one of the words or a simple derivative of one.
pub(super) fn is_derived(password: &str, words: &[&str]) -> bool {
    let typed = letters(password);
    let joined = only_alphanumeric(&typed);
    words.iter().filter(|word| word.len() <= LONGEST_WORD).take(MAX_WORDS).any(|word| {
        let word = letters(word);
        let whole = [word.clone(), only_alphanumeric(&word)];
        let parts = word.split(|letter| !letter.is_alphanumeric()).filter(|part| part.len() >= SHORTEST_PART);
        whole.iter().map(|word| word.as_slice()).filter(|word| word.len() >= SHORTEST_WORD).chain(parts).any(|word| {
            let backwards: Letters = Zeroizing::new(word.iter().rev().copied().collect());
            [word, &backwards].into_iter().any(|word| is_made_of(&typed, word) || is_made_of(&joined, word))
        })
    })
}

fn letters(text: &str) -> Letters {
    Zeroizing::new(text.chars().flat_map(char::to_lowercase).collect())
}

fn only_alphanumeric(letters: &[char]) -> Letters {
    Zeroizing::new(letters.iter().copied().filter(|letter| letter.is_alphanumeric()).collect())
}

/// Whether a password is the word, once or repeated, with no letters and few other characters around it.
fn is_made_of(password: &[char], word: &[char]) -> bool {
    (0..=MAX_AROUND.min(password.len())).any(|before| {
        let (head, rest) = password.split_at(before);
        let mut around = head.len();
        let mut rest = rest;
        let mut found = false;
        while let Some((front, after)) = rest.split_at_checked(word.len()) {
            if !front.iter().zip(word).all(|(left, right)| skeleton(*left) == skeleton(*right)) {
                break;
            }
            found = true;
            rest = after;
        }
        around = around.saturating_add(rest.len());
        found && around <= MAX_AROUND && head.iter().chain(rest).all(|letter| !letter.is_alphabetic())
    })
}

/// One character for each group of look-alikes, so that `P4$$` and `pass` are the same.
fn skeleton(letter: char) -> char {
    match letter {
        '4' | '@' => 'a',
        '8' => 'b',
        '(' | '{' | '[' | '<' => 'c',
        '3' => 'e',
        '6' | '9' => 'g',
        '1' | '!' | '|' | 'l' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '%' => 'x',
        '2' => 'z',
        other => other,
    }
}
