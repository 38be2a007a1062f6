//! Words of strangers as messages show them: names of people and accounts, and devices.
//!
//! A stranger who signs up chooses a name, and one who requests a reset a browser; both stand in a mail that the service signs. What does
//! not look like one is left out rather than corrected.

use unicode_normalization::char::is_combining_mark;

use crate::identity::typed::is_invisible;

/// The most characters that say on which device something was done.
pub(crate) const MAX_DEVICE: usize = 80;
/// Longer names leave room for a sentence.
const MAX_NAME: usize = 50;
/// The most characters of the name of an account.
const MAX_USERNAME: usize = 64;
/// More are a sentence.
const MAX_SPACES: usize = 2;
/// Text with as many digits may be read as a telephone number.
const DIGITS_OF_A_NUMBER: usize = 7;

/// A person's name: letters, single spaces and `-'’.,`, in one line, without titles behind a comma, and without anything that a
/// mail program makes a link of.
pub(crate) fn name(stored: &str) -> Option<String> {
    let name = stored.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = match name.split_once(',') {
        Some((name, titles)) if titles.contains('.') => name.to_owned(),
        _ => name,
    };
    let fits = |letter: char| letter.is_alphabetic() || is_combining_mark(letter) || " -'’.,".contains(letter);
    // `J.R.R.` has single letters behind its full stops; a host has more.
    let is_host = |word: &str| word.split('.').skip(1).any(|part| part.chars().count() > 1);
    let is_name = (1..=MAX_NAME).contains(&name.chars().count())
        && name.chars().all(fits)
        && name.contains(char::is_alphabetic)
        && !name.split(' ').any(is_host);
    is_name.then_some(name)
}

/// The name by which an account is told apart. It is a part of a login and stays as it is, so it may have full stops and `@`.
pub(crate) fn username(stored: &str) -> Option<String> {
    let fits = |letter: char| {
        !is_invisible(letter) && (letter == ' ' || !letter.is_whitespace()) && !"/\\:<>\"`".contains(letter)
    };
    let is_name = (1..=MAX_USERNAME).contains(&stored.chars().count())
        && stored.trim() == stored
        && !stored.contains("  ")
        && stored.matches(' ').count() <= MAX_SPACES
        && stored.chars().all(fits);
    is_name.then(|| stored.to_owned())
}

/// A device: at most 80 letters, digits, spaces and `-,()`.
pub(crate) fn device(words: &str) -> Option<String> {
    let kept = words.chars().filter(|letter| letter.is_alphanumeric() || " -,()".contains(*letter));
    let kept: String = kept.take(MAX_DEVICE).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// A name for a text that programs show: with invisible word joiners (U+2060) in anything that looks like a web or mail address or a
/// telephone number, so that they make no link of it. For texts of your own, with
/// [`Message::username`](crate::Message::username) or the device of a message.
///
/// ```
/// assert_eq!(password_reset::message::unlinked("ani.w"), "ani.\u{2060}w");
/// ```
#[must_use]
pub fn unlinked(name: &str) -> String {
    let is_number = name.chars().filter(|letter| letter.is_numeric()).count() >= DIGITS_OF_A_NUMBER;
    let joined = |letter: char| ".:/@。．｡".contains(letter) || is_number && (letter.is_numeric() || letter == '+');
    let mut out = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        if joined(letter) && letters.peek().is_some_and(|next| !next.is_whitespace()) {
            out.push('\u{2060}');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{device, name, unlinked, username};

    #[test]
    fn names_that_look_like_links_get_invisible_joiners() {
        assert_eq!(unlinked("Toko Contoh, Tbk."), "Toko Contoh, Tbk.");
        assert_eq!(unlinked("evil.example"), "evil.\u{2060}example");
        assert_eq!(
            unlinked("https://evil.example/a"),
            "https:\u{2060}/\u{2060}/\u{2060}evil.\u{2060}example/\u{2060}a"
        );
        assert_eq!(unlinked("a@evil.example"), "a@\u{2060}evil.\u{2060}example");
    }

    #[test]
    fn names_that_look_like_telephone_numbers_get_them_too() {
        assert_eq!(unlinked("toko-24-2026"), "toko-24-2026");
        let unmarked = |text: &str| text.replace('\u{2060}', "");
        for number in ["081200000001", "+62 812-0000", "call 0812 3456"] {
            let text = unlinked(number);
            assert_eq!(unmarked(&text), number);
            let runs = text.split(|letter: char| !letter.is_ascii_digit());
            assert!(runs.into_iter().all(|run| run.len() < 2), "{text:?}");
        }
    }

    #[test]
    fn names_of_people_stay_and_everything_else_is_left_out() {
        for (stored, shown) in [
            ("Ani", Some("Ani")),
            ("  Ani \t Wulandari\n", Some("Ani Wulandari")),
            ("J.R.R. Tolkien", Some("J.R.R. Tolkien")),
            ("dr. Ani Wulandari, Sp.A., M.Kes", Some("dr. Ani Wulandari")),
            ("Wulandari, Ani", Some("Wulandari, Ani")),
            ("Jean-Luc O'Neill", Some("Jean-Luc O'Neill")),
            ("Nguyễn Thị Ánh", Some("Nguyễn Thị Ánh")),
            ("स्मृति", Some("स्मृति")),
            ("王芳", Some("王芳")),
            ("", None),
            (" . ", None),
            ("evil.example", None),
            ("Ani evil.example", None),
            ("evil.co, Ani", None),
            ("Ani, evil.example", Some("Ani")),
            ("https://evil.example", None),
            ("a@evil.example", None),
            ("Call 0812 3456", None),
            ("<b>Ani</b>", None),
            ("Ani\u{202e}inA", None),
            ("evil。example", None),
            ("Your account was taken over so call the shop and say", None),
        ] {
            assert_eq!(name(stored).as_deref(), shown, "{stored:?}");
        }
        assert!(name(&"a".repeat(50)).is_some() && name(&"a".repeat(51)).is_none());
    }

    #[test]
    fn names_of_accounts_stay_as_they_are_typed() {
        for kept in ["ani", "ani.w", "ani@toko.example", "Toko Ani 2", "Ání_7", "王芳"] {
            assert_eq!(username(kept).as_deref(), Some(kept));
        }
        for left in [
            "",
            " ani",
            "a  b",
            "https://evil.example",
            "evil.example/a",
            "ani\nBcc: x",
            "ani\u{200b}",
            "an\u{202e}i",
            "<b>",
            "please call the shop",
        ] {
            assert_eq!(username(left), None, "{left:?}");
        }
        assert!(username(&"a".repeat(64)).is_some() && username(&"a".repeat(65)).is_none());
    }

    #[test]
    fn devices_are_bounded_and_no_links() {
        assert_eq!(device(" Chrome (Android), Surabaya ").as_deref(), Some("Chrome (Android), Surabaya"));
        assert_eq!(device("https://evil.example/<b>").as_deref(), Some("httpsevilexampleb"));
        assert_eq!(device("\r\n..").as_deref(), None);
        assert_eq!(device(&"a".repeat(200)).map(|kept| kept.len()), Some(80));
    }
}
