//! Every write of the store, as a function of a connection on which a transaction has begun.
//!
//! The transaction writes from its beginning, so no other writer comes between a read here and the write after it.

use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, CloseReason, Reset, State, Step};
use password_reset::ports::{
    Ack, Acknowledged, Attempt, AttemptKind, Attempted, Changed, Digest, Due, KnownSender, LeaseTaken, Leased, Opened,
    PermitTaken, Purge, Quota, SenderName, Transitioned,
};
use password_reset::{AccountId, PortError, Realm};
use rusqlite::{Connection, params};

use crate::accounts::SqliteAccounts;
use crate::error::{Failure, Outcome};
use crate::reads;
use crate::row::{self, Cells};
use crate::sql;
use crate::statement::Statement;

pub(crate) fn open(
    connection: &Connection,
    realm: &Realm,
    reset: &Reset,
    permit: Option<&Quota>,
    lease_until: Option<DateTime<Utc>>,
    audit: &[AuditRow],
) -> Outcome<Opened> {
    if let Some(key) = &reset.stored().inbound_key {
        let taken =
            Statement::with(connection, sql::HAS_INBOUND_KEY, params![key.as_bytes().as_slice(), realm.as_str()])?;
        if taken.first(|_| Ok(()))?.is_some() {
            return Ok(Opened::DuplicateKey);
        }
    }
    if let Some(quota) = permit
        && let PermitTaken::RateLimited { next_at } = take_permit(connection, quota)?
    {
        return Ok(Opened::RateLimited { next_at });
    }
    let mut insert = Statement::new(connection, sql::OPEN)?;
    row::bind_all(&mut insert, reset.stored())?;
    insert.bind(params![lease_until.is_some(), lease_until.map(|until| until.timestamp_millis()), realm.as_str()])?;
    insert.run()?;
    record(connection, realm, audit)?;
    Ok(Opened::Stored)
}

pub(crate) fn attempt(
    connection: &Connection,
    realm: &Realm,
    attempt: &Attempt,
    accounts: Option<&SqliteAccounts>,
) -> Outcome<Attempted> {
    let text = match attempt.kind {
        AttemptKind::Code => sql::COUNT_CODE,
        AttemptKind::StepUp => sql::COUNT_STEP_UP,
        AttemptKind::Completion => sql::COUNT_COMPLETION,
    };
    let accounts = accounts.filter(|_| attempt.kind != AttemptKind::Code);
    let id = attempt.id.as_bytes().as_slice();
    let counted = Statement::with(connection, text, params![id, attempt.limit, realm.as_str()])?
        .first(|row| reads::with_account(connection, row::reset(&mut Cells::of(row))?, accounts))?;
    let Some(loaded) = counted else {
        let known = Statement::with(connection, sql::EXISTS, params![id, realm.as_str()])?.first(|_| Ok(()))?;
        return Ok(if known.is_some() { Attempted::LimitReached } else { Attempted::Unknown });
    };
    let permits = attempt.quotas.iter().map(|quota| take_permit(connection, quota)).collect::<Outcome<_>>()?;
    Ok(Attempted::Counted { loaded: Box::new(loaded), permits })
}

pub(crate) fn transition(
    connection: &Connection,
    realm: &Realm,
    step: &Step,
    accounts: Option<&SqliteAccounts>,
) -> Outcome<Transitioned> {
    let (Some(accounts), Some((change, finished))) = (accounts, step.with_account()) else {
        let taken = carry_out(connection, realm, step)?;
        return Ok(taken.map_or(Transitioned::Conflict, |lease| Transitioned::Moved { lease }));
    };
    Statement::new(connection, sql::STEP_SAVEPOINT)?.run()?;
    let transitioned = match carry_out(connection, realm, finished)? {
        None => Transitioned::Conflict,
        Some(lease) if accounts.set_password_in(connection, change)? == Changed::Updated => {
            Transitioned::Finished { lease }
        }
        Some(_) => {
            Statement::new(connection, sql::STEP_ROLLBACK)?.run()?;
            Transitioned::StaleAccount
        }
    };
    Statement::new(connection, sql::STEP_RELEASE)?.run()?;
    Ok(transitioned)
}

