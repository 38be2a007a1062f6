//! The writes of the store, each a statement, as the ports ask for them.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use password_reset::PortError;
use password_reset::flow::{AuditEvent, AuditRow, CloseReason, Reset, State, Step};
use password_reset::ports::{
    Accounts, Attempt, AttemptKind, Attempted, Loaded, Opened, PasswordChange, PermitTaken, Quota, Transitioned,
};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, Row, SqlSafeStr, SqlStr};

use crate::accounts::read::joined;
use crate::accounts::{PostgresAccounts, Texts};
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
            row::bind_audit(tables.query(sql::RECORD), Some(audit))
                .bind(tables.realm())
                .execute(&mut *transaction)
                .await?;
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
    permit: Option<&Quota>,
    lease_until: Option<DateTime<Utc>>,
    audit: &[AuditRow],
) -> Result<Opened, PortError> {
    let text = if permit.is_some() { sql::OPEN_WITH_PERMIT.as_str() } else { sql::OPEN };
    let statement = row::bind_all(tables.query(text), reset.stored());
    let statement = statement.bind(i64::from(lease_until.is_some())).bind(lease_until);
    let mut statement =
        row::bind_audit(statement, audit.first()).bind(tables.realm()).bind(row::first_contact(reset.stored()));
    if let Some(quota) = permit {
        statement = bind_quota(statement, quota);
    }
    let opened = change(tables, statement, audit, first_column).await;
    let row = match opened {
        Ok(row) => row.ok_or(PortError::transient(CANNOT_WRITE))?,
        // The statement failed as a whole, so no permit was taken either.
        Err(error) if broke(&error, "reset_inbound_key") => return Ok(Opened::DuplicateKey),
        Err(error) => return Err(failed(CANNOT_WRITE)(error)),
    };
    match (first_column(&row).map_err(failed(CANNOT_WRITE))?, permit) {
        (true, _) | (false, None) => Ok(Opened::Stored),
        (false, Some(quota)) => {
            Ok(Opened::RateLimited { next_at: next_at(quota, row::full_at_or_null(&row, "full_at")?) })
        }
    }
}

/// When a quota that gave no permit gives one.
fn next_at(quota: &Quota, full_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
    match quota.take(full_at).1 {
        PermitTaken::RateLimited { next_at } => next_at,
        // The statement saw a permit that another caller took at the same time.
        _ => quota.at.checked_add_signed(refill(quota)).unwrap_or(quota.at),
    }
}

fn refill(quota: &Quota) -> TimeDelta {
    TimeDelta::from_std(quota.refill).unwrap_or(TimeDelta::MAX)
}

/// Binds the values of a quota, as [`permit`](sql::permit) has them.
fn bind_quota<'q>(statement: Statement<'q>, quota: &'q Quota) -> Statement<'q> {
    let capacity = quota.refill.checked_mul(quota.burst).and_then(|capacity| TimeDelta::from_std(capacity).ok());
    let limit = capacity.and_then(|capacity| quota.at.checked_add_signed(capacity)).unwrap_or(row::FAR_AHEAD);
    statement
        .bind(quota.key.as_bytes().as_slice())
        .bind(quota.at)
        .bind(refill(quota).num_microseconds().unwrap_or(i64::MAX))
        .bind(limit.min(row::FAR_AHEAD))
        .bind(quota.furthest().min(row::FAR_AHEAD))
}

/// The text of a step. Its parts depend on what the step asks for; their parameters follow those that all steps have.
struct StepText {
    text: String,
    parameters: usize,
}

impl StepText {
    fn next(&mut self) -> usize {
        self.parameters = self.parameters.saturating_add(1);
        self.parameters
    }
}

