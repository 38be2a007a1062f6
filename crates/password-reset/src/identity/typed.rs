//! Text as keyboards, clipboards and phones deliver it.
//!
//! Phones copy a number between marks of direction that cannot be seen, with dashes and spaces that are not ASCII; Arabic
//! and other keyboards have digits of their own. None of it is what the user means to say.

/// Whether a character has no shape of its own: controls, format characters, and those that only join or select.
pub(crate) fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character only divides what stands around it: a space, a dash or nothing that can be seen.
pub(crate) fn is_divider(letter: char) -> bool {
    letter.is_whitespace() || is_invisible(letter) || is_dash(letter)
}

/// The characters of Unicode with the property `Dash`, and the signs that keyboards have in their place.
fn is_dash(letter: char) -> bool {
    matches!(
        letter,
        '-' | '_' | '~' | '\u{ac}' | '\u{af}' | '\u{b7}' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2022}'
                | '\u{2027}'
                | '\u{2043}'
                | '\u{2053}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{2796}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{30fb}'
                | '\u{30fc}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{ff5e}'
                | '\u{ff65}'
                | '\u{10d6e}'
                | '\u{10ead}'
    )
}

/// The text without white space and invisible characters around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter))
}

/// The zeros of the scripts with decimal digits of their own (Unicode general category Nd); nine digits follow each.
const ZEROS: [u32; 69] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0,
    0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1e140,
    0x1e2f0, 0x1e4f0,
];

/// The value of a decimal digit of any script, as an ASCII digit.
pub(crate) fn digit(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then_some(letter);
    }
    let code = u32::from(letter);
    // Mathematical digits come in five styles, one behind the other.
    if (0x1d7ce..=0x1d7ff).contains(&code) {
        return char::from_digit(code.wrapping_sub(0x1d7ce) % 10, 10);
    }
    ZEROS.iter().find_map(|zero| char::from_digit(code.checked_sub(*zero).filter(|value| *value < 10)?, 10))
}

#[cfg(test)]
mod tests {
    use super::{digit, is_divider};

    #[test]
    fn digits_of_all_scripts_have_their_values() {
        for (text, value) in [
            ("0123456789", "0123456789"),
            ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
            ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
            ("०१२३४५६७८९", "0123456789"),
            ("০১২৩৪৫৬৭৮৯", "0123456789"),
            ("๐๑๒๓๔๕๖๗๘๙", "0123456789"),
            ("០១២៣៤៥៦៧៨៩", "0123456789"),
            ("꧐꧑꧒꧓꧔꧕꧖꧗꧘꧙", "0123456789"),
            ("０１２３４５６７８９", "0123456789"),
            ("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "0123456789"),
            ("𝟘𝟙𝟚", "012"),
        ] {
            assert_eq!(text.chars().filter_map(digit).collect::<String>(), value, "{text}");
        }
        for other in "aO²½①Ⅳ一%٪".chars() {
            assert_eq!(digit(other), None, "{other}");
        }
    }

    #[test]
    fn every_dash_and_space_divides_and_nothing_else() {
        for letter in "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{fe63}\u{ff0d}\u{ad}\u{a0}\u{202f}\u{2007}\u{3000}\u{200b}\u{200e}\u{202a}\u{202c}\u{2060}\u{2066}\u{2069}\u{feff}\t\n".chars() {
            assert!(is_divider(letter), "{letter:?}");
        }
        for letter in "aZ0+*#/@é漢".chars() {
            assert!(!is_divider(letter), "{letter:?}");
        }
    }
}
