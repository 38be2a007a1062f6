//! The writes of the store, each a statement, as the ports ask for them.

use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{
    Ack, Acknowledged, Advanced, AttemptKind, Counted, Opened, PasswordChange, PermitTaken, Quota, SourceCount,
};
use password_reset::{AuditEvent, AuditRow, CloseReason, PortError, Reset, ResetId, State};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::accounts::PostgresAccounts;
use crate::error::{CANNOT_READ, CANNOT_WRITE, broke, failed};
use crate::names::Tables;
use crate::row::{self, Statement, uuid};
use crate::sql;

/// Attempts at a write that loses races. Another caller wins each of them, so the callers together make progress.
pub(crate) const MAX_RACES: usize = 100;

/// Runs a statement that writes the first audit row itself. Any further rows, which are rare, follow in the same
/// transaction if `did` says that the statement changed something.
async fn change(
    tables: &Tables,
    statement: Statement<'_>,
    audit: &[AuditRow],
    did: impl Fn(&PgRow) -> Result<bool, sqlx::Error>,
) -> Result<Option<PgRow>, sqlx::Error> {
    let more = audit.get(1..).unwrap_or_default();
    if more.is_empty() {
        return tables.fetch_optional(statement).await;
    }
    let mut connection = tables.connections.take().await?;
    let mut transaction = connection.begin().await?;
    let row = statement.fetch_all(&mut *transaction).await?.into_iter().next();
    if row.as_ref().map(did).transpose()?.unwrap_or(false) {
        for audit in more {
            row::bind_audit(tables.query(sql::RECORD), Some(audit)).execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await?;
    tables.connections.keep(connection);
    Ok(row)
}

fn first_column(row: &PgRow) -> Result<bool, sqlx::Error> {
    row.try_get(0)
}

pub(crate) async fn open(
    tables: &Tables,
    reset: &Reset,
    source: Option<&SourceCount>,
    audit: &[AuditRow],
) -> Result<Opened, PortError> {
    let text = if source.is_some() { sql::OPEN_COUNTED } else { sql::OPEN };
    let mut statement = row::bind_audit(row::bind_all(tables.query(text), reset.stored()), audit.first());
    if let Some(count) = source {
        statement =
            statement.bind(count.source.as_bytes().as_slice()).bind(count.window_end()).bind(i64::from(count.limit));
    }
    let opened = change(tables, statement, audit, first_column).await;
    match opened.and_then(|row| row.as_ref().map_or(Ok(false), first_column)) {
        Ok(true) => Ok(Opened::Stored),
        Ok(false) => Ok(Opened::RateLimited),
        // The statement failed as a whole, so the source was not counted either.
        Err(error) if broke(&error, "reset_inbound_key") => Ok(Opened::DuplicateKey),
        Err(error) => Err(failed(CANNOT_WRITE)(error)),
    }
}

/// Carries a step out, but for the account.
pub(crate) async fn advance(tables: &Tables, step: &Step) -> Result<Advanced, sqlx::Error> {
    let closes = step.closes_siblings() && step.after().account().is_some();
    let text = sql::advance(closes, step.clears_failures(), step.learns().is_some());
    let mut statement = bind_step(tables.query(text), step);
    if let Some(learnt) = step.learns() {
        statement = statement
            .bind(learnt.number.as_bytes().as_slice())
            .bind(learnt.id.as_ref().map(|id| id.as_bytes().as_slice()))
            .bind(learnt.identity.as_ref().map(|identity| identity.as_bytes().as_slice()))
            .bind(learnt.account.as_str())
            .bind(learnt.seen_at);
    }
    let moved = change(tables, statement, step.audit(), first_column).await?;
    let moved = moved.as_ref().map_or(Ok(false), first_column)?;
    Ok(if moved { Advanced::Moved } else { Advanced::Conflict })
}

/// Carries out the step that finishes a reset, and writes its account, by one statement.
pub(crate) async fn finish(
    tables: &Tables,
    accounts: &PostgresAccounts,
    change_of_account: &PasswordChange,
    step: &Step,
) -> Result<Result<Advanced, sqlx::Error>, PortError> {
    let update = accounts.update_after(sql::BEFORE_ACCOUNT).await?;
    let [before, after] = sql::ADVANCE_WITH_ACCOUNT.map(|part| tables.names.text(part));
    let text = format!("{}{update}{}", before.as_str(), after.as_str());
    let statement = bind_step(sqlx::query(AssertSqlSafe(text)), step);
    let statement = accounts.bind_change(statement, change_of_account).await?;
    let row = change(tables, statement, step.audit(), |row| row.try_get("moved")).await;
    Ok(row.and_then(|row| {
        let row = row.ok_or(sqlx::Error::RowNotFound)?;
        Ok(match (row.try_get("ready")?, row.try_get("moved")?) {
            (_, true) => Advanced::Finished,
            (true, false) => Advanced::StaleAccount,
            (false, false) => Advanced::Conflict,
        })
    }))
}

/// Binds `$1` to `$33` of every statement that carries a step out.
fn bind_step<'q>(statement: Statement<'q>, step: &Step) -> Statement<'q> {
    let alive_at = if step.refuses_expired() { row::time(step.at()) } else { row::LONG_AGO };
    let statement = row::bind_step(statement, step.after().stored())
        .bind(step.adds().bits())
        .bind(step.removes().bits())
        .bind(step.from_version())
        .bind(alive_at);
    row::bind_audit(statement, step.audit().first())
        .bind(step.at())
        .bind(State::Closed(CloseReason::OtherResetWon).code())
        .bind(AuditEvent::Closed.code())
        .bind("other_reset_won")
}