/// Builds the statement of a step, with the update of its account if there are texts for that.
fn step_text(step: &Step, account: Option<&Texts>) -> String {
    let mut built = StepText { text: "with ".to_owned(), parameters: sql::STEP_PARAMETERS };
    let closes = step.closes_siblings() && step.after().account().is_some();
    if closes {
        built.text += sql::FAMILY;
    }
    let counts_family = if closes { " and (select count(*) from family) >= 0" } else { "" };
    let locks = account.is_some() || step.permit().is_some() || step.lease().is_some();
    let leases = step.lease().map(|_| (built.next(), built.next()));
    if locks {
        let (held, free) = match leases {
            Some((held, _)) => (
                format!("(lease = ${held} and leased_until is not null)"),
                "(leased_until is null or leased_until <= $30)".to_owned(),
            ),
            None => ("false".to_owned(), "false".to_owned()),
        };
        built.text += &sql::READY.replace("{held}", &held).replace("{free}", &free).replace("{family}", counts_family);
    }
    let mut condition = String::new();
    if let Some(claim) = step.permit() {
        let (key, was, full) = (built.next(), built.next(), built.next());
        // A quota that had a time must still have it when it is written, not only when the statement began.
        built.text += &match claim.was_full_at {
            None => format!(
                "claimed as (insert into password_reset_quotas (key, full_at) select ${key}, ${full} \
                     where exists (select from ready) and ${was}::timestamptz is null \
                     on conflict (key) do nothing returning 1), "
            ),
            Some(_) => format!(
                "claimed as (update password_reset_quotas set full_at = ${full} \
                     where key = ${key} and full_at = ${was} and exists (select from ready) returning 1), "
            ),
        };
        condition += " and exists (select from claimed)";
    }
    let refills: Vec<String> = step.refills().iter().map(|_| format!("${}", built.next())).collect();
    let learns = step.learns().map(|_| [(); 5].map(|()| built.next()));
    if let Some(account) = account {
        let update = account.set_password(built.parameters);
        built.text += &format!("written as ({update} and exists (select from ready) returning 1), ");
        condition += " and exists (select from written)";
    }
    let (lease, leased) = match leases {
        Some((_, until)) => (
            format!(
                ", lease = case when not ready.held and ready.free then r.lease + 1 else r.lease end, \
                 leased_until = case when ready.held or ready.free then ${until} else r.leased_until end"
            ),
            "(ready.held or ready.free)",
        ),
        None => (String::new(), "false"),
    };
    let (from, joined) = if locks { ("from ready ", " and r.id = ready.id") } else { ("", "") };
    let counts_family = if locks { "" } else { counts_family };
    let moved = sql::MOVED.replace("{lease}", &lease).replace("{from}", from).replace("{leased}", leased);
    built.text += &moved.replace("{condition}", &format!("{joined}{counts_family}{condition}"));
    built.text += sql::STEP_AUDITED;
    if closes {
        built.text += sql::CLOSED;
    }
    if !refills.is_empty() {
        built.text += &format!(
            ", refilled as (delete from password_reset_quotas where key in ({}) and exists (select from moved))",
            refills.join(", ")
        );
    }
    if let Some([number, id, identity, account, seen_at]) = learns {
        // An id that another number had is deleted first; counting the deleted rows enforces that order.
        built.text += &format!(
            ", forgotten as (delete from password_reset_senders \
                 where realm = $34 and id = ${id} and number <> ${number} and exists (select from moved) returning 1), \
             learnt as (insert into password_reset_senders as s (number, id, identity, account, seen_at, realm) \
                 select ${number}, ${id}, ${identity}, ${account}, ${seen_at}, $34 \
                 where exists (select from moved) and (select count(*) from forgotten) >= 0 \
                 on conflict (realm, number) do update \
                 set id = coalesce(excluded.id, s.id), identity = coalesce(excluded.identity, s.identity), \
                     account = excluded.account, seen_at = excluded.seen_at)"
        );
    }
    let ready = if account.is_some() { "exists (select from ready)" } else { "true" };
    built.text
        + &format!(
            " select moved.id is not null as moved, {ready} as ready, moved.leased, moved.lease, moved.tasks, \
                 moved.notified, moved.delivery_attempts from (select 1) as one left join moved on true"
        )
}

