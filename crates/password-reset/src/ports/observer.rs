//! The port that gets every audit row.

use std::fmt::Debug;

use async_trait::async_trait;

use super::AuditEntry;
use crate::error::PortError;

/// Gets every row of the audit trail after its transaction: for webhooks, a SIEM, statistics.
///
/// The worker of one node at a time hands rows over, in the order of the trail, and keeps in the store how far it is. Without an
/// observer the trail is not read and nothing is written for one.
#[async_trait]
pub trait Observer: Debug + Send + Sync + 'static {
    /// Takes the next rows, oldest first, at most 100 of them.
    ///
    /// # Contract
    /// *At least once.* Rows come again when this fails, panics or takes longer than 20 seconds, and when the node dies before it has
    /// noted that they were taken: know them by their [cursor](AuditEntry::cursor). *In order.* No later row comes before this has
    /// succeeded with those before it, so a row that it cannot ever take has to be dropped by it. After a failure rows come one
    /// at a time, later and later up to five minutes apart.
    ///
    /// It must not block its thread: on that the worker of this node sends messages too. A failure or a wait delays no one else.
    ///
    /// # Errors
    /// When the rows are to come again.
    async fn observe(&self, rows: &[AuditEntry]) -> Result<(), PortError>;
}