/// Carries out a step; returns the lease that it took, if any. `None`, and nothing is written, when the row or the quota of
/// its permit is not as the step requires.
fn carry_out(connection: &Connection, realm: &Realm, step: &Step) -> Outcome<Option<Option<LeaseTaken>>> {
    let after = step.after();
    let permit = step.permit();
    let alive_at = if step.refuses_expired() { step.at().timestamp_millis() } else { i64::MIN };
    let mut update = Statement::new(connection, if step.binds() { sql::BIND } else { sql::TRANSITION })?;
    row::bind_step(&mut update, after.stored())?;
    update.bind(params![
        step.adds().bits(),
        step.removes().bits(),
        step.from_version(),
        alive_at,
        permit.map(|claim| claim.key.as_bytes().as_slice()),
        permit.and_then(|claim| claim.was_full_at).map(|at| at.timestamp_millis()),
        realm.as_str(),
    ])?;
    if step.binds() {
        update.bind(params![row::first_contact(after.stored())])?;
    }
    if update.run()? == 0 {
        return Ok(None);
    }
    record(connection, realm, step.audit())?;
    if let (true, Some(account)) = (step.closes_siblings(), after.account()) {
        close_siblings(connection, realm, step, account)?;
    }
    if let Some(learnt) = step.learns() {
        learn(connection, realm, learnt)?;
    }
    if let Some(claim) = permit {
        let values = params![claim.key.as_bytes().as_slice(), claim.full_at.timestamp_millis()];
        Statement::with(connection, sql::SET_QUOTA, values)?.run()?;
    }
    refill(connection, step.refills())?;
    let Some(request) = step.lease() else { return Ok(Some(None)) };
    let id = after.id();
    let (until, at) = (request.until.timestamp_millis(), step.at().timestamp_millis());
    let values = params![id.as_bytes().as_slice(), request.held, until, at, realm.as_str()];
    Statement::with(connection, sql::TAKE_LEASE, values)?
        .first(|row| Ok(row::lease_taken(&mut Cells::of(row))?))
        .map(Some)
}

fn close_siblings(connection: &Connection, realm: &Realm, step: &Step, account: &AccountId) -> Outcome<()> {
    let won = State::Closed(CloseReason::OtherResetWon);
    let (account, id) = (account.as_str(), step.after().id());
    let id = id.as_bytes().as_slice();
    let (at, realm) = (step.at().timestamp_millis(), realm.as_str());
    let values = params![account, id, at, AuditEvent::Closed.code(), "other_reset_won", realm];
    Statement::with(connection, sql::NOTE_SIBLINGS, values)?.run()?;
    Statement::with(connection, sql::CLOSE_SIBLINGS, params![account, id, won.code(), realm])?.run()?;
    Ok(())
}

/// Leases due rows, the longest waiting first, and returns those that can be read. A damaged row does not keep the others
/// back: it stays leased, and is met again when its lease has run out. It is an error when there is nothing else.
pub(crate) fn lease(connection: &Connection, realm: &Realm, due: &Due) -> Outcome<Result<Vec<Leased>, PortError>> {
    let [at, lease_until, furthest] = [due.at, due.lease_until, due.furthest].map(|time| time.timestamp_millis());
    let mut leased = Vec::new();
    let mut damage = None;
    for text in [sql::LEASE, sql::LEASE_AHEAD] {
        let left = due.limit.saturating_sub(u32::try_from(leased.len()).unwrap_or(u32::MAX));
        let mut statement =
            Statement::with(connection, text, params![at, lease_until, left, realm.as_str(), furthest])?;
        let mut rows = statement.rows();
        while let Some(row) = rows.next()? {
            match row::leased(&mut Cells::of(row)) {
                Ok((reset, lease)) => leased.push(Leased::new(reset, lease)),
                Err(error) => {
                    let id: Vec<u8> = row.get(0).unwrap_or_default();
                    tracing::error!(reset = ?id, %error, "skipped a damaged reset with pending tasks");
                    damage = Some(error);
                }
            }
        }
    }
    // `returning` gives rows in no order.
    leased.sort_by_key(|leased| (leased.reset.stored().due_at, leased.reset.id()));
    Ok(match damage {
        Some(error) if leased.is_empty() => Err(error),
        _ => Ok(leased),
    })
}

pub(crate) fn acknowledge(connection: &Connection, realm: &Realm, ack: &Ack) -> Outcome<Acknowledged> {
    let values = params![
        ack.id.as_bytes().as_slice(),
        ack.lease,
        ack.done.bits(),
        ack.notified,
        ack.delivery_attempts,
        ack.seen.bits(),
        ack.at.timestamp_millis(),
        ack.retry_at.timestamp_millis(),
        realm.as_str(),
        ack.keep_until.map(|until| until.timestamp_millis()),
    ];
    let more_tasks = Statement::with(connection, sql::ACKNOWLEDGE, values)?.first(|row| Ok(row.get::<_, bool>(0)?))?;
    let Some(more_tasks) = more_tasks else { return Ok(Acknowledged::LeaseLost) };
    record(connection, realm, &ack.audit)?;
    if !more_tasks {
        return Ok(Acknowledged::Done);
    }
    let now_stored = match ack.keep_until.map(|_| reads::load(connection, realm, ack.id, None)).transpose() {
        Ok(loaded) => loaded.flatten(),
        // One damaged row must not keep the other acks from being written.
        Err(Failure::Port(error)) => {
            tracing::error!(reset = %ack.id, %error, "skipped a damaged reset with pending tasks");
            None
        }
        Err(error) => return Err(error),
    };
    let kept = now_stored.map(|loaded| Box::new(Leased::new(loaded.reset, ack.lease)));
    Ok(Acknowledged::MoreTasks { kept })
}

