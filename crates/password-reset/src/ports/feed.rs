//! The audit trail as a feed: its rows in the order in which they were written.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::flow::audit::AuditRow;
use crate::flow::reset::Reset;
use crate::ports::KnownSender;

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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

/// A lease on a feed: the place in the trail up to which an [`Observer`](super::Observer) has all rows.
///
/// It is taken, extended, moved and given back by one method, [`lease_feed`](super::ResetStore::lease_feed).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FeedLease {
    /// The name of the observer; each has a place of its own in each realm.
    pub name: String,
    /// The lease that the caller holds, if it holds one: it is extended if it is the feed's last. Else a new one is taken, if the
    /// feed is not leased.
    pub held: Option<i64>,
    /// Now.
    pub at: DateTime<Utc>,
    /// Until when it lasts; now, to give it back.
    pub until: DateTime<Utc>,
    /// A lease that ends later than this has run out: the clock was set back since it was taken.
    pub furthest: DateTime<Utc>,
    /// The new place, under a lease that is held; else the place stays.
    pub cursor: Option<AuditCursor>,
}

impl FeedLease {
    /// Takes the lease of a feed that is not leased.
    #[must_use]
    pub fn take(name: impl Into<String>, at: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        let furthest = crate::time::later(until, crate::time::MAX_CLOCK_SKEW);
        Self { name: name.into(), held: None, at, until, furthest, cursor: None }
    }

    /// Extends the lease that the caller holds instead.
    #[must_use]
    pub fn holding(mut self, lease: i64) -> Self {
        self.held = Some(lease);
        self
    }

    /// Moves the place with it.
    #[must_use]
    pub fn moving_to(mut self, cursor: AuditCursor) -> Self {
        self.cursor = Some(cursor);
        self
    }
}

/// A feed that is leased to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feed {
    /// The number of the lease.
    pub lease: i64,
    /// The place; `None` before the first row.
    pub cursor: Option<AuditCursor>,
}

impl Feed {
    /// A feed under a lease.
    #[must_use]
    pub fn new(lease: i64, cursor: Option<AuditCursor>) -> Self {
        Self { lease, cursor }
    }
}

/// What a store has of an account: all that [`erase`](super::ResetStore::erase) deletes.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AccountRows {
    /// Its resets.
    pub resets: Vec<Reset>,
    /// Its audit rows, and those of its resets.
    pub audit: Vec<AuditRow>,
    /// What is known of the senders of its messages.
    pub senders: Vec<KnownSender>,
    /// Its quotas that are not full, and when they will be.
    pub quotas: Vec<(Digest, DateTime<Utc>)>,
}

impl AccountRows {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(
        resets: Vec<Reset>,
        audit: Vec<AuditRow>,
        senders: Vec<KnownSender>,
        quotas: Vec<(Digest, DateTime<Utc>)>,
    ) -> Self {
        Self { resets, audit, senders, quotas }
    }
}
