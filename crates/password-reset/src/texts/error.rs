//! What is wrong with the file of a language.

use std::fmt;

/// A file is not a complete language: all that is wrong with it, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageError {
    pub(super) tag: String,
    pub(super) problems: Vec<LanguageProblem>,
}

impl LanguageError {
    /// Everything that is wrong: first what cannot be read, in the order of the file, and then the rest by key.
    #[must_use]
    pub fn problems(&self) -> &[LanguageProblem] {
        &self.problems
    }
}

/// More are not shown at once: a new file lacks hundreds.
const SHOWN: usize = 12;

impl fmt::Display for LanguageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "language {:?}", self.tag)?;
        for problem in self.problems.iter().take(SHOWN) {
            write!(f, "; {problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for LanguageError {}

/// One thing that is wrong with the file of a language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LanguageProblem {
    /// The tag is none.
    #[error("tag: use a code of two or three letters, like `ms`")]
    Tag,
    /// A line is not Fluent.
    #[error("line {line}: not a sentence of Fluent")]
    Syntax {
        /// The line, from 1.
        line: usize,
    },
    /// A sentence uses more of Fluent than these crates read.
    #[error("{key}: {what} is not supported, write it out")]
    Unsupported {
        /// The key of the sentence.
        key: String,
        /// The part of Fluent.
        what: &'static str,
    },
    /// A key is there twice.
    #[error("{key}: is there twice")]
    Twice {
        /// The key.
        key: String,
    },
    /// A key is missing.
    #[error("{key}: missing")]
    Missing {
        /// The key.
        key: String,
    },
    /// There is no sentence of this key.
    #[error("{key}: unknown key")]
    Unknown {
        /// The key.
        key: String,
    },
    /// Nothing fills this placeholder.
    #[error("{key}: has no value ${placeholder}, it has {}", shown(has))]
    UnknownPlaceholder {
        /// The key of the sentence.
        key: String,
        /// The placeholder.
        placeholder: String,
        /// Those that the sentence has.
        has: Vec<String>,
    },
    /// A value is not said.
    #[error("{key}: must say ${placeholder}")]
    MissingPlaceholder {
        /// The key of the sentence.
        key: String,
        /// The placeholder.
        placeholder: String,
    },
    /// A secret stands where locked screens and lists of mails show it.
    #[error("{key}: must not say ${placeholder}, which is secret")]
    Secret {
        /// The key of the sentence.
        key: String,
        /// The placeholder.
        placeholder: String,
    },
    /// The direction is none.
    #[error("language-direction: use `ltr` or `rtl`")]
    Direction,
}

fn shown(placeholders: &[String]) -> String {
    let names: Vec<String> = placeholders.iter().map(|name| format!("${name}")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
