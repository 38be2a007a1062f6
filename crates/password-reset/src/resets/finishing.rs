//! Finishing a reset whose password was written.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::reset::Reset;
use crate::flow::{Event, Step};
use crate::identity::account::Account;
use crate::resets::Resets;

/// Recognises a written password, and finishes its reset.
#[derive(Debug)]
pub(crate) struct Finishing {
    pub(crate) resets: Arc<Resets>,
    /// How long the owner can lock the account for a password, where the application can lock accounts.
    pub(crate) lockable_for: Option<Duration>,
}

impl Finishing {
    /// Whether the account's present hash is one that this reset tried to set.
    pub(crate) fn was_written(&self, reset: &Reset, account: &Account) -> Result<bool, PortError> {
        match account.hash() {
            Some(hash) => Ok(reset.has_tried(&self.resets.secrets.new_hash(reset, hash)?)),
            None => Ok(false),
        }
    }

    /// `Applying → PasswordSet`. `false` when another step came first.
    pub(crate) async fn finish(&self, reset: &Reset, now: DateTime<Utc>) -> Result<bool, PortError> {
        let audit = vec![AuditRow::new(now, AuditEvent::PasswordSet).of(reset)];
        match Step::new(reset, &self.finish_event(now), now, audit) {
            Ok(step) => Ok(self
                .resets
                .transition(step.refilling(self.resets.secrets.digests.subjects(reset)), now)
                .await?
                .1
                .is_done()),
            Err(_illegal) => Ok(false),
        }
    }

    /// A row is kept for as long as the account can be locked for its password.
    pub(crate) fn finish_event(&self, now: DateTime<Utc>) -> Event {
        Event::Finish { lockable_until: self.lockable_for.map(|lives| crate::time::later(now, lives)) }
    }
}
