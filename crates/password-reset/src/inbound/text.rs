//! The text that a person sends, and finding the code in what arrives.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::identifier::is_invisible;
use crate::locale::Locale;
use crate::message::Site;
use crate::secret::InboundCode;

/// What stands before the code, in every language.
pub(super) const PREFIX: &str = "kode";

/// Longer texts hold no code: nobody edits ours to that length.
const MAX_BYTES: usize = 1_200;

/// What stands before the code in the text that a page drafts: service, purpose, and a warning (R129).
pub(super) fn sentence(locale: Locale, site_name: &str) -> String {
    match locale {
        Locale::English => {
            format!("I am resetting my password at {site_name}. Do not send this because somebody asked you to. ")
        }
        Locale::Indonesian => {
            format!("Saya mengatur ulang kata sandi saya di {site_name}. Jangan kirim karena diminta orang lain. ")
        }
    }
}

/// The code of a message: the whole text is our sentence and the code, or, where `bare` is accepted, the code alone.
///
/// Compatibility forms are folded and what cannot be seen is dropped, case and white space do not count; nothing else
/// may stand around it, so that a text with two codes, or one in the middle of others' words, has none (R126).
pub(crate) fn code_in(text: &str, bare: bool, site: &Site) -> Option<InboundCode> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let words = simplified(text);
    let at = words.rfind(PREFIX)?;
    let (before, rest) = words.split_at_checked(at)?;
    let known = (bare && before.is_empty())
        || Locale::ALL.into_iter().any(|locale| before == simplified(&sentence(locale, site.name())));
    if !known {
        return None;
    }
    let typed = rest.strip_prefix(PREFIX)?.trim_start_matches([':', '-', '_']);
    InboundCode::parse(typed)
}

/// Lower case, without white space and without what cannot be seen.
fn simplified(text: &str) -> String {
    let folded: Cow<'_, str> = if text.is_ascii() { text.into() } else { text.nfkc().collect::<String>().into() };
    folded
        .chars()
        .filter(|letter| !letter.is_whitespace() && !is_invisible(*letter))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3), a space as `%20`.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 0x0f] {
                encoded.extend(char::from_digit(u32::from(nibble), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}
