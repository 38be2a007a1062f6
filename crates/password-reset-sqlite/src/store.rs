//! The store.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{
    Advanced, Bucket, Changed, Counted, Due, KnownSender, Leased, Opened, Purge, ResetStore, SenderName, Settlement,
    SourceCount, TokenTaken, TryKind,
};
use password_reset::{AccountId, AuditEvent, AuditRow, CloseReason, Digest, PortError, Reset, ResetId, State};
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::accounts::SqliteAccounts;
use crate::error::failed;
use crate::writer::Writer;
use crate::{migrate, row, sql};

const CANNOT_READ: &str = "cannot read resets";
const CANNOT_WRITE: &str = "cannot write resets";

/// Keeps resets in SQLite, in tables of its own whose names begin with `password_reset_`.
///
/// Clones are handles on the same store. See the [crate](crate) for what the database must be.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    writer: Writer,
    accounts: Option<SqliteAccounts>,
}

impl SqliteStore {
    /// A store in the application's own database.
    #[must_use]
    pub fn new(pool: &SqlitePool) -> Self {
        Self { pool: pool.clone(), writer: Writer::new(pool), accounts: None }
    }

    /// Writes the account in the transaction that finishes its reset (R98), which needs the accounts in the *same
    /// database file*; [`migrate`](Self::migrate) and [`check`](Self::check) refuse another.
    #[must_use]
    pub fn writing(mut self, accounts: SqliteAccounts) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// Makes or updates the store's tables, sets the database's journal mode to WAL, and does what
    /// [`check`](Self::check) does.
    ///
    /// Does nothing when all is done, and may run in several processes at once. Its own table
    /// `password_reset_migrations` says what was applied; the migrations of the application go their own way.
    ///
    /// # Errors
    /// As [`check`](Self::check), and when the database cannot be written.
    pub async fn migrate(&self) -> Result<(), PortError> {
        migrate::use_wal(&self.writer).await?;
        migrate::run(&self.writer).await?;
        self.check().await
    }

    /// Checks that the tables are there and of this version, and the accounts' tables too if the store writes them.
    ///
    /// For programs that may not change the schema: another one [migrates](Self::migrate) before they start.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`](crate::SchemaError) that names what is missing.
    pub async fn check(&self) -> Result<(), PortError> {
        migrate::check(&self.pool).await?;
        match &self.accounts {
            Some(accounts) => accounts.check_in(&self.pool).await,
            None => Ok(()),
        }
    }

