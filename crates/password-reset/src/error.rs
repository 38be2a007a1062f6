//! The error that crosses a port, and the errors of the service's verbs.

use std::error::Error as StdError;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// A port (storage, account table, notifier, clock, random numbers) failed.
///
/// Opaque on purpose: the only thing that a caller can act on is whether a retry may help. The cause is in
/// [`source`](StdError::source), for logs. `Display` never holds an address, a secret, a URL or SQL.
#[derive(Debug, thiserror::Error)]
#[error("{what}{}", if *.transient { " (trying again may help)" } else { "" })]
pub struct PortError {
    what: &'static str,
    transient: bool,
    #[source]
    source: Option<Source>,
}

impl PortError {
    /// An error that may go away by itself: busy, locked, disconnected, timed out.
    #[must_use]
    pub fn transient(what: &'static str) -> Self {
        Self { what, transient: true, source: None }
    }

    /// An error that lasts until the operator fixes its cause: a missing column, a damaged row, a refused login.
    #[must_use]
    pub fn permanent(what: &'static str) -> Self {
        Self { what, transient: false, source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the same call may succeed later without any repair.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}
