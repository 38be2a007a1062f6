//! Whether somebody got into their account by a reset, a moment ago.

use std::time::Duration;

use super::PasswordReset;
use crate::error::PortError;
use crate::flow::audit::AuditEvent;
use crate::flow::channel::Channel;
use crate::identity::id::AccountId;

/// In so many rows of the trail is looked.
const LOOKS_BACK: u32 = 1_000;

impl PasswordReset {
    /// Whether the password of an account was reset within the time before now, other than with the current one: ask such
    /// an account for another proof before a payment, a change of contacts or the like (R104).
    ///
    /// Where the trail of the account is so busy that it does not reach back so far, the answer is yes: whoever resets
    /// somebody's password must not be able to push that out of sight.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recently_recovered(&self, account: &AccountId, within: Duration) -> Result<bool, PortError> {
        let inner = &self.inner;
        let since = crate::time::earlier(inner.resets.now(), within);
        let rows = inner.resets.history(account, LOOKS_BACK).await?;
        let is_cut = rows.len() >= usize::try_from(LOOKS_BACK).unwrap_or(usize::MAX);
        let recovered = rows
            .iter()
            .take_while(|row| row.at >= since)
            .any(|row| row.event == AuditEvent::PasswordSet && row.channel != Some(Channel::CurrentPassword));
        Ok(recovered || (is_cut && rows.last().is_some_and(|oldest| oldest.at >= since)))
    }
}
