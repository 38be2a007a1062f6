//! A mail as a list of parts. Text and HTML are both written from it, so they cannot differ.

use password_reset::Language;

use crate::address::{ENCODED_WORD, is_unsafe};

/// The content of a mail, in one language.
pub(super) struct Letter {
    pub(super) language: Language,
    pub(super) subject: String,
    /// The name of the service, above the text.
    pub(super) site: String,
    /// Mail programs show it beside the subject; no secret.
    pub(super) preheader: String,
    pub(super) heading: String,
    pub(super) parts: Vec<Part>,
    /// The last line: what kind of mail this is.
    pub(super) footer: String,
}

impl Letter {
    /// The letter with a greeting, if there is one, and with these paragraphs behind its first.
    pub(super) fn addressed(mut self, greeting: Option<String>, known: Vec<String>) -> Self {
        let mut parts = self.parts.into_iter();
        let greeting = greeting.map(Part::Paragraph).into_iter().chain(parts.next());
        self.parts = greeting.chain(known.into_iter().map(Part::Paragraph)).chain(parts).collect();
        self
    }
}

pub(super) enum Part {
    Paragraph(String),
    /// What the next parts are about.
    Name(String),
    /// A button; in text, the sentence and the URL.
    Action {
        button: String,
        sentence: String,
        /// The sentence between the button and the plain URL.
        otherwise: String,
        url: String,
    },
    /// A code to type.
    Code {
        sentence: String,
        code: String,
    },
    /// A link of less weight than an action.
    Link(Link),
    /// Advice at the end, with a link if the reader can act.
    Advice {
        heading: String,
        sentence: String,
        link: Option<Link>,
    },
}

/// A link without a button.
pub(super) struct Link {
    /// The sentence before the URL, in text.
    pub(super) sentence: String,
    /// The text of the link, in HTML.
    pub(super) label: String,
    pub(super) url: String,
}

/// `1234 5678`: readers make fewer mistakes with two groups of four than with eight digits. Forms ignore the space.
pub(super) fn grouped(code: &str) -> String {
    match code.split_at_checked(code.len().div_ceil(2)) {
        Some((head, tail)) => format!("{head} {tail}"),
        None => code.to_owned(),
    }
}

/// A name for headers: without controls and characters that hide or redirect text, with single spaces, and without encoded
/// words (RFC 2047), which mail programs would decode.
pub(crate) fn plain(name: &str) -> String {
    let words = name.replace(|letter: char| letter.is_whitespace() || letter.is_control(), " ");
    let seen: String = words.chars().filter(|letter| !is_unsafe(*letter)).collect();
    seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").replace(ENCODED_WORD, "= ?")
}

/// A name for bodies: as [`plain`], and mail programs make no link of it.
pub(super) fn unlinked(name: &str) -> String {
    password_reset::message::unlinked(&plain(name))
}

#[cfg(test)]
mod tests {
    use super::{grouped, plain, unlinked};

    #[test]
    fn codes_are_grouped() {
        assert_eq!(grouped("12345678"), "1234 5678");
        assert_eq!(grouped("123456"), "123 456");
        assert_eq!(grouped(""), " ");
    }

    #[test]
    fn names_are_cleaned() {
        for (name, made) in [
            ("Toko Contoh", "Toko Contoh"),
            ("  Toko \t Contoh ", "Toko Contoh"),
            ("Toko\r\nBcc: x@example.com", "Toko Bcc: x@example.com"),
            ("Toko\0\u{1b}[1m", "Toko [1m"),
            ("Toko \u{202e}hotnoC\u{202c}", "Toko hotnoC"),
            ("To\u{200b}ko\u{feff}", "Toko"),
            ("Toko\u{2028}Contoh\u{85}!", "Toko Contoh !"),
            ("=?utf-8?q?evil?=", "= ?utf-8?q?evil?="),
            ("=\u{200b}?utf-8?q?evil?=", "= ?utf-8?q?evil?="),
        ] {
            assert_eq!(plain(name), made, "{name:?}");
        }
    }

    #[test]
    fn names_in_bodies_are_cleaned_and_no_links() {
        assert_eq!(unlinked("Toko \u{202e}evil.example"), "Toko evil.\u{2060}example");
    }
}
