//! The store.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{
    Ack, Acknowledged, Advanced, AttemptKind, Counted, Due, KnownSender, Leased, Opened, PermitTaken, Purge, Quota,
    ResetStore, SenderName, SourceCount,
};
use password_reset::{AccountId, AuditRow, Digest, PortError, Reset, ResetId};
use sqlx::{Row, SqlitePool};

use crate::accounts::SqliteAccounts;
use crate::error::failed;
use crate::together::{Haste, Together, Wrote};
use crate::writer::Writer;
use crate::writes::{acknowledge, advance, count_attempt, delete, open, record, take_permit};
use crate::{migrate, row, sql};

pub(crate) const CANNOT_READ: &str = "cannot read resets";
pub(crate) const CANNOT_WRITE: &str = "cannot write resets";

/// Keeps resets in SQLite, in tables of its own whose names begin with `password_reset_`.
///
/// Clones are handles on the same store. See the [crate](crate) for what the database must be.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    writer: Writer,
    together: Together,
    accounts: Option<SqliteAccounts>,
}

impl SqliteStore {
    /// A store in the application's own database.
    #[must_use]
    pub fn new(pool: &SqlitePool) -> Self {
        let writer = Writer::new(pool);
        Self { pool: pool.clone(), together: Together::new(&writer), writer, accounts: None }
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
}

#[async_trait]
impl ResetStore for SqliteStore {
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        let asked = Arc::new((reset.clone(), source.copied(), audit.to_vec()));
        self.together
            .write(Haste::OnDisk, move |connection| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { open(connection, &asked.0, asked.1.as_ref(), &asked.2).await.map(Wrote::Keep) })
            })
            .await
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
        let (text, digest) = match *name {
            SenderName::Number(number) => (sql::FORGET_NUMBER, number),
            SenderName::Id(id) => (sql::FORGET_ID, id),
            _ => return Err(PortError::permanent("this store knows senders by no such name")),
        };
        self.together
            .write(Haste::OnDisk, move |connection| {
                Box::pin(async move { delete(connection, text, &digest).await.map(Wrote::Keep) })
            })
            .await
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

    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError> {
        // A code is a guess at a secret, and must be counted for good; other tries only cost work.
        let haste = if kind == AttemptKind::Code { Haste::OnDisk } else { Haste::Unhurried };
        self.together
            .write(haste, move |connection| {
                Box::pin(async move { count_attempt(connection, id, kind, limit).await.map(Wrote::Keep) })
            })
            .await
    }

    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError> {
        let subject = *subject;
        self.together
            .write(Haste::OnDisk, move |connection| {
                Box::pin(async move { delete(connection, sql::CLEAR_RUN, &subject).await.map(Wrote::Keep) })
            })
            .await
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        let asked = Arc::new((step.clone(), self.accounts.clone()));
        self.together
            .write(Haste::OnDisk, move |connection| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { advance(connection, &asked.0, asked.1.as_ref()).await })
            })
            .await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let due = *due;
        let rows = self
            .together
            .write(Haste::Unhurried, move |connection| {
                Box::pin(async move {
                    let rows = sqlx::query(sql::LEASE)
                        .bind(due.at.timestamp_millis())
                        .bind(due.lease_until.timestamp_millis())
                        .bind(i64::from(due.limit))
                        .fetch_all(connection)
                        .await;
                    rows.map(Wrote::Keep).map_err(failed(CANNOT_WRITE))
                })
            })
            .await?;
        let mut leased = Vec::with_capacity(rows.len());
        let mut damage = None;
        for row in &rows {
            match row::reset(row).and_then(|reset| Ok(Leased::new(reset, row::lease(row)?))) {
                Ok(row) => leased.push(row),
                // One damaged row must not keep the others from being paid; it stays leased, and is met again when its
                // lease has run out.
                Err(error) => {
                    let id: Vec<u8> = row.try_get("id").unwrap_or_default();
                    tracing::error!(reset = ?id, %error, "a reset with pending tasks cannot be read");
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

    async fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError> {
        let asked = Arc::new(ack.clone());
        self.together
            .write(Haste::Unhurried, move |connection| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { acknowledge(connection, &asked).await.map(Wrote::Keep) })
            })
            .await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        let quota = *quota;
        self.together
            .write(Haste::Unhurried, move |connection| {
                Box::pin(async move { take_permit(connection, &quota).await.map(Wrote::Keep) })
            })
            .await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        let asked = Arc::new(row.clone());
        self.together
            .write(Haste::OnDisk, move |connection| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { record(connection, std::slice::from_ref(&*asked)).await.map(Wrote::Keep) })
            })
            .await
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
