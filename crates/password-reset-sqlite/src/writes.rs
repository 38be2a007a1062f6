//! What each write does inside its transaction.

use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{
    Ack, Acknowledged, Advanced, AttemptKind, Changed, Counted, KnownSender, Opened, PermitTaken, Quota, SourceCount,
};
use password_reset::{AuditEvent, AuditRow, CloseReason, Digest, PortError, Reset, ResetId, State};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::accounts::SqliteAccounts;
use crate::error::failed;
use crate::row::Statement;
use crate::sql::Change;
use crate::store::{CANNOT_READ, CANNOT_WRITE};
use crate::together::Wrote;
use crate::{row, sql};

/// Carries a statement out that changes a row or none, and writes the audit rows if it did; returns what it returns then.
async fn change<'s>(
    connection: &mut SqliteConnection,
    change: Change,
    audit: &'s [AuditRow],
    bind: impl FnOnce(Statement<'s>) -> Statement<'s>,
) -> Result<Option<SqliteRow>, PortError> {
    let (statement, rest) = match audit.split_first() {
        Some((first, rest)) => (row::bind_audit(bind(sqlx::query(change.noting)), first), rest),
        None => (bind(sqlx::query(change.plain)), audit),
    };
    // All, or what follows the first row would not be carried out.
    let changed = statement.fetch_all(&mut *connection).await.map_err(failed(CANNOT_WRITE))?;
    if !changed.is_empty() {
        record(connection, rest).await?;
    }
    Ok(changed.into_iter().next())
}

pub(crate) async fn open(
    connection: &mut SqliteConnection,
    reset: &Reset,
    source: Option<&SourceCount>,
    audit: &[AuditRow],
) -> Result<Opened, PortError> {
    if let Some(key) = &reset.stored().inbound_key {
        let taken = sqlx::query(sql::LOAD_INBOUND)
            .bind(key.as_bytes().as_slice())
            .bind([].as_slice())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed(CANNOT_READ))?;
        if taken.is_some() {
            return Ok(Opened::DuplicateKey);
        }
    }
    let stored = match source {
        None => change(connection, sql::OPEN, audit, |open| row::bind_all(open, reset.stored())).await?,
        Some(count) => {
            let bind = |open| {
                row::bind_all(open, reset.stored())
                    .bind(count.source.as_bytes().as_slice())
                    .bind(count.window_end().timestamp_millis())
                    .bind(i64::from(count.limit))
            };
            change(connection, sql::OPEN_COUNTED, audit, bind).await?
        }
    };
    Ok(if stored.is_some() { Opened::Stored } else { Opened::RateLimited })
}

pub(crate) async fn count_attempt(
    connection: &mut SqliteConnection,
    id: ResetId,
    kind: AttemptKind,
    limit: u32,
) -> Result<Counted, PortError> {
    let text = match kind {
        AttemptKind::Code => sql::COUNT_CODE,
        AttemptKind::Completion => sql::COUNT_COMPLETION,
        _ => return Err(PortError::permanent("this store cannot count such attempts yet")),
    };
    let counted = sqlx::query(text)
        .bind(id.as_bytes().as_slice())
        .bind(i64::from(limit))
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed(CANNOT_WRITE))?;
    let Some(counted) = counted else {
        let known = sqlx::query(sql::EXISTS)
            .bind(id.as_bytes().as_slice())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed(CANNOT_READ))?;
        return Ok(if known.is_some() { Counted::LimitReached } else { Counted::Unknown });
    };
    let reset = Box::new(row::reset(&counted)?);
    let mut run = 0;
    if kind == AttemptKind::Code {
        let wrong: i64 = sqlx::query(sql::COUNT_RUN)
            .bind(reset.subject().as_bytes().as_slice())
            .bind(reset.expires_at().timestamp_millis())
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(failed(CANNOT_WRITE))?;
        run = u32::try_from(wrong).unwrap_or(u32::MAX);
    }
    Ok(Counted::Yes { reset, run })
}

pub(crate) async fn advance(
    connection: &mut SqliteConnection,
    step: &Step,
    accounts: Option<&SqliteAccounts>,
) -> Result<Wrote<Advanced>, PortError> {
    let (Some(accounts), Some((change, finished))) = (accounts, step.with_account()) else {
        let moved = carry_out(connection, step).await?;
        return Ok(Wrote::Keep(if moved { Advanced::Moved } else { Advanced::Conflict }));
    };
    if !carry_out(connection, finished).await? {
        return Ok(Wrote::Keep(Advanced::Conflict));
    }
    Ok(match accounts.set_password_in(connection, change).await? {
        Changed::Updated => Wrote::Keep(Advanced::Finished),
        _ => Wrote::TakeBack(Advanced::StaleAccount),
    })
}

