//! What each write does in its transaction.

use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{Advanced, Bucket, Changed, Due, KnownSender, Opened, Settlement, SourceCount, TokenTaken};
use password_reset::{AuditEvent, AuditRow, CloseReason, Digest, PortError, Reset, ResetId, State};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::accounts::SqliteAccounts;
use crate::error::failed;
use crate::row::Statement;
use crate::sql::{Change, Text};
use crate::store::{CANNOT_READ, CANNOT_WRITE};
use crate::together::Wrote;
use crate::{row, sql};

/// The connection of a transaction.
pub(crate) struct Write<'c> {
    pub(crate) connection: &'c mut SqliteConnection,
    /// The transaction is not begun, for it is one text that begins and ends it.
    pub(crate) is_one_text: bool,
}

impl Write<'_> {
    /// The rows that a text returns.
    async fn rows<'s>(
        &mut self,
        text: Text,
        bind: impl FnOnce(Statement<'s>) -> Statement<'s>,
    ) -> Result<Vec<SqliteRow>, PortError> {
        let text = if self.is_one_text { text.alone } else { text.within };
        bind(sqlx::query(text)).fetch_all(&mut *self.connection).await.map_err(failed(CANNOT_WRITE))
    }

    /// Carries a statement out that changes a row or none, and writes the audit rows if it did.
    async fn change<'s>(
        &mut self,
        change: Change,
        audit: &'s [AuditRow],
        bind: impl FnOnce(Statement<'s>) -> Statement<'s>,
    ) -> Result<bool, PortError> {
        let (changed, rest) = match audit.split_first() {
            Some((first, rest)) => {
                (self.rows(change.noting, |statement| row::bind_audit(bind(statement), first)).await?, rest)
            }
            None => (self.rows(change.plain, bind).await?, audit),
        };
        let changed = !changed.is_empty();
        if changed {
            record(self.connection, rest).await?;
        }
        Ok(changed)
    }
}

/// Whether [`open`] is one text.
pub(crate) fn opens_in_one_text(reset: &Reset, audit: &[AuditRow]) -> bool {
    reset.stored().inbound_key.is_none() && audit.len() <= 1
}

pub(crate) async fn open(
    mut write: Write<'_>,
    reset: &Reset,
    source: Option<&SourceCount>,
    audit: &[AuditRow],
) -> Result<Opened, PortError> {
    if let Some(key) = &reset.stored().inbound_key {
        let taken = sqlx::query(sql::LOAD_INBOUND)
            .bind(key.as_bytes().as_slice())
            .bind([].as_slice())
            .fetch_optional(&mut *write.connection)
            .await
            .map_err(failed(CANNOT_READ))?;
        if taken.is_some() {
            return Ok(Opened::Taken);
        }
    }
    let stored = match source {
        None => write.change(sql::OPEN, audit, |open| row::bind_all(open, reset.stored())).await?,
        Some(count) => {
            let bind = |open| {
                row::bind_all(open, reset.stored())
                    .bind(count.source.as_bytes().as_slice())
                    .bind(count.window_end().timestamp_millis())
                    .bind(i64::from(count.limit))
            };
            write.change(sql::OPEN_COUNTED, audit, bind).await?
        }
    };
    Ok(if stored { Opened::Stored } else { Opened::Limited })
}

/// Counts a try to set a password: `None` when there is no try left, or no such reset.
pub(crate) async fn count_completion(
    mut write: Write<'_>,
    id: ResetId,
    limit: u32,
) -> Result<Option<Reset>, PortError> {
    let counted =
        write.rows(sql::COUNT_COMPLETION, |count| count.bind(id.as_bytes().as_slice()).bind(i64::from(limit))).await?;
    counted.first().map(row::reset).transpose()
}

/// Counts a typed code, and the run of them: `None` when there is no try left, or no such reset.
pub(crate) async fn count_code(write: Write<'_>, id: ResetId, limit: u32) -> Result<Option<(Reset, u32)>, PortError> {
    let counted = sqlx::query(sql::COUNT_CODE)
        .bind(id.as_bytes().as_slice())
        .bind(i64::from(limit))
        .fetch_optional(&mut *write.connection)
        .await
        .map_err(failed(CANNOT_WRITE))?;
    let Some(counted) = counted else { return Ok(None) };
    let reset = row::reset(&counted)?;
    let wrong: i64 = sqlx::query(sql::COUNT_RUN)
        .bind(reset.subject().as_bytes().as_slice())
        .bind(reset.expires_at().timestamp_millis())
        .fetch_one(write.connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failed(CANNOT_WRITE))?;
    Ok(Some((reset, u32::try_from(wrong).unwrap_or(u32::MAX))))
}

/// Whether [`advance`] is one text.
pub(crate) fn advances_in_one_text(step: &Step, accounts: Option<&SqliteAccounts>) -> bool {
    let writes_account = accounts.is_some() && step.with_account().is_some();
    !writes_account && !closes(step) && step.learns().is_none() && (step.audit().len() == 1 || is_bare(step))
}

fn is_bare(step: &Step) -> bool {
    step.audit().is_empty() && !step.clears_run()
}

/// Whether other resets of the account end with it.
fn closes(step: &Step) -> bool {
    step.closes_siblings() && step.after().account().is_some()
}

