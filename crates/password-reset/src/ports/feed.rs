//! The audit trail as a feed: its rows in the order in which they were written.

use std::fmt;

use crate::flow::audit::AuditRow;

/// A place in the audit trail of a realm, right after one row. Only the store that gave it knows what it says.
///
/// No other row of the realm has it, now or later, so it also tells whether two rows are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuditCursor(String);

impl AuditCursor {
    /// Wraps the text of a cursor, as it was kept; a store refuses one that is not its own.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to keep it: ASCII letters, digits and `-`, at most 64 of them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row of the audit trail, and its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// The place right after the row: reading goes on from here.
    pub cursor: AuditCursor,
    /// The row.
    pub row: AuditRow,
}

impl AuditEntry {
    /// A row at its place.
    #[must_use]
    pub fn new(cursor: AuditCursor, row: AuditRow) -> Self {
        Self { cursor, row }
    }
}
