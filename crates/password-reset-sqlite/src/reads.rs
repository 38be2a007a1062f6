//! Every read of the store, as a function of a connection.

use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Reset, State};
use password_reset::ports::{AccountState, AuditFilter, Digest, KnownSender, Loaded, SenderName, StoreHealth};
use password_reset::{AccountId, Realm, ResetId};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::accounts::SqliteAccounts;
use crate::error::Outcome;
use crate::row::{self, Cells};
use crate::sql;
use crate::statement::Statement;

pub(crate) fn load(
    connection: &Connection,
    realm: &Realm,
    id: ResetId,
    accounts: Option<&SqliteAccounts>,
) -> Outcome<Option<Loaded>> {
    Statement::with(connection, sql::LOAD, params![id.as_bytes().as_slice(), realm.as_str()])?
        .first(|row| with_account(connection, row::reset(&mut Cells::of(row))?, accounts))
}

pub(crate) fn load_inbound(
    connection: &Connection,
    realm: &Realm,
    key: &Digest,
    accounts: Option<&SqliteAccounts>,
) -> Outcome<Option<Loaded>> {
    Statement::with(connection, sql::LOAD_INBOUND, params![key.as_bytes().as_slice(), realm.as_str()])?
        .first(|row| with_account(connection, row::reset(&mut Cells::of(row))?, accounts))
}

/// Adds the account, if the store writes accounts. While the statement that found the reset is not at its end, SQLite shows
/// every other statement of the connection the same state of the database, so callers do this with its row in hand.
pub(crate) fn with_account(
    connection: &Connection,
    reset: Reset,
    accounts: Option<&SqliteAccounts>,
) -> Outcome<Loaded> {
    let Some(accounts) = accounts else { return Ok(Loaded::without_account(reset)) };
    let account = match reset.account() {
        Some(account) => accounts.load_in(connection, account)?,
        None => None,
    };
    Ok(Loaded::with_account(reset, account))
}

pub(crate) fn account_state(
    connection: &Connection,
    realm: &Realm,
    account: &AccountId,
    quotas: &[Digest],
    at: DateTime<Utc>,
) -> Outcome<AccountState> {
    // So that all statements see the same state of the database. It is dropped at the end, which is as good as a commit.
    let _snapshot = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    let values = params![account.as_str(), realm.as_str(), AuditEvent::NoSuchContact.code()];
    let failing =
        Statement::with(connection, sql::FAILING, values)?.all(|row| Ok(row::contact(&mut Cells::of(row))?))?;
    let values = params![account.as_str(), State::Locked.code(), at.timestamp_millis(), realm.as_str()];
    let locked = Statement::with(connection, sql::LOCKED, values)?.all(|row| Ok(row::reset(&mut Cells::of(row))?))?;
    let full_at = quotas.iter().map(|key| full_at(connection, key)).collect::<Outcome<_>>()?;
    Ok(AccountState::new(failing, locked, full_at))
}

/// When a quota will be full; `None` when it is.
pub(crate) fn full_at(connection: &Connection, key: &Digest) -> Outcome<Option<DateTime<Utc>>> {
    Statement::with(connection, sql::QUOTA, params![key.as_bytes().as_slice()])?
        .first(|row| Ok(row::full_at(&mut Cells::of(row))?))
}

pub(crate) fn sender(connection: &Connection, realm: &Realm, name: SenderName) -> Outcome<Option<KnownSender>> {
    let (text, digest) = match name {
        SenderName::Number(number) => (sql::SENDER_BY_NUMBER, number),
        SenderName::Id(id) => (sql::SENDER_BY_ID, id),
    };
    Statement::with(connection, text, params![digest.as_bytes().as_slice(), realm.as_str()])?
        .first(|row| Ok(row::sender(&mut Cells::of(row))?))
}

pub(crate) fn live(
    connection: &Connection,
    realm: &Realm,
    account: &AccountId,
    at: DateTime<Utc>,
    limit: u32,
) -> Outcome<Vec<Reset>> {
    Statement::with(connection, sql::LIVE, params![account.as_str(), at.timestamp_millis(), limit, realm.as_str()])?
        .all(|row| Ok(row::reset(&mut Cells::of(row))?))
}

pub(crate) fn versions(connection: &Connection, realm: &Realm, resets: &[ResetId]) -> Outcome<Vec<(ResetId, i64)>> {
    Statement::with(
        connection,
        sql::VERSIONS,
        params![row::hex_list(resets.iter().map(|id| id.as_bytes().as_slice())), realm.as_str()],
    )?
    .all(|row| Ok(row::version(&mut Cells::of(row))?))
}

pub(crate) fn health(connection: &Connection, realm: &Realm, at: DateTime<Utc>) -> Outcome<StoreHealth> {
    let values = params![at.timestamp_millis(), StoreHealth::MAX_OVERDUE, realm.as_str()];
    let seen = Statement::with(connection, sql::HEALTH, values)?.first(|row| Ok(row::health(&mut Cells::of(row))?))?;
    Ok(seen.unwrap_or_default())
}

pub(crate) fn keys_in_use(connection: &Connection, realm: &Realm, at: DateTime<Utc>) -> Outcome<Vec<String>> {
    Statement::with(connection, sql::KEYS_IN_USE, params![at.timestamp_millis(), realm.as_str()])?
        .all(|row| Ok(row::key_id(&mut Cells::of(row))?))
}

pub(crate) fn audit(connection: &Connection, realm: &Realm, filter: &AuditFilter) -> Outcome<Vec<AuditRow>> {
    let statement = match filter {
        AuditFilter::Newest { account, limit } => {
            Statement::with(connection, sql::NEWEST, params![account.as_str(), limit, realm.as_str()])?
        }
        AuditFilter::NewestOfEachContact { account } => {
            Statement::with(connection, sql::NEWEST_OF_EACH_CONTACT, params![account.as_str(), realm.as_str()])?
        }
    };
    statement.all(|row| Ok(row::audit(&mut Cells::of(row))?))
}
