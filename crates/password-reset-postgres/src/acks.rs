//! Acks: completed tasks, taken off their rows.

use std::collections::{HashMap, HashSet};

use password_reset::flow::AuditRow;
use password_reset::ports::{Ack, Acknowledged};
use password_reset::{Channel, PortError};
use sqlx::Row;
use sqlx::types::Uuid;

use crate::error::{CANNOT_WRITE, failed};
use crate::names::Tables;
use crate::row::{Statement, uuid};
use crate::sql;

pub(crate) async fn acknowledge(tables: &Tables, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
    // A lease is given back once: what a later ack says of the same lease is not written.
    let mut given = HashSet::with_capacity(acks.len());
    let firsts = all(acks, |ack| given.insert((ack.id, ack.lease)));
    let kept: Vec<&Ack> = acks.iter().zip(&firsts).filter(|(_, first)| **first).map(|(ack, _)| ack).collect();
    let statement = match kept.as_slice() {
        [] => return Ok(Vec::new()),
        [ack] => one(tables, ack),
        many => together(tables, many),
    };
    let rows = tables.fetch_all(statement).await.map_err(failed(CANNOT_WRITE))?;
    let mut moved: HashMap<(Uuid, i64), bool> = HashMap::with_capacity(rows.len());
    for row in &rows {
        let read = |error| failed(CANNOT_WRITE)(error);
        let (id, lease) = (row.try_get("id").map_err(read)?, row.try_get("lease").map_err(read)?);
        moved.insert((id, lease), row.try_get("more_tasks").map_err(read)?);
    }
    let answers = acks.iter().zip(firsts).map(|(ack, first)| match moved.get(&(uuid(ack.id), ack.lease)) {
        Some(true) if first => Acknowledged::MoreTasks,
        Some(false) if first => Acknowledged::Done,
        _ => Acknowledged::LeaseLost,
    });
    Ok(answers.collect())
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
    bind_audits(statement, &ack.audit.iter().collect::<Vec<_>>()).bind(tables.realm())
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