pub(crate) async fn advance(
    mut write: Write<'_>,
    step: &Step,
    accounts: Option<&SqliteAccounts>,
) -> Result<Wrote<Advanced>, PortError> {
    let (Some(accounts), Some((change, finished))) = (accounts, step.with_account()) else {
        let moved = carry_out(&mut write, step).await?;
        return Ok(Wrote::Keep(if moved { Advanced::Moved } else { Advanced::Conflict }));
    };
    if !carry_out(&mut write, finished).await? {
        return Ok(Wrote::Keep(Advanced::Conflict));
    }
    Ok(match accounts.set_password_in(write.connection, change).await? {
        Changed::Done => Wrote::Keep(Advanced::Finished),
        _ => Wrote::TakeBack(Advanced::StaleAccount),
    })
}

/// Carries out a step; `false`, and nothing is written, when the row was not as the step wants it.
async fn carry_out(write: &mut Write<'_>, step: &Step) -> Result<bool, PortError> {
    let failed = failed(CANNOT_WRITE);
    let after = step.after();
    let alive_at = if step.refuses_expired() { step.at().timestamp_millis() } else { i64::MIN };
    let bind = |advance| {
        row::bind_step(advance, after.stored())
            .bind(step.adds().bits())
            .bind(step.forgives().bits())
            .bind(step.from_version())
            .bind(alive_at)
    };
    let mut clears = step.clears_run();
    let moved = match step.audit() {
        _ if step.binds() => write.change(sql::BIND, step.audit(), bind).await?,
        [note] if clears => {
            clears = false;
            let bind = |advance| row::bind_audit(bind(advance), note);
            !write.rows(sql::ADVANCE_CLEARING, bind).await?.is_empty()
        }
        audit => write.change(sql::ADVANCE, audit, bind).await?,
    };
    if !moved {
        return Ok(false);
    }
    if let (true, Some(account)) = (closes(step), after.account()) {
        let won = State::Closed(CloseReason::OtherResetWon);
        sqlx::query(sql::NOTE_SIBLINGS)
            .bind(account.as_str())
            .bind(after.id().as_bytes().as_slice())
            .bind(step.at().timestamp_millis())
            .bind(AuditEvent::Closed.code())
            .bind("other_reset_won")
            .execute(&mut *write.connection)
            .await
            .map_err(&failed)?;
        sqlx::query(sql::CLOSE_SIBLINGS)
            .bind(account.as_str())
            .bind(after.id().as_bytes().as_slice())
            .bind(won.code())
            .execute(&mut *write.connection)
            .await
            .map_err(&failed)?;
    }
    if let Some(learnt) = step.learns() {
        learn(write.connection, learnt).await?;
    }
    if clears {
        delete(write.connection, sql::CLEAR_RUN, after.subject()).await?;
    }
    Ok(true)
}

pub(crate) async fn settle(mut write: Write<'_>, settlement: &Settlement) -> Result<bool, PortError> {
    write
        .change(sql::SETTLE, &settlement.audit, |settle| {
            settle
                .bind(settlement.id.as_bytes().as_slice())
                .bind(settlement.lease)
                .bind(settlement.paid.bits())
                .bind(i64::from(settlement.told))
                .bind(i64::from(settlement.attempts))
                .bind(settlement.seen.bits())
                .bind(settlement.at.timestamp_millis())
                .bind(settlement.retry_at.timestamp_millis())
        })
        .await
}

pub(crate) async fn lease(mut write: Write<'_>, due: &Due) -> Result<Vec<SqliteRow>, PortError> {
    write
        .rows(sql::LEASE, |lease| {
            lease.bind(due.at.timestamp_millis()).bind(due.lease_until.timestamp_millis()).bind(i64::from(due.limit))
        })
        .await
}

/// Takes a token from a bucket that is full, as most are; `None` when it is not.
pub(crate) async fn take_first_token(mut write: Write<'_>, bucket: &Bucket) -> Result<Option<TokenTaken>, PortError> {
    let (Some(full_at), taken @ TokenTaken::Taken { .. }) = bucket.take(None) else { return Ok(None) };
    let took = write
        .rows(sql::FIRST_TOKEN, |first| {
            first
                .bind(bucket.key.as_bytes().as_slice())
                .bind(full_at.timestamp_millis())
                .bind(bucket.at.timestamp_millis())
        })
        .await?;
    Ok((!took.is_empty()).then_some(taken))
}

/// The transaction writes from its beginning, so nobody is between the read and the write.
pub(crate) async fn take_token(write: Write<'_>, bucket: &Bucket) -> Result<TokenTaken, PortError> {
    let full_at: Option<i64> = sqlx::query(sql::BUCKET)
        .bind(bucket.key.as_bytes().as_slice())
        .fetch_optional(&mut *write.connection)
        .await
        .and_then(|row| row.map(|row| row.try_get(0)).transpose())
        .map_err(failed(CANNOT_READ))?;
    let full_at = full_at
        .map(|millis| {
            DateTime::<Utc>::from_timestamp_millis(millis).ok_or(PortError::permanent("a stored bucket is damaged"))
        })
        .transpose()?;
    let (full_at, taken) = bucket.take(full_at);
    if let (TokenTaken::Taken { .. }, Some(full_at)) = (&taken, full_at) {
        sqlx::query(sql::SET_BUCKET)
            .bind(bucket.key.as_bytes().as_slice())
            .bind(full_at.timestamp_millis())
            .execute(&mut *write.connection)
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
