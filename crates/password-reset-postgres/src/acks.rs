//! Acks: completed tasks, taken off their rows.

mod sql;

use std::collections::{HashMap, HashSet};

use password_reset::flow::AuditRow;
use password_reset::ports::{Ack, Acknowledged, Leased};
use password_reset::{Channel, PortError};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;

use crate::error::{CANNOT_WRITE, failed};
use crate::names::Tables;
use crate::row::{self, Statement, uuid};

pub(crate) async fn acknowledge(tables: &Tables, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
    // A lease is given back once: what a later ack says of the same lease is not written.
    let mut given = HashSet::with_capacity(acks.len());
    let firsts = all(acks, |ack| given.insert((ack.id, ack.lease)));
    let mut left: Vec<&Ack> = acks.iter().zip(&firsts).filter(|(_, first)| **first).map(|(ack, _)| ack).collect();
    let mut moved: HashMap<(Uuid, i64), Acknowledged> = HashMap::with_capacity(acks.len());
    if left.len() > 1 {
        moved.extend(answers(tables, together(tables, &left)).await?);
        left.retain(|ack| !moved.contains_key(&(uuid(ack.id), ack.lease)));
    }
    // Those that were locked, by themselves, so that each waits with no lock of another.
    for ack in left {
        moved.extend(answers(tables, one(tables, ack)).await?);
    }
    let answers = acks.iter().zip(firsts).map(|(ack, first)| {
        let answer = if first { moved.remove(&(uuid(ack.id), ack.lease)) } else { None };
        answer.unwrap_or(Acknowledged::LeaseLost)
    });
    Ok(answers.collect())
}

/// What became of the acks whose leases the caller still had, by row and lease.
async fn answers(tables: &Tables, statement: Statement<'_>) -> Result<Vec<((Uuid, i64), Acknowledged)>, PortError> {
    let rows = tables.fetch_all(statement).await.map_err(failed(CANNOT_WRITE))?;
    let answers = rows.iter().map(|row| {
        let read = |error| failed(CANNOT_WRITE)(error);
        let (id, lease): (Uuid, i64) = (row.try_get("ack").map_err(read)?, row.try_get("ack_lease").map_err(read)?);
        let answer = match row.try_get("has_more").map_err(read)? {
            true => Acknowledged::MoreTasks { kept: with_more_tasks(row, id, lease)? },
            false => Acknowledged::Done,
        };
        Ok(((id, lease), answer))
    });
    answers.collect()
}

/// The row whose lease the caller keeps.
fn with_more_tasks(row: &PgRow, id: Uuid, lease: i64) -> Result<Option<Box<Leased>>, PortError> {
    let is_kept = row.try_get::<Option<Uuid>, _>("id").map_err(failed(CANNOT_WRITE))?.is_some();
    match is_kept.then(|| row::reset(row)).transpose() {
        Ok(reset) => Ok(reset.map(|reset| Box::new(Leased::new(reset, lease)))),
        // One damaged row must not keep the other acks from being answered.
        Err(error) => {
            tracing::error!(reset = %id, %error, "skipped a damaged reset with pending tasks");
            Ok(None)
        }
    }
}

fn one<'q>(tables: &'q Tables, ack: &Ack) -> Statement<'q> {
    let statement = tables
        .query(sql::ACKNOWLEDGE)
        .bind(uuid(ack.id))
        .bind(ack.lease)
        .bind(ack.done.bits())
        .bind(i64::from(ack.notified))
        .bind(i64::from(ack.delivery_attempts))
        .bind(ack.seen.bits())
        .bind(ack.at)
        .bind(ack.retry_at);
    bind_audits(statement, &ack.audit.iter().collect::<Vec<_>>()).bind(tables.realm()).bind(ack.keep_until)
}

fn together<'q>(tables: &'q Tables, acks: &[&Ack]) -> Statement<'q> {
    let statement = tables
        .query(sql::ACKNOWLEDGE_MANY)
        .bind(all(acks, |ack| uuid(ack.id)))
        .bind(all(acks, |ack| ack.lease))
        .bind(all(acks, |ack| ack.done.bits()))
        .bind(all(acks, |ack| i64::from(ack.notified)))
        .bind(all(acks, |ack| i64::from(ack.delivery_attempts)))
        .bind(all(acks, |ack| ack.seen.bits()))
        .bind(all(acks, |ack| ack.at))
        .bind(all(acks, |ack| ack.retry_at));
    let audit: Vec<(&Ack, &AuditRow)> =
        acks.iter().flat_map(|ack| ack.audit.iter().map(move |row| (*ack, row))).collect();
    bind_audits(statement, &all(&audit, |(_, row)| *row))
        .bind(all(&audit, |(ack, _)| uuid(ack.id)))
        .bind(all(&audit, |(ack, _)| ack.lease))
        .bind(tables.realm())
        .bind(all(acks, |ack| ack.keep_until))
}

/// Binds audit rows as nine arrays, one for each column.
fn bind_audits<'q>(statement: Statement<'q>, rows: &[&AuditRow]) -> Statement<'q> {
    statement
        .bind(all(rows, |row| row.at))
        .bind(all(rows, |row| row.event.code()))
        .bind(all(rows, |row| row.reset.map(uuid)))
        .bind(all(rows, |row| row.account.as_ref().map(|account| account.as_str().to_owned())))
        .bind(all(rows, |row| row.actor.as_ref().map(|actor| actor.as_str().to_owned())))
        .bind(all(rows, |row| row.channel.map(Channel::code)))
        .bind(all(rows, |row| row.source.as_ref().map(|source| source.as_bytes().to_vec())))
        .bind(all(rows, |row| row.contact.as_ref().map(|contact| contact.as_bytes().to_vec())))
        .bind(all(rows, |row| row.detail.clone()))
}

fn all<T, U>(values: &[T], of: impl FnMut(&T) -> U) -> Vec<U> {
    values.iter().map(of).collect()
}
