//! Words of the account and the service, and their simple derivatives.

use zeroize::Zeroizing;

use crate::identity::typed::digit;

/// Shorter words are part of too many good passwords.
const SHORTEST_WORD: usize = 3;

/// Shorter parts of an address (`toko` and `example`, not `id`) are ignored.
const SHORTEST_PART: usize = 4;

/// The most digits of a country's code. Without them a number is as its owner writes it; a trunk zero, the code or `00`
/// before it are digits around the word.
const COUNTRY_DIGITS: usize = 3;

/// Fewer digits are no telephone number without its country.
const SHORTEST_NUMBER: usize = 7;

/// Up to this many digits and symbols around a word, such as a date, do not make it better.
const MAX_AROUND: usize = 8;

/// The number of words, and the length of each, that are read.
const MAX_WORDS: usize = 64;
const LONGEST_WORD: usize = 254;

/// A word of more parts is a sentence, and no name.
const MAX_NAMES: usize = 4;

type Letters = Zeroizing<Vec<char>>;

/// Whether the whole password is one of the words or a simple derivative of one.
pub(super) fn is_derived(password: &str, words: &[&str]) -> bool {
    let typed = letters(password);
    let joined = only_alphanumeric(&typed);
    words.iter().filter(|word| word.len() <= LONGEST_WORD).take(MAX_WORDS).any(|word| {
        forms(&letters(word)).iter().filter(|form| form.len() >= SHORTEST_WORD).any(|form| {
            let backwards: Letters = Zeroizing::new(form.iter().rev().copied().collect());
            [form, &backwards].into_iter().any(|form| is_made_of(&typed, form) || is_made_of(&joined, form))
        })
    })
}

/// All forms in which people write a word: an address without its domain, a number without its country, the parts of a
/// name in both orders and with an initial.
fn forms(word: &[char]) -> Vec<Letters> {
    let owned = |letters: &[char]| Zeroizing::new(letters.to_vec());
    let parts = |word: &[char], shortest: usize| -> Vec<Letters> {
        let parts = word.split(|letter| !letter.is_alphanumeric());
        parts.filter(|part| part.len() >= shortest).map(owned).collect()
    };
    let mut forms = vec![owned(word), only_alphanumeric(word)];
    let digits: Letters = Zeroizing::new(word.iter().copied().filter(char::is_ascii_digit).collect());
    if !word.iter().any(|letter| letter.is_alphabetic()) {
        let national = digits.get(COUNTRY_DIGITS..).filter(|national| national.len() >= SHORTEST_NUMBER);
        forms.extend(national.map(owned));
    }
    let mut at = word.splitn(2, |letter| *letter == '@');
    let (local, domain) = (at.next().unwrap_or_default(), at.next());
    forms.extend(domain.into_iter().flat_map(|domain| parts(domain, SHORTEST_PART)));
    // Behind a plus stands a tag, and not the name.
    let mut untagged = local.split(|letter| *letter == '+' && domain.is_some());
    let name = untagged.next().unwrap_or_default();
    forms.extend(untagged.flat_map(|tag| parts(tag, SHORTEST_PART)));
    if domain.is_some() {
        forms.extend([owned(local), only_alphanumeric(local), owned(name), only_alphanumeric(name)]);
    }
    let names = parts(name, 1);
    if let ([first, .., last], true) = (names.as_slice(), names.len() <= MAX_NAMES) {
        let initial = |name: &Letters| name.iter().copied().take(1).collect::<Vec<_>>();
        let backwards: Letters = Zeroizing::new(names.iter().rev().flat_map(|name| name.iter().copied()).collect());
        forms.push(backwards);
        for (one, other) in [(first, last), (last, first)] {
            forms.push(Zeroizing::new([one.as_slice(), other.as_slice()].concat()));
            forms.push(Zeroizing::new([initial(one).as_slice(), other.as_slice()].concat()));
            forms.push(Zeroizing::new([one.as_slice(), initial(other).as_slice()].concat()));
        }
    }
    forms.extend(names);
    forms
}

fn letters(text: &str) -> Letters {
    let plain = |letter: char| digit(letter).unwrap_or(letter);
    Zeroizing::new(text.chars().map(plain).flat_map(char::to_lowercase).collect())
}

fn only_alphanumeric(letters: &[char]) -> Letters {
    Zeroizing::new(letters.iter().copied().filter(|letter| letter.is_alphanumeric()).collect())
}

/// Whether a password is the word, once or repeated, with no letters and few other characters around it.
fn is_made_of(password: &[char], word: &[char]) -> bool {
    (0..=MAX_AROUND.min(password.len())).any(|before| {
        let (head, behind) = password.split_at(before);
        let is_word =
            |letters: &[char]| letters.iter().zip(word).all(|(one, other)| skeleton(*one) == skeleton(*other));
        let mut rest = behind;
        while let Some((_, after)) = rest.split_at_checked(word.len()).filter(|(front, _)| is_word(front)) {
            rest = after;
        }
        let is_found = rest.len() < behind.len();
        let around = head.len().saturating_add(rest.len());
        is_found && around <= MAX_AROUND && head.iter().chain(rest).all(|letter| !letter.is_alphabetic())
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
