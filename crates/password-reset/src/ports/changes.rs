//! Hints that a reset changed on another node.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::PortError;
use crate::id::ResetId;

/// Carries hints between nodes, so that a waiting page on one node moves on at once when another node received the message.
///
/// Without it a page that waits sees what other nodes did within about two seconds.
#[async_trait]
pub trait Changes: Debug + Send + Sync + 'static {
    /// Waits until a node says that a reset changed for which a browser may be waiting.
    ///
    /// It is a hint: it may be lost, and it may be wrong. Dropping the call in the middle loses no more than a hint.
    ///
    /// # Errors
    /// When hints cannot be had now; the caller asks again after a while.
    async fn changed(&self) -> Result<ResetId, PortError>;
}
