//! What operators, their probes and their exports ask.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::ports::{AuditCursor, AuditEntry};
use crate::service::Parts;
use crate::service::health::Health;

/// What operators, their probes and their exports ask, from
/// [`PasswordReset::operations`](crate::PasswordReset::operations).
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Operations<'a> {
    pub(super) parts: &'a Parts,
}

impl Operations<'_> {
    /// Looks whether resets work: the database and its schema, the worker, the notifiers of this node, and the clocks.
    ///
    /// It asks the store once, and waits for it no longer than a verb does: fit for a probe every few seconds. What it says of
    /// notifiers is of this node, since it started, and changes only where a worker runs.
    pub async fn health(self) -> Health {
        self.parts.looking.health().await
    }

    /// What happened to all resets, in the order in which it was written: for exports, and for a copy of the trail elsewhere.
    ///
    /// Rows from before `since` are left out. Go on after the [cursor](AuditEntry::cursor) of the last row, and no row is missed
    /// or comes twice; [`AuditCursor`] says how to keep it. A row appears once every transaction is over that began before its own,
    /// so on Postgres a long transaction of any program on the server delays all later rows. Rows that were purged before they
    /// were read are gone: [`Retention`](crate::Retention) says when.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(
        self,
        since: DateTime<Utc>,
        after: Option<&AuditCursor>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.parts.resets.in_time("operations.audit", self.parts.resets.store.audit_after(after, since, limit)).await
    }

    /// The names of keys that live resets were made with and this node's ring lacks. Empty when all is well; ask before you
    /// drop a key.
    ///
    /// A worker asks when it starts, and logs an error for each. Reads every live reset: not for a health check of every
    /// minute.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn missing_keys(self) -> Result<Vec<String>, PortError> {
        self.parts.resets.contained("operations.missing_keys", self.parts.resets.missing_keys()).await
    }

    /// How long a key must stay in the ring of every node after the last node stopped issuing with it: as long as what it made may
    /// live or be shown, by the lifetimes and retention of this service.
    #[must_use]
    pub fn keys_are_needed_for(self) -> Duration {
        self.parts.resets.lifetimes.of_keys(&self.parts.resets.retention)
    }

    /// How long a key for counters must stay in the ring of every node after the last node stopped counting with it: until
    /// every limit would have refilled by itself, and at least [`keys_are_needed_for`](Self::keys_are_needed_for). Add the life of your
    /// sessions, if they carry a [`session_auth_hash`](crate::login::Login::session_auth_hash).
    #[must_use]
    pub fn counter_keys_are_needed_for(self) -> Duration {
        self.keys_are_needed_for().max(self.parts.resets.limits.longest())
    }
}
