//! The classes of digits and symbols.

use unicode_normalization::char::is_combining_mark;

use crate::identity::typed::is_invisible;

/// A decimal digit or other number sign of any script. Roman numerals such as `Ⅷ` are letters to Unicode, and here.
pub(super) fn is_digit(letter: char) -> bool {
    letter.is_numeric() && !letter.is_alphabetic()
}

/// A visible character that is no letter, no digit, no part of a letter and no space.
pub(super) fn is_symbol(letter: char) -> bool {
    !letter.is_alphanumeric()
        && !letter.is_whitespace()
        && !is_invisible(letter)
        && !is_combining_mark(letter)
        && !is_without_meaning(letter)
}

/// Private use characters and noncharacters, which have no defined look.
fn is_without_meaning(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{f0000}'..)
        || u32::from(letter) & 0xfffe == 0xfffe
}