pub(crate) fn take_permit(connection: &Connection, quota: &Quota) -> Outcome<PermitTaken> {
    let key = quota.key.as_bytes().as_slice();
    if let (Some(full_at), taken @ PermitTaken::Granted { .. }) = quota.take(None) {
        let values = params![key, full_at.timestamp_millis(), quota.at.timestamp_millis()];
        if Statement::with(connection, sql::FIRST_PERMIT, values)?.run()? > 0 {
            return Ok(taken);
        }
    }
    let (full_at, taken) = quota.take(reads::full_at(connection, &quota.key)?);
    if let (PermitTaken::Granted { .. }, Some(full_at)) = (&taken, full_at) {
        Statement::with(connection, sql::SET_QUOTA, params![key, full_at.timestamp_millis()])?.run()?;
    }
    Ok(taken)
}

fn learn(connection: &Connection, realm: &Realm, learnt: &KnownSender) -> Outcome<()> {
    let number = learnt.number.as_bytes().as_slice();
    let id = learnt.id.as_ref().map(|id| id.as_bytes().as_slice());
    let identity = learnt.identity.as_ref().map(|identity| identity.as_bytes().as_slice());
    if id.is_some() {
        Statement::with(connection, sql::FORGET_OLD_ID, params![id, number, realm.as_str()])?.run()?;
    }
    let (account, seen_at) = (learnt.account.as_str(), learnt.seen_at.timestamp_millis());
    let values = params![number, id, identity, account, seen_at, realm.as_str()];
    Statement::with(connection, sql::LEARN, values)?.run()?;
    Ok(())
}

pub(crate) fn forget_sender(connection: &Connection, realm: &Realm, name: SenderName) -> Outcome<()> {
    let (text, digest) = match name {
        SenderName::Number(number) => (sql::FORGET_NUMBER, number),
        SenderName::Id(id) => (sql::FORGET_ID, id),
    };
    Statement::with(connection, text, params![digest.as_bytes().as_slice(), realm.as_str()])?.run()?;
    Ok(())
}

pub(crate) fn refill(connection: &Connection, quotas: &[Digest]) -> Outcome<()> {
    for key in quotas {
        Statement::with(connection, sql::REFILL, params![key.as_bytes().as_slice()])?.run()?;
    }
    Ok(())
}

pub(crate) fn record(connection: &Connection, realm: &Realm, rows: &[AuditRow]) -> Outcome<()> {
    for row in rows {
        let mut insert = Statement::new(connection, sql::RECORD)?;
        row::bind_audit(&mut insert, row)?;
        insert.bind(params![realm.as_str()])?;
        insert.run()?;
    }
    Ok(())
}

pub(crate) fn purge(connection: &Connection, realm: &Realm, purge: &Purge) -> Outcome<u64> {
    let mut deleted: usize = 0;
    for (text, before) in [
        (sql::PURGE_RESETS, purge.resets_before),
        (sql::PURGE_AUDIT, purge.audit_before),
        (sql::PURGE_NOISE, purge.noise_before),
        (sql::PURGE_SENDERS, purge.audit_before),
    ] {
        let values = params![before.timestamp_millis(), purge.limit, realm.as_str()];
        deleted = deleted.saturating_add(Statement::with(connection, text, values)?.run()?);
    }
    let values = params![purge.at.timestamp_millis(), purge.limit];
    deleted = deleted.saturating_add(Statement::with(connection, sql::PURGE_QUOTAS, values)?.run()?);
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}

pub(crate) fn erase(connection: &Connection, realm: &Realm, account: &AccountId, keys: &[Digest]) -> Outcome<()> {
    let list = row::hex_list(keys.iter().map(|key| key.as_bytes().as_slice()));
    for text in sql::ERASE_NAMED {
        Statement::with(connection, text, params![list, realm.as_str()])?.run()?;
    }
    for text in sql::ERASE {
        Statement::with(connection, text, params![account.as_str(), realm.as_str()])?.run()?;
    }
    refill(connection, keys)
}
