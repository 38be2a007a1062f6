//! The audit trail of all accounts, in the order in which it was written.

pub(crate) mod sql;

use chrono::{DateTime, Utc};
use password_reset::PortError;
use password_reset::ports::{AuditCursor, AuditEntry};

use crate::error::{CANNOT_READ, failed};
use crate::names::Tables;
use crate::row;

pub(crate) async fn after(
    tables: &Tables,
    after: Option<&AuditCursor>,
    since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<AuditEntry>, PortError> {
    let (transaction, id) = after.map_or(Some((0, 0)), place).ok_or(PortError::permanent(NOT_OURS))?;
    let statement = tables.query(sql::AUDIT_AFTER).bind(tables.realm()).bind(transaction.to_string()).bind(id);
    let statement = statement.bind(row::time(since)).bind(i64::from(limit));
    let rows = tables.fetch_all(statement).await.map_err(failed(CANNOT_READ))?;
    if rows.first().map(row::is_stranded).transpose()?.unwrap_or(false) {
        return Err(PortError::permanent(STRANDED));
    }
    rows.iter().filter_map(|row| row::entry(row).transpose()).collect()
}

const NOT_OURS: &str = "the cursor is not of this store";
const STRANDED: &str = "audit rows have transaction numbers of another server, so their order is lost: \
     see \"After a restore\" in the guide of Postgres";

/// The transaction and the id in a cursor.
fn place(cursor: &AuditCursor) -> Option<(u64, i64)> {
    let (transaction, id) = cursor.as_str().split_once('-')?;
    Some((transaction.parse().ok()?, id.parse().ok()?))
}