pub(crate) async fn count_attempt(
    tables: &Tables,
    id: ResetId,
    kind: AttemptKind,
    limit: u32,
) -> Result<Counted, PortError> {
    let text = match kind {
        AttemptKind::Code => sql::COUNT_CODE,
        AttemptKind::Completion => sql::COUNT_COMPLETION,
        _ => return Err(PortError::permanent("this store cannot count such attempts yet")),
    };
    let counted = tables.fetch_optional(tables.query(text).bind(uuid(id)).bind(i64::from(limit))).await;
    let Some(counted) = counted.map_err(failed(CANNOT_WRITE))? else {
        let known = tables.fetch_optional(tables.query(sql::EXISTS).bind(uuid(id))).await;
        let is_known = known.map_err(failed(CANNOT_READ))?.is_some();
        return Ok(if is_known { Counted::LimitReached } else { Counted::Unknown });
    };
    let run: i64 = counted.try_get("run").map_err(failed(CANNOT_WRITE))?;
    let (reset, run) = (Box::new(row::reset(&counted)?), u32::try_from(run).unwrap_or(u32::MAX));
    Ok(Counted::Yes { reset, run })
}

pub(crate) async fn acknowledge(tables: &Tables, ack: &Ack) -> Result<Acknowledged, PortError> {
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
    let statement = row::bind_audit(statement, ack.audit.first());
    let row = change(tables, statement, &ack.audit, |_| Ok(true)).await;
    let more_tasks = row.and_then(|row| row.as_ref().map(first_column).transpose());
    Ok(match more_tasks.map_err(failed(CANNOT_WRITE))? {
        Some(true) => Acknowledged::MoreTasks,
        Some(false) => Acknowledged::Done,
        None => Acknowledged::LeaseLost,
    })
}

pub(crate) async fn take_permit(tables: &Tables, quota: &Quota) -> Result<PermitTaken, PortError> {
    let key = quota.key.as_bytes().as_slice();
    // Most quotas are full and have no row, so that case is tried before anything is read.
    let mut before: Option<DateTime<Utc>> = None;
    for _ in 0..MAX_RACES {
        let (after, taken) = quota.take(before);
        let (PermitTaken::Granted { .. }, Some(after)) = (&taken, after) else { return Ok(taken) };
        let statement = match before {
            None => tables.query(sql::FIRST_PERMIT).bind(key).bind(after),
            Some(before) => tables.query(sql::NEXT_PERMIT).bind(key).bind(after).bind(before),
        };
        if tables.execute(statement).await.map_err(failed(CANNOT_WRITE))? > 0 {
            return Ok(taken);
        }
        // It was not full, or another caller took a permit meanwhile, or the row was purged.
        let found = tables.fetch_optional(tables.query(sql::QUOTA).bind(key)).await;
        before = found.map_err(failed(CANNOT_READ))?.as_ref().map(row::full_at).transpose()?;
    }
    Err(PortError::transient("too many callers take permits from one quota"))
}
