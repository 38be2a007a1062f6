//! A mail as a list of parts, which text and HTML both are written from: so they cannot differ (R143).

use std::time::Duration;

use crate::address::{ENCODED_WORD, is_unsafe};

/// What a mail says, in one language.
pub(super) struct Letter {
    pub(super) language: &'static str,
    pub(super) subject: String,
    /// The name of the service, above the text.
    pub(super) site: String,
    /// What a list of mails shows beside the subject; no secret (R152).
    pub(super) preheader: String,
    pub(super) heading: String,
    pub(super) parts: Vec<Part>,
}

pub(super) enum Part {
    Paragraph(String),
    /// A button; in text, the sentence and the URL.
    Action {
        button: String,
        sentence: String,
        /// Stands between the button and the plain URL.
        otherwise: String,
        url: String,
    },
    /// A code to be typed.
    Code {
        sentence: String,
        code: String,
    },
    /// Advice at the end, with a link if there is something to be done.
    Advice {
        heading: String,
        sentence: String,
        link: Option<Link>,
    },
}

/// Something that can be done about it.
pub(super) struct Link {
    /// In text, stands before the URL.
    pub(super) sentence: String,
    /// In HTML, is the link.
    pub(super) label: String,
    pub(super) url: String,
}

/// `1234 5678`: four and four are read and typed with fewer mistakes than eight, and the space is ignored when typed.
pub(super) fn grouped(code: &str) -> String {
    match code.split_at_checked(code.len().div_ceil(2)) {
        Some((head, tail)) => format!("{head} {tail}"),
        None => code.to_owned(),
    }
}

/// A name for headers: controls and characters that turn or hide text are gone, white space is single, and nothing is
/// an encoded word (RFC 2047), which mail programs would decode into anything.
pub(crate) fn plain(name: &str) -> String {
    let words = name.replace(|letter: char| letter.is_whitespace() || letter.is_control(), " ");
    let seen: String = words.chars().filter(|letter| !is_unsafe(*letter)).collect();
    seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").replace(ENCODED_WORD, "= ?")
}

/// A name for bodies: as [`plain`], and what looks like an address of the web or of mail has word joiners in it, so
/// that no mail program makes a link of it (R150). People see no difference.
pub(super) fn unlinked(name: &str) -> String {
    let name = plain(name);
    let mut out = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        let goes_on = letters.peek().is_some_and(|next| !next.is_whitespace());
        if goes_on && matches!(letter, '.' | ':' | '/' | '@' | '。' | '．' | '｡') {
            out.push('\u{2060}');
        }
    }
    out
}

/// Days, hours and minutes of a duration, without those that are nought. Rounded down: a link never lives shorter than
/// its mail says.
pub(super) fn spans(duration: Duration) -> Vec<(u64, Unit)> {
    let minutes = duration.as_secs() / 60;
    [(minutes / 1440, Unit::Day), (minutes / 60 % 24, Unit::Hour), (minutes % 60, Unit::Minute)]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Hour,
    Minute,
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
    fn names_are_made_plain() {
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
    fn names_that_look_like_links_are_broken_up_invisibly() {
        assert_eq!(unlinked("Toko Contoh, Tbk."), "Toko Contoh, Tbk.");
        assert_eq!(unlinked("evil.example"), "evil.\u{2060}example");
        assert_eq!(
            unlinked("https://evil.example/a"),
            "https:\u{2060}/\u{2060}/\u{2060}evil.\u{2060}example/\u{2060}a"
        );
        assert_eq!(unlinked("a@evil.example"), "a@\u{2060}evil.\u{2060}example");
    }
}
