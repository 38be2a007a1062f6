//! The audit trail.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use password_reset::flow::AuditRow;
use password_reset::ports::{AuditCursor, AuditEntry, Digest};
use password_reset::{AccountId, PortError};

/// Audit rows, each with a number that no other row ever gets.
#[derive(Clone, Default)]
pub(super) struct Trail {
    rows: Vec<(u64, AuditRow)>,
    written: u64,
}

impl Trail {
    pub(super) fn write(&mut self, rows: &[AuditRow]) {
        for row in rows {
            self.written = self.written.saturating_add(1);
            self.rows.push((self.written, row.clone()));
        }
    }

    /// All rows, in the order in which they were written.
    pub(super) fn rows(&self) -> impl Iterator<Item = &AuditRow> {
        self.rows.iter().map(|(_, row)| row)
    }

    pub(super) fn retain(&mut self, mut stays: impl FnMut(&AuditRow) -> bool) {
        self.rows.retain(|(_, row)| stays(row));
    }

    pub(super) fn after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        let after: u64 = after
            .map_or(Ok(0), |after| after.as_str().parse())
            .map_err(|error| PortError::permanent("the cursor is not of this store").because(error))?;
        let rows = self.rows.iter().filter(|(number, row)| *number > after && row.at >= since);
        let rows = rows.take(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows.map(|(number, row)| AuditEntry::new(AuditCursor::new(number.to_string()), row.clone())).collect())
    }

    pub(super) fn newest(&self, account: &AccountId, limit: u32) -> Vec<AuditRow> {
        let mut rows: Vec<_> = self.rows().filter(|row| row.account.as_ref() == Some(account)).cloned().collect();
        // Of two rows of one millisecond the one that was written last is the newer; the sort is stable.
        rows.reverse();
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        rows
    }

    pub(super) fn newest_of_each_contact(&self, account: &AccountId) -> Vec<AuditRow> {
        let mut last: BTreeMap<Digest, AuditRow> = BTreeMap::new();
        for row in self.newest(account, u32::MAX) {
            if let Some(contact) = row.contact {
                last.entry(contact).or_insert(row);
            }
        }
        last.into_values().collect()
    }
}
