//! Errors in a policy file.

use std::error::Error;
use std::fmt;
use std::io;
use std::ops::Range;

/// A file is not a valid policy. `Display` has a line for each fault.
#[derive(Debug)]
pub struct PolicyFileError {
    file: String,
    faults: Vec<Fault>,
    source: Option<io::Error>,
}

/// One fault in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The line, starting at 1.
    pub line: usize,
    /// The character in the line, starting at 1.
    pub column: usize,
    /// The key; `None` where the text is not TOML.
    pub key: Option<String>,
    /// What is wrong, and which values are allowed.
    pub reason: String,
}

impl Fault {
    pub(crate) fn new(text: &str, at: &Range<usize>, key: Option<&str>, reason: impl Into<String>) -> Self {
        let before = text.get(..at.start).unwrap_or(text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        Self { line, column, key: key.map(str::to_owned), reason: reason.into() }
    }
}

impl PolicyFileError {
    pub(crate) fn unread(file: String, source: io::Error) -> Self {
        Self { file, faults: Vec::new(), source: Some(source) }
    }

    pub(crate) fn wrong(file: &str, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| (fault.line, fault.column));
        Self { file: file.to_owned(), faults, source: None }
    }

    /// All faults, from top to bottom. Empty when the file could not be read.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.source.is_some() {
            return write!(f, "cannot read {}", self.file);
        }
        for (at, fault) in self.faults.iter().enumerate() {
            let Fault { line, column, key, reason } = fault;
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{}, line {line}, column {column}: ", self.file)?;
            match key {
                Some(key) => write!(f, "{key}: {reason}")?,
                None => f.write_str(reason)?,
            }
        }
        Ok(())
    }
}

impl Error for PolicyFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn Error + 'static))
    }
}
