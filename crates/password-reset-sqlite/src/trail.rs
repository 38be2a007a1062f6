//! The audit trail as a feed, and all that is kept of an account.

mod sql;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use password_reset::ports::{AccountRows, AuditCursor, AuditEntry, Digest, Feed, FeedLease};
use password_reset::{AccountId, PortError, Realm};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::error::Outcome;
use crate::reads;
use crate::row::{self, Cells};
use crate::sql::{EXPORT_AUDIT, EXPORT_RESETS, EXPORT_SENDERS};
use crate::statement::Statement;

pub(crate) fn audit_after(
    connection: &Connection,
    realm: &Realm,
    after: Option<&AuditCursor>,
    since: DateTime<Utc>,
    limit: u32,
) -> Outcome<Vec<AuditEntry>> {
    let after: i64 = after
        .map_or(Ok(0), |after| after.as_str().parse())
        .map_err(|error| PortError::permanent("the cursor is not of this store").because(error))?;
    let values = params![realm.as_str(), after, since.timestamp_millis(), limit];
    Statement::with(connection, sql::AUDIT_AFTER, values)?.all(|row| Ok(row::entry(&mut Cells::of(row))?))
}

pub(crate) fn lease_feed(connection: &Connection, realm: &Realm, lease: &FeedLease) -> Outcome<Option<Feed>> {
    let [at, until, furthest] = [lease.at, lease.until, lease.furthest].map(|time| time.timestamp_millis());
    let cursor = lease.cursor.as_ref().map(AuditCursor::as_str);
    let values = params![realm.as_str(), lease.name, lease.held, until, cursor, at, furthest];
    Statement::with(connection, sql::LEASE_FEED, values)?
        .first(|row| Ok(Feed::new(row.get(0)?, row.get::<_, Option<String>>(1)?.map(AuditCursor::new))))
}

pub(crate) fn export(
    connection: &Connection,
    realm: &Realm,
    account: &AccountId,
    keys: &[Digest],
) -> Outcome<AccountRows> {
    // So that all statements see the same state of the database. It is dropped at the end, which is as good as a commit.
    let _snapshot = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    let list = row::hex_list(keys.iter().map(|key| key.as_bytes().as_slice()));
    let (account, realm) = (account.as_str(), realm.as_str());
    let values = params![account, realm, list];
    let resets = Statement::with(connection, EXPORT_RESETS, values)?.all(|row| Ok(row::reset(&mut Cells::of(row))?))?;
    let audit = Statement::with(connection, EXPORT_AUDIT, values)?.all(|row| Ok(row::audit(&mut Cells::of(row))?))?;
    let senders = Statement::with(connection, EXPORT_SENDERS, params![account, realm])?
        .all(|row| Ok(row::sender(&mut Cells::of(row))?))?;
    let mut quotas = Vec::new();
    let keys: BTreeSet<Digest> = keys.iter().copied().chain(resets.iter().map(|reset| *reset.subject())).collect();
    for key in keys {
        quotas.extend(reads::full_at(connection, &key)?.map(|full_at| (key, full_at)));
    }
    Ok(AccountRows::new(resets, audit, senders, quotas))
}