/// Carries a step out, with its account if the store writes that.
pub(crate) async fn transition(
    tables: &Tables,
    account: Option<(&PostgresAccounts, &PasswordChange)>,
    step: &Step,
) -> Result<Result<Transitioned, sqlx::Error>, PortError> {
    let texts = match account {
        Some((accounts, _)) => Some(accounts.texts().await?),
        None => None,
    };
    let text = tables.names.text(AssertSqlSafe(step_text(step, texts)));
    let mut statement =
        bind_step(sqlx::query(text), step).bind(tables.realm()).bind(row::first_contact(step.after().stored()));
    if let Some(lease) = step.lease() {
        statement = statement.bind(lease.held).bind(lease.until);
    }
    if let Some(claim) = step.permit() {
        statement = statement.bind(claim.key.as_bytes().as_slice()).bind(claim.was_full_at).bind(claim.full_at);
    }
    for key in step.refills() {
        statement = statement.bind(key.as_bytes().as_slice());
    }
    if let Some(learnt) = step.learns() {
        statement = statement
            .bind(learnt.number.as_bytes().as_slice())
            .bind(learnt.id.as_ref().map(|id| id.as_bytes().as_slice()))
            .bind(learnt.identity.as_ref().map(|identity| identity.as_bytes().as_slice()))
            .bind(learnt.account.as_str())
            .bind(learnt.seen_at);
    }
    if let Some((accounts, change)) = account {
        statement = accounts.bind_change(statement, change).await?;
    }
    let row = match change(tables, statement, step.audit(), |row| row.try_get("moved")).await {
        Ok(row) => row.ok_or(PortError::transient(CANNOT_WRITE))?,
        Err(error) => return Ok(Err(error)),
    };
    let flag = |column| row.try_get::<bool, _>(column).map_err(failed(CANNOT_WRITE));
    let lease = row::lease_taken(&row)?;
    Ok(Ok(match (flag("moved")?, account.is_some()) {
        (true, true) => Transitioned::Finished { lease },
        (true, false) => Transitioned::Moved { lease },
        (false, true) if flag("ready")? => Transitioned::StaleAccount,
        (false, _) => Transitioned::Conflict,
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
        .bind(row::time(step.at()))
        .bind(State::Closed(CloseReason::OtherResetWon).code())
        .bind(AuditEvent::Closed.code())
        .bind("other_reset_won")
}

pub(crate) async fn attempt(
    tables: &Tables,
    accounts: Option<&PostgresAccounts>,
    attempt: &Attempt,
) -> Result<Attempted, PortError> {
    let counter = match attempt.kind {
        AttemptKind::Code => "code_attempts",
        AttemptKind::StepUp => "step_up_attempts",
        AttemptKind::Completion => "completion_attempts",
    };
    let quotas = &attempt.quotas;
    let mut keys = HashSet::new();
    if !quotas.iter().all(|quota| keys.insert(quota.key)) {
        return Err(PortError::permanent("an attempt takes two permits of one quota"));
    }
    let accounts = accounts.filter(|_| attempt.kind != AttemptKind::Code);
    let [select, from] = sql::attempt(counter, quotas.len());
    let text = with_account(tables, accounts, [&select, &from]).await?;
    let mut statement = sqlx::query(text).bind(uuid(attempt.id)).bind(i64::from(attempt.limit)).bind(tables.realm());
    for quota in quotas {
        statement = bind_quota(statement, quota);
    }
    let counted = tables.fetch_optional(statement).await.map_err(failed(CANNOT_WRITE))?;
    let Some(counted) = counted else {
        let known = tables.fetch_optional(tables.query(sql::EXISTS).bind(uuid(attempt.id)).bind(tables.realm())).await;
        let is_known = known.map_err(failed(CANNOT_READ))?.is_some();
        return Ok(if is_known { Attempted::LimitReached } else { Attempted::Unknown });
    };
    let permits = quotas.iter().enumerate().map(|(at, quota)| {
        Ok(match row::full_at_or_null(&counted, &format!("granted_{at}"))? {
            // One refill before, the quota gave this permit.
            Some(full_at) => quota.take(full_at.checked_sub_signed(refill(quota))).1,
            None => {
                let before = row::full_at_or_null(&counted, &format!("before_{at}"))?;
                PermitTaken::RateLimited { next_at: next_at(quota, before) }
            }
        })
    });
    let permits = permits.collect::<Result<_, PortError>>()?;
    Ok(Attempted::Counted { loaded: Box::new(loaded(accounts, &counted)?), permits })
}

/// A text that reads resets as `r`, with the account of each where the store keeps the accounts.
pub(crate) async fn with_account(
    tables: &Tables,
    accounts: Option<&PostgresAccounts>,
    [select, from]: [&str; 2],
) -> Result<SqlStr, PortError> {
    let text = |select: &str| tables.names.text(AssertSqlSafe(format!("{select}{from}")));
    let Some(accounts) = accounts else { return Ok(text(select)) };
    let own = text(&select.replace("select r.*", "select r.*, u.*"));
    Ok(AssertSqlSafe(format!("{}{}", own.as_str(), accounts.joined().await?)).into_sql_str())
}

/// Reads a reset, and its account where the store keeps the accounts.
pub(crate) fn loaded(accounts: Option<&PostgresAccounts>, row: &PgRow) -> Result<Loaded, PortError> {
    let reset = row::reset(row)?;
    Ok(match accounts {
        Some(accounts) => Loaded::with_account(reset, joined(row, Accounts::home_country(accounts))?),
        None => Loaded::without_account(reset),
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
    Err(PortError::transient("too many concurrent claims on one quota"))
}
