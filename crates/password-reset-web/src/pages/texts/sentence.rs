//! One sentence with placeholders.

use std::borrow::Cow;
use std::fmt;

/// One sentence of [`Texts`](super::Texts), with placeholders in braces: `Sign in to {site}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(Cow<'static, str>);

impl Sentence {
    pub(super) const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The sentence as written, with its placeholders.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sentence with a value in place of `{name}`. Placeholders within the value are not filled.
    #[must_use]
    pub fn with(&self, name: &str, value: impl fmt::Display) -> String {
        self.0.replace(&format!("{{{name}}}"), &value.to_string())
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&'static str> for Sentence {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}
