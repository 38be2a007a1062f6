//! Every read of the store, as a function of a connection.

use chrono::{DateTime, Utc};
use password_reset::ports::{KnownSender, SenderName};
use password_reset::{AccountId, AuditRow, Digest, PortError, Reset, ResetId};
use rusqlite::{Connection, params};

use crate::error::Outcome;
use crate::row::{self, Cells};
use crate::sql;
use crate::statement::Statement;

pub(crate) fn load(connection: &Connection, id: ResetId) -> Outcome<Option<Reset>> {
    Statement::with(connection, sql::LOAD, params![id.as_bytes().as_slice()])?
        .first(|row| Ok(row::reset(&mut Cells::of(row))?))
}

pub(crate) fn load_inbound(
    connection: &Connection,
    key: &Digest,
    sender: &Digest,
) -> Outcome<Option<(Reset, Option<KnownSender>)>> {
    let values = params![key.as_bytes().as_slice(), sender.as_bytes().as_slice()];
    Statement::with(connection, sql::LOAD_INBOUND, values)?.first(|row| {
        let mut cells = Cells::of(row);
        let (reset, _lease) = row::leased(&mut cells)?;
        Ok((reset, row::sender(&mut cells)?))
    })
}

pub(crate) fn sender(connection: &Connection, name: SenderName) -> Outcome<Option<KnownSender>> {
    let (text, digest) = match name {
        SenderName::Number(number) => (sql::SENDER_BY_NUMBER, number),
        SenderName::Id(id) => (sql::SENDER_BY_ID, id),
        _ => return Err(PortError::permanent("this store knows senders by no such name").into()),
    };
    let found = Statement::with(connection, text, params![digest.as_bytes().as_slice()])?
        .first(|row| Ok(row::sender(&mut Cells::of(row))?))?;
    Ok(found.flatten())
}

pub(crate) fn live(connection: &Connection, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Outcome<Vec<Reset>> {
    Statement::with(connection, sql::LIVE, params![account.as_str(), at.timestamp_millis(), limit])?
        .all(|row| Ok(row::reset(&mut Cells::of(row))?))
}

pub(crate) fn versions(connection: &Connection, resets: &[ResetId]) -> Outcome<Vec<(ResetId, i64)>> {
    Statement::with(connection, sql::VERSIONS, params![row::id_list(resets)])?
        .all(|row| Ok(row::version(&mut Cells::of(row))?))
}

pub(crate) fn history(connection: &Connection, account: &AccountId, limit: u32) -> Outcome<Vec<AuditRow>> {
    Statement::with(connection, sql::HISTORY, params![account.as_str(), limit])?
        .all(|row| Ok(row::audit(&mut Cells::of(row))?))
}

pub(crate) fn outcomes(connection: &Connection, account: &AccountId) -> Outcome<Vec<AuditRow>> {
    Statement::with(connection, sql::OUTCOMES, params![account.as_str()])?
        .all(|row| Ok(row::audit(&mut Cells::of(row))?))
}