/// Carries out a step; `false`, and nothing is written, when the row was not as the step wants it.
async fn carry_out(connection: &mut SqliteConnection, step: &Step) -> Result<bool, PortError> {
    let failed = failed(CANNOT_WRITE);
    let after = step.after();
    let alive_at = if step.refuses_expired() { step.at().timestamp_millis() } else { i64::MIN };
    let bind = |advance| {
        row::bind_step(advance, after.stored())
            .bind(step.adds().bits())
            .bind(step.removes().bits())
            .bind(step.from_version())
            .bind(alive_at)
    };
    let text = if step.binds() { sql::BIND } else { sql::ADVANCE };
    if change(connection, text, step.audit(), bind).await?.is_none() {
        return Ok(false);
    }
    if let (true, Some(account)) = (step.closes_siblings(), after.account()) {
        let won = State::Closed(CloseReason::OtherResetWon);
        sqlx::query(sql::NOTE_SIBLINGS)
            .bind(account.as_str())
            .bind(after.id().as_bytes().as_slice())
            .bind(step.at().timestamp_millis())
            .bind(AuditEvent::Closed.code())
            .bind("other_reset_won")
            .execute(&mut *connection)
            .await
            .map_err(&failed)?;
        sqlx::query(sql::CLOSE_SIBLINGS)
            .bind(account.as_str())
            .bind(after.id().as_bytes().as_slice())
            .bind(won.code())
            .execute(&mut *connection)
            .await
            .map_err(&failed)?;
    }
    if let Some(learnt) = step.learns() {
        learn(connection, learnt).await?;
    }
    if step.clears_failures() {
        delete(connection, sql::CLEAR_RUN, after.subject()).await?;
    }
    Ok(true)
}

pub(crate) async fn acknowledge(connection: &mut SqliteConnection, ack: &Ack) -> Result<Acknowledged, PortError> {
    let settled = change(connection, sql::SETTLE, &ack.audit, |acknowledge| {
        acknowledge
            .bind(ack.id.as_bytes().as_slice())
            .bind(ack.lease)
            .bind(ack.done.bits())
            .bind(i64::from(ack.notified))
            .bind(i64::from(ack.delivery_attempts))
            .bind(ack.seen.bits())
            .bind(ack.at.timestamp_millis())
            .bind(ack.retry_at.timestamp_millis())
    })
    .await?;
    let more_tasks = settled.map(|row| row.try_get(0)).transpose().map_err(failed(CANNOT_WRITE))?;
    Ok(match more_tasks {
        Some(true) => Acknowledged::MoreTasks,
        Some(false) => Acknowledged::Done,
        None => Acknowledged::LeaseLost,
    })
}

/// The transaction writes from its beginning, so nobody is between the read and the write.
pub(crate) async fn take_permit(connection: &mut SqliteConnection, quota: &Quota) -> Result<PermitTaken, PortError> {
    if let (Some(full_at), taken @ PermitTaken::Granted { .. }) = quota.take(None) {
        let first = sqlx::query(sql::FIRST_TOKEN)
            .bind(quota.key.as_bytes().as_slice())
            .bind(full_at.timestamp_millis())
            .bind(quota.at.timestamp_millis())
            .execute(&mut *connection)
            .await
            .map_err(failed(CANNOT_WRITE))?;
        if first.rows_affected() > 0 {
            return Ok(taken);
        }
    }
    let full_at: Option<i64> = sqlx::query(sql::BUCKET)
        .bind(quota.key.as_bytes().as_slice())
        .fetch_optional(&mut *connection)
        .await
        .and_then(|row| row.map(|row| row.try_get(0)).transpose())
        .map_err(failed(CANNOT_READ))?;
    let full_at = full_at
        .map(|millis| {
            DateTime::<Utc>::from_timestamp_millis(millis).ok_or(PortError::permanent("a stored quota is damaged"))
        })
        .transpose()?;
    let (full_at, taken) = quota.take(full_at);
    if let (PermitTaken::Granted { .. }, Some(full_at)) = (&taken, full_at) {
        sqlx::query(sql::SET_BUCKET)
            .bind(quota.key.as_bytes().as_slice())
            .bind(full_at.timestamp_millis())
            .execute(&mut *connection)
            .await
            .map_err(failed(CANNOT_WRITE))?;
    }
    Ok(taken)
}

async fn learn(connection: &mut SqliteConnection, learnt: &KnownSender) -> Result<(), PortError> {
    let number = learnt.number.as_bytes().as_slice();
    if let Some(id) = &learnt.id {
        sqlx::query(sql::FORGET_OLD_ID)
            .bind(id.as_bytes().as_slice())
            .bind(number)
            .execute(&mut *connection)
            .await
            .map_err(failed(CANNOT_WRITE))?;
    }
    sqlx::query(sql::LEARN)
        .bind(number)
        .bind(learnt.id.as_ref().map(|id| id.as_bytes().as_slice()))
        .bind(learnt.identity.as_ref().map(|identity| identity.as_bytes().as_slice()))
        .bind(learnt.account.as_str())
        .bind(learnt.seen_at.timestamp_millis())
        .execute(&mut *connection)
        .await
        .map_err(failed(CANNOT_WRITE))?;
    Ok(())
}

pub(crate) async fn record(connection: &mut SqliteConnection, rows: &[AuditRow]) -> Result<(), PortError> {
    for row in rows {
        row::bind_audit(sqlx::query(sql::RECORD), row)
            .execute(&mut *connection)
            .await
            .map_err(failed("cannot write the audit trail"))?;
    }
    Ok(())
}

/// A statement that deletes what has a digest.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    text: &'static str,
    digest: &Digest,
) -> Result<(), PortError> {
    sqlx::query(text).bind(digest.as_bytes().as_slice()).execute(connection).await.map_err(failed(CANNOT_WRITE))?;
    Ok(())
}
