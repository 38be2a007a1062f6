//! The drafted text, and the search for the code in a message.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::identity::typed::is_invisible;
use crate::message::Site;
use crate::secret::InboundCode;
use crate::texts::Language;

/// The prefix of the code, in every language.
pub(super) const PREFIX: &str = "kode";

/// A longer text cannot be the drafted text with the edits that are allowed.
const MAX_BYTES: usize = 1_200;

/// The sentence before the code in the drafted text: service, purpose and a warning.
pub(super) fn sentence(language: &Language, site_name: &str) -> String {
    language.fill("message-to-send", &[("name", site_name.into())])
}

/// The code of a message whose whole text is the drafted sentence and the code or, if `bare` is set, the code alone.
///
/// Folds compatibility forms, and ignores case, white space, punctuation and all other characters that are no letters and
/// no digits: the marks of bold text, quotes, a full stop. Any other word around the code makes the result `None`, so a
/// text with two codes, or with a code amid other words, has none.
pub(crate) fn code_in(text: &str, bare: bool, site: &Site) -> Option<InboundCode> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let words = letters(text);
    let at = words.rfind(PREFIX)?;
    let (before, rest) = words.split_at_checked(at)?;
    let known = (bare && before.is_empty())
        || site.languages().iter().any(|language| before == letters(&sentence(language, site.name())));
    if !known {
        return None;
    }
    InboundCode::parse(rest.strip_prefix(PREFIX)?)
}

/// Letters and digits in lower case.
fn letters(text: &str) -> String {
    let folded: Cow<'_, str> = if text.is_ascii() { text.into() } else { text.nfkc().collect::<String>().into() };
    folded
        .chars()
        // Some emoji and combining marks are numeric or alphabetic only by name; what is neither decides nothing.
        .filter(|letter| letter.is_alphanumeric() && !is_invisible(*letter))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
