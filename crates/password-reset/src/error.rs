//! The error that crosses a port, and the errors of the service's verbs.

use std::error::Error as StdError;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// A port (storage, account table, notifier, clock, random numbers) failed.
///
/// Opaque on purpose: the only thing that a caller can act on is whether a retry may help. The cause is in
/// [`source`](StdError::source), for logs. `Display` never holds an address, a secret, a URL or SQL.
#[derive(Debug, thiserror::Error)]
#[error("{what}{}", if *.transient { " (temporary)" } else { "" })]
pub struct PortError {
    what: &'static str,
    transient: bool,
    code: Option<String>,
    #[source]
    source: Option<Source>,
}

impl PortError {
    /// An error that may go away by itself: busy, locked, disconnected, timed out.
    #[must_use]
    pub fn transient(what: &'static str) -> Self {
        Self { what, transient: true, code: None, source: None }
    }

    /// An error that lasts until the operator fixes its cause: a missing column, a damaged row, a refused login.
    #[must_use]
    pub fn permanent(what: &'static str) -> Self {
        Self { what, transient: false, code: None, source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds the code of a provider's answer, without its text: `550 5.7.1`. It stands in the log and in the audit trail.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The code of the provider's answer, if there was one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Whether the same call may succeed later without any repair.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

/// The text is not one that the type writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a text that this type writes")]
#[non_exhaustive]
pub struct ParseError;

/// A setting is missing, unsafe, or contradicts another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
#[non_exhaustive]
pub struct BuildError {
    /// The setting.
    pub field: &'static str,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

impl BuildError {
    pub(crate) fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}