    /// Carries out a step inside a transaction; `false` when the row was not as the step wants it.
    async fn carry_out(connection: &mut SqliteConnection, step: &Step) -> Result<bool, PortError> {
        let failed = failed(CANNOT_WRITE);
        let after = step.after();
        let alive_at = if step.refuses_expired() { step.at().timestamp_millis() } else { i64::MIN };
        let moved = row::bind_step(sqlx::query(sql::ADVANCE), after.stored())
            .bind(step.adds().bits())
            .bind(step.forgives().bits())
            .bind(step.from_version())
            .bind(alive_at)
            .execute(&mut *connection)
            .await
            .map_err(&failed)?;
        if moved.rows_affected() == 0 {
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
        if step.clears_run() {
            clear_run(connection, after.subject()).await?;
        }
        record(connection, step.audit()).await?;
        Ok(true)
    }
}

#[async_trait]
impl ResetStore for SqliteStore {
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let mut opened = Opened::Stored;
        if let Some(key) = &reset.stored().inbound_key {
            let taken = sqlx::query(sql::LOAD_INBOUND)
                .bind(key.as_bytes().as_slice())
                .bind([].as_slice())
                .fetch_optional(&mut *transaction)
                .await
                .map_err(failed(CANNOT_READ))?;
            if taken.is_some() {
                return Ok(Opened::Taken);
            }
        }
        if let Some(count) = source {
            let requests: i64 = sqlx::query(sql::COUNT_SOURCE)
                .bind(count.source.as_bytes().as_slice())
                .bind(count.window_end().timestamp_millis())
                .fetch_one(&mut *transaction)
                .await
                .and_then(|row| row.try_get(0))
                .map_err(failed(CANNOT_WRITE))?;
            if requests > i64::from(count.limit) {
                opened = Opened::Limited;
            }
        }
        if opened == Opened::Stored {
            row::bind_all(sqlx::query(sql::INSERT_RESET), reset.stored())
                .execute(&mut *transaction)
                .await
                .map_err(failed(CANNOT_WRITE))?;
            record(&mut transaction, audit).await?;
        }
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        Ok(opened)
    }

    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        let found = sqlx::query(sql::LOAD)
            .bind(id.as_bytes().as_slice())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        found.as_ref().map(row::reset).transpose()
    }

    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError> {
        let found = sqlx::query(sql::LOAD_INBOUND)
            .bind(key.as_bytes().as_slice())
            .bind(sender.as_bytes().as_slice())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        found.as_ref().map(|found| Ok((row::reset(found)?, row::sender(found)?))).transpose()
    }

    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        let (text, digest) = match name {
            SenderName::Number(number) => (sql::SENDER_BY_NUMBER, number),
            SenderName::Id(id) => (sql::SENDER_BY_ID, id),
            _ => return Err(PortError::permanent("this store knows senders by no such name")),
        };
        let found = sqlx::query(text)
            .bind(digest.as_bytes().as_slice())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        found.as_ref().map(row::sender).transpose().map(Option::flatten)
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        let (text, digest) = match name {
            SenderName::Number(number) => (sql::FORGET_NUMBER, number),
            SenderName::Id(id) => (sql::FORGET_ID, id),
            _ => return Err(PortError::permanent("this store knows senders by no such name")),
        };
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        sqlx::query(text)
            .bind(digest.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await
            .map_err(failed(CANNOT_WRITE))?;
        transaction.commit().await.map_err(failed(CANNOT_WRITE))
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        let rows = sqlx::query(sql::LIVE)
            .bind(account.as_str())
            .bind(at.timestamp_millis())
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::reset).collect()
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        let rows = sqlx::query(sql::VERSIONS)
            .bind(row::id_list(resets))
            .fetch_all(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::version).collect()
    }

    async fn changed(&self) -> Result<ResetId, PortError> {
        // A file tells nobody that it was written.
        std::future::pending().await
    }

    async fn count_try(&self, id: ResetId, kind: TryKind, limit: u32) -> Result<Counted, PortError> {
        let text = match kind {
            TryKind::Code => sql::COUNT_CODE,
            TryKind::Completion => sql::COUNT_COMPLETION,
            _ => return Err(PortError::permanent("this store cannot count such tries yet")),
        };
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let counted = sqlx::query(text)
            .bind(id.as_bytes().as_slice())
            .bind(i64::from(limit))
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed(CANNOT_WRITE))?;
        let Some(counted) = counted else {
            let known = sqlx::query(sql::EXISTS)
                .bind(id.as_bytes().as_slice())
                .fetch_optional(&mut *transaction)
                .await
                .map_err(failed(CANNOT_READ))?;
            return Ok(if known.is_some() { Counted::Spent } else { Counted::Unknown });
        };
        let reset = Box::new(row::reset(&counted)?);
        let mut run = 0;
        if kind == TryKind::Code {
            let wrong: i64 = sqlx::query(sql::COUNT_RUN)
                .bind(reset.subject().as_bytes().as_slice())
                .bind(reset.expires_at().timestamp_millis())
                .fetch_one(&mut *transaction)
                .await
                .and_then(|row| row.try_get(0))
                .map_err(failed(CANNOT_WRITE))?;
            run = u32::try_from(wrong).unwrap_or(u32::MAX);
        }
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        Ok(Counted::Yes { reset, run })
    }

    async fn clear_run(&self, subject: &Digest) -> Result<(), PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        clear_run(&mut transaction, subject).await?;
        transaction.commit().await.map_err(failed(CANNOT_WRITE))
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let advanced = match (&self.accounts, step.with_account()) {
            (Some(accounts), Some((change, finished))) => {
                if !Self::carry_out(&mut transaction, finished).await? {
                    return Ok(Advanced::Conflict);
                }
                match accounts.set_password_in(&mut transaction, change).await? {
                    Changed::Done => Advanced::Finished,
                    // The transaction is dropped, and the step with it.
                    _ => return Ok(Advanced::StaleAccount),
                }
            }
            _ => {
                if !Self::carry_out(&mut transaction, step).await? {
                    return Ok(Advanced::Conflict);
                }
                Advanced::Moved
            }
        };
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        Ok(advanced)
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let rows = sqlx::query(sql::LEASE)
            .bind(due.at.timestamp_millis())
            .bind(due.lease_until.timestamp_millis())
            .bind(i64::from(due.limit))
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed(CANNOT_WRITE))?;
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        drop(turn);
        let mut leased = Vec::with_capacity(rows.len());
        let mut damage = None;
        for row in &rows {
            match row::reset(row).and_then(|reset| Ok(Leased::new(reset, row::lease(row)?))) {
                Ok(row) => leased.push(row),
                // One damaged row must not keep the others from being paid; it stays leased, and is met again when its
                // lease has run out.
                Err(error) => {
                    let id: Vec<u8> = row.try_get("id").unwrap_or_default();
                    tracing::error!(reset = ?id, %error, "a reset that owes something cannot be read");
                    damage = Some(error);
                }
            }
        }
        // `returning` gives rows in no order.
        leased.sort_by_key(|leased| (leased.reset.stored().due_at, leased.reset.id()));
        match damage {
            Some(error) if leased.is_empty() => Err(error),
            _ => Ok(leased),
        }
    }

    async fn settle(&self, settlement: &Settlement) -> Result<bool, PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let settled = sqlx::query(sql::SETTLE)
            .bind(settlement.id.as_bytes().as_slice())
            .bind(settlement.lease)
            .bind(settlement.paid.bits())
            .bind(i64::from(settlement.told))
            .bind(i64::from(settlement.attempts))
            .bind(settlement.seen.bits())
            .bind(settlement.at.timestamp_millis())
            .bind(settlement.retry_at.timestamp_millis())
            .execute(&mut *transaction)
            .await
            .map_err(failed(CANNOT_WRITE))?;
        if settled.rows_affected() == 0 {
            return Ok(false);
        }
        record(&mut transaction, &settlement.audit).await?;
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        Ok(true)
    }

    async fn take_token(&self, bucket: &Bucket) -> Result<TokenTaken, PortError> {
        let mut turn = self.writer.turn().await?;
        // The read is inside a transaction that writes from its beginning, so nobody else is between it and the write.
        let mut transaction = turn.begin().await?;
        let full_at: Option<i64> = sqlx::query(sql::BUCKET)
            .bind(bucket.key.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
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
                .execute(&mut *transaction)
                .await
                .map_err(failed(CANNOT_WRITE))?;
            transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        }
        Ok(taken)
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        record(&mut transaction, std::slice::from_ref(row)).await?;
        transaction.commit().await.map_err(failed(CANNOT_WRITE))
    }

    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        let rows = sqlx::query(sql::HISTORY)
            .bind(account.as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::audit).collect()
    }

    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError> {
        let rows = sqlx::query(sql::OUTCOMES)
            .bind(account.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::audit).collect()
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let mut deleted: u64 = 0;
        for (text, before) in [
            (sql::PURGE_RESETS, purge.resets_before),
            (sql::PURGE_AUDIT, purge.audit_before),
            (sql::PURGE_RUNS, purge.audit_before),
            (sql::PURGE_SENDERS, purge.audit_before),
            (sql::PURGE_SOURCES, purge.at),
            (sql::PURGE_BUCKETS, purge.at),
        ] {
            let done = sqlx::query(text)
                .bind(before.timestamp_millis())
                .bind(i64::from(purge.limit))
                .execute(&mut *transaction)
                .await
                .map_err(failed(CANNOT_WRITE))?;
            deleted = deleted.saturating_add(done.rows_affected());
        }
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        Ok(deleted)
    }

    async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        for text in sql::ERASE {
            sqlx::query(text).bind(account.as_str()).execute(&mut *transaction).await.map_err(failed(CANNOT_WRITE))?;
        }
        transaction.commit().await.map_err(failed(CANNOT_WRITE))
    }
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

async fn record(connection: &mut SqliteConnection, rows: &[AuditRow]) -> Result<(), PortError> {
    for row in rows {
        row::bind_audit(sqlx::query(sql::RECORD), row)
            .execute(&mut *connection)
            .await
            .map_err(failed("cannot write the audit trail"))?;
    }
    Ok(())
}

async fn clear_run(connection: &mut SqliteConnection, subject: &Digest) -> Result<(), PortError> {
    sqlx::query(sql::CLEAR_RUN)
        .bind(subject.as_bytes().as_slice())
        .execute(connection)
        .await
        .map_err(failed(CANNOT_WRITE))?;
    Ok(())
}
