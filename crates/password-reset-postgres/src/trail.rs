//! The audit trail of all accounts, in the order in which it was written.

pub(crate) mod sql;

use chrono::{DateTime, Utc};
use password_reset::ports::{AccountRows, AuditCursor, AuditEntry, Digest, Feed, FeedLease};
use password_reset::{AccountId, PortError};
use sqlx::{PgPool, Row};

use crate::error::{CANNOT_READ, CANNOT_WRITE, failed};
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

pub(crate) async fn lease_feed(tables: &Tables, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
    let failed = failed(CANNOT_WRITE);
    let statement = tables.query(sql::LEASE_FEED).bind(tables.realm()).bind(&lease.name).bind(lease.held);
    let statement = statement.bind(row::time(lease.until)).bind(lease.cursor.as_ref().map(AuditCursor::as_str));
    let statement = statement.bind(row::time(lease.at)).bind(row::time(lease.furthest));
    let Some(row) = tables.fetch_optional(statement).await.map_err(&failed)? else { return Ok(None) };
    let cursor: Option<String> = row.try_get("cursor").map_err(&failed)?;
    Ok(Some(Feed::new(row.try_get("lease").map_err(&failed)?, cursor.map(AuditCursor::new))))
}

pub(crate) async fn export(
    pool: &PgPool,
    tables: &Tables,
    account: &AccountId,
    keys: &[Digest],
) -> Result<AccountRows, PortError> {
    let failed = failed(CANNOT_READ);
    let list = |keys: &[Digest]| keys.iter().map(|key| key.as_bytes().to_vec()).collect::<Vec<_>>();
    let mut transaction = pool.begin().await.map_err(&failed)?;
    tables.query(sql::SNAPSHOT).execute(&mut *transaction).await.map_err(&failed)?;
    let of_account = |text| tables.query(text).bind(account.as_str()).bind(tables.realm());
    let resets = of_account(sql::EXPORT_RESETS).bind(list(keys)).fetch_all(&mut *transaction).await;
    let resets: Vec<_> = resets.map_err(&failed)?.iter().map(row::reset).collect::<Result<_, _>>()?;
    let audit = of_account(sql::EXPORT_AUDIT).bind(list(keys)).fetch_all(&mut *transaction).await.map_err(&failed)?;
    let senders = of_account(sql::EXPORT_SENDERS).fetch_all(&mut *transaction).await.map_err(&failed)?;
    let keys: Vec<Digest> = keys.iter().copied().chain(resets.iter().map(|reset| *reset.subject())).collect();
    let quotas = tables.query(sql::EXPORT_QUOTAS).bind(list(&keys)).fetch_all(&mut *transaction).await;
    transaction.commit().await.map_err(&failed)?;
    Ok(AccountRows::new(
        resets,
        audit.iter().map(row::audit).collect::<Result<_, _>>()?,
        senders.iter().filter_map(|row| row::sender(row).transpose()).collect::<Result<_, _>>()?,
        quotas.map_err(&failed)?.iter().map(row::quota).collect::<Result<_, _>>()?,
    ))
}
