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
use sqlx::postgres::PgConnectOptions;
use sqlx::types::Uuid;
use sqlx::{AssertSqlSafe, PgPool, Row, SqlSafeStr, SqlStr};
use tokio::sync::OnceCell;

use crate::accounts::PostgresAccounts;
use crate::error::{broke, failed, lost_a_race};
use crate::hints::Hints;
use crate::kinds::{Kinds, Tables, bind_step};
use crate::row::{self, Statement, uuid};
use crate::spares::Spares;
use crate::{migrate, sql};

const CANNOT_READ: &str = "cannot read resets";
const CANNOT_WRITE: &str = "cannot write resets";

/// How often a statement is tried that lost a race: each time somebody else won one.
const TRIES: usize = 100;

/// Keeps resets in Postgres, in tables of its own whose names begin with `password_reset_`.
///
/// Clones are handles on the same store. See the [crate](crate) for what the database must be.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    spares: Spares,
    names: Names,
    kinds: Kinds,
    accounts: Option<PostgresAccounts>,
    /// The statement that finishes a reset and writes its account, once the accounts' types are known.
    with_account: Arc<OnceCell<Arc<str>>>,
    hints: Hints,
}

/// Where the store's tables are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    schema: Option<Arc<str>>,
    prefix: Option<Arc<str>>,
}

impl Names {
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// A text of this crate, with its tables where they are.
    pub(crate) fn text(&self, text: &'static str) -> SqlStr {
        match &self.prefix {
            None => text.into_sql_str(),
            Some(prefix) => AssertSqlSafe(text.replace(sql::PREFIX, prefix)).into_sql_str(),
        }
    }
}

impl PostgresStore {
    /// A store in the application's own database, in the first schema of the search path.
    #[must_use]
    pub fn new(pool: &PgPool) -> Self {
        let hints = Hints::on(Some((*pool.connect_options()).clone()));
        let (names, with_account) = (Names::default(), Arc::default());
        let spares = Spares::new(pool);
        let kinds = Kinds::of(&Tables { spares: spares.clone(), names: names.clone() });
        Self { pool: pool.clone(), spares, names, kinds, accounts: None, with_account, hints }
    }

    /// Keeps the tables in this schema, whatever the search path; [`migrate`](Self::migrate) makes it if need be.
    #[must_use]
    pub fn in_schema(mut self, schema: impl Into<String>) -> Self {
        let schema = schema.into();
        let prefix = format!("{}.{}", sql::quoted(&schema), sql::PREFIX);
        self.names = Names { schema: Some(schema.into()), prefix: Some(prefix.into()) };
        self.kinds = Kinds::of(&Tables { spares: self.spares.clone(), names: self.names.clone() });
        self
    }

    /// Writes the account in the statement that finishes its reset (R98), which needs the accounts in the *same
    /// database*; [`migrate`](Self::migrate) and [`check`](Self::check) refuse another.
    #[must_use]
    pub fn writing(mut self, accounts: PostgresAccounts) -> Self {
        (self.accounts, self.with_account) = (Some(accounts), Arc::default());
        self
    }

    /// Listens by a connection of its own with these options, instead of with those of the pool: for pools that go
    /// through a transaction pooler, past which nobody can listen.
    #[must_use]
    pub fn listening_on(mut self, options: PgConnectOptions) -> Self {
        self.hints = Hints::on(Some(options));
        self
    }

    /// Does not listen. Whoever waits for a message that another node hears then sees it a second or two later.
    #[must_use]
    pub fn not_listening(mut self) -> Self {
        self.hints = Hints::on(None);
        self
    }

    /// Makes or updates the store's tables, and does what [`check`](Self::check) does.
    ///
    /// Does nothing when all is done, which needs no right to make tables, and may run on several nodes at once. Its own
    /// table `password_reset_migrations` says what was applied; the migrations of the application go their own way.
    /// Where the application has applied the files itself, that table is not there, and nothing is made.
    ///
    /// # Errors
    /// As [`check`](Self::check), and when the database cannot be written.
    pub async fn migrate(&self) -> Result<(), PortError> {
        migrate::run(&self.pool, &self.names).await?;
        self.check().await
    }

    /// Checks that the tables are there and of this version, and the accounts' tables too if the store writes them.
    ///
    /// For programs that may not change the schema: another one [migrates](Self::migrate) before they start.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`](crate::SchemaError) that names what is missing.
    pub async fn check(&self) -> Result<(), PortError> {
        migrate::check(&self.pool, &self.names).await?;
        match &self.accounts {
            Some(accounts) => accounts.check_in(&self.pool).await,
            None => Ok(()),
        }
    }

    fn query<'q>(&self, text: &'static str) -> Statement<'q> {
        sqlx::query(self.names.text(text))
    }

    /// The text of the statement that finishes a reset and writes its account.
    async fn text_with_account(&self, accounts: &PostgresAccounts) -> Result<AssertSqlSafe<Arc<str>>, PortError> {
        let text = self.with_account.get_or_try_init(async || {
            let update = accounts.update_after(sql::BEFORE_ACCOUNT).await?;
            let [before, after] = sql::ADVANCE_WITH_ACCOUNT.map(|part| self.names.text(part));
            Ok::<_, PortError>(Arc::from(format!("{}{update}{}", before.as_str(), after.as_str())))
        });
        Ok(AssertSqlSafe(Arc::clone(text.await?)))
    }

    async fn advance_once(&self, step: &Step) -> Result<Result<Advanced, sqlx::Error>, PortError> {
        let (Some(accounts), Some((change, finished))) = (&self.accounts, step.with_account()) else {
            let closes = step.closes_siblings() && step.after().account().is_some();
            let moved = match closes || step.learns().is_some() {
                true => self.kinds.steps.alone(step).await,
                false => self.kinds.steps.call(step.clone()).await,
            };
            return Ok(moved.map(|moved| if moved { Advanced::Moved } else { Advanced::Conflict }));
        };
        let text = self.text_with_account(accounts).await?;
        let statement = bind_step(sqlx::query(text), finished);
        let statement = accounts.bind_change(statement, change).await?;
        let done = self.spares.fetch_one(statement).await.and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        Ok(done.map(|(ready, moved): (bool, bool)| match (ready, moved) {
            (_, true) => Advanced::Finished,
            (true, false) => Advanced::StaleAccount,
            (false, false) => Advanced::Conflict,
        }))
    }
}

#[async_trait]
impl ResetStore for PostgresStore {
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        let opened = match source {
            Some(count) => self.kinds.requests.call((reset.clone(), *count, audit.to_vec())).await,
            None => {
                let statement = row::bind_audits(row::bind_all(self.query(sql::OPEN), reset.stored()), audit);
                statement.fetch_one(&self.pool).await.and_then(|row| row.try_get(0))
            }
        };
        match opened {
            Ok(true) => Ok(Opened::Stored),
            Ok(false) => Ok(Opened::RateLimited),
            // The statement failed as a whole, so nothing was counted either.
            Err(error) if broke(&error, "reset_inbound_key") => Ok(Opened::DuplicateKey),
            Err(error) => Err(failed(CANNOT_WRITE)(error)),
        }
    }

    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        let found = self.kinds.loads.call(id).await;
        found.map_err(failed(CANNOT_READ))?.as_ref().map(row::reset).transpose()
    }

    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError> {
        let found = self
            .query(sql::LOAD_INBOUND)
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
        let found = self.query(text).bind(digest.as_bytes().as_slice()).fetch_optional(&self.pool).await;
        found.map_err(failed(CANNOT_READ))?.as_ref().map(row::sender).transpose().map(Option::flatten)
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        let (text, digest) = match name {
            SenderName::Number(number) => (sql::FORGET_NUMBER, number),
            SenderName::Id(id) => (sql::FORGET_ID, id),
            _ => return Err(PortError::permanent("this store knows senders by no such name")),
        };
        let done = self.query(text).bind(digest.as_bytes().as_slice()).execute(&self.pool).await;
        done.map(drop).map_err(failed(CANNOT_WRITE))
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        let rows = self.kinds.live.call((account.clone(), at, limit)).await.map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::reset).collect()
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        let ids: Vec<Uuid> = resets.iter().copied().map(uuid).collect();
        let rows = self.query(sql::VERSIONS).bind(ids).fetch_all(&self.pool).await;
        rows.map_err(failed(CANNOT_READ))?.iter().map(row::version).collect()
    }

    async fn changed(&self) -> Result<ResetId, PortError> {
        self.hints.next().await
    }

    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError> {
        let counted = match kind {
            AttemptKind::Code => {
                let statement = self.query(sql::COUNT_CODE).bind(uuid(id)).bind(i64::from(limit));
                statement.fetch_optional(&self.pool).await
            }
            AttemptKind::Completion => self.kinds.completions.call((id, limit)).await,
            _ => return Err(PortError::permanent("this store cannot count such attempts yet")),
        };
        let Some(counted) = counted.map_err(failed(CANNOT_WRITE))? else {
            let known = self.query(sql::EXISTS).bind(uuid(id)).fetch_optional(&self.pool).await;
            return Ok(if known.map_err(failed(CANNOT_READ))?.is_some() {
                Counted::LimitReached
            } else {
                Counted::Unknown
            });
        };
        let run: i64 = counted.try_get("run").map_err(failed(CANNOT_WRITE))?;
        let (reset, run) = (Box::new(row::reset(&counted)?), u32::try_from(run).unwrap_or(u32::MAX));
        Ok(Counted::Yes { reset, run })
    }

    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError> {
        let done = self.query(sql::CLEAR_RUN).bind(subject.as_bytes().as_slice()).execute(&self.pool).await;
        done.map(drop).map_err(failed(CANNOT_WRITE))
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        for _ in 0..TRIES {
            match self.advance_once(step).await? {
                Ok(Advanced::Moved) => {
                    // What was learnt of a sender was said by a message, and for those people wait, maybe elsewhere.
                    if step.learns().is_some() {
                        self.hints.notify(&self.pool, step.after().id()).await;
                    }
                    return Ok(Advanced::Moved);
                }
                Ok(advanced) => return Ok(advanced),
                Err(error) if lost_a_race(&error) => {}
                Err(error) => return Err(failed(CANNOT_WRITE)(error)),
            }
        }
        Err(PortError::transient("too many write the same rows"))
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let statement = self.query(sql::LEASE).bind(row::time(due.at)).bind(due.lease_until).bind(i64::from(due.limit));
        let rows = self.spares.fetch(statement).await.map_err(failed(CANNOT_WRITE))?;
        let mut leased = Vec::with_capacity(rows.len());
        let mut damage = None;
        for row in &rows {
            match row::reset(row).and_then(|reset| Ok(Leased::new(reset, row::lease(row)?))) {
                Ok(row) => leased.push(row),
                // One damaged row must not keep the others from being paid; it stays leased, and is met again when its
                // lease has run out.
                Err(error) => {
                    let id: Option<Uuid> = row.try_get("id").unwrap_or_default();
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
        self.kinds.acks.call(ack.clone()).await.map_err(failed(CANNOT_WRITE))
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        let key = quota.key.as_bytes().as_slice();
        // Most buckets are full and not stored, so that is tried before anything is read.
        let mut before = None;
        for _ in 0..TRIES {
            let (after, taken) = quota.take(before);
            let (PermitTaken::Granted { .. }, Some(after)) = (&taken, after) else { return Ok(taken) };
            let is_taken = match before {
                None => self.kinds.first_permits.call((quota.key, after)).await,
                Some(before) => {
                    let statement = self.query(sql::NEXT_TOKEN).bind(key).bind(after).bind(before);
                    statement.execute(&self.pool).await.map(|done| done.rows_affected() > 0)
                }
            };
            if is_taken.map_err(failed(CANNOT_WRITE))? {
                return Ok(taken);
            }
            // It was not full, or somebody else took a token meanwhile, or the row was purged.
            let found = self.query(sql::BUCKET).bind(key).fetch_optional(&self.pool).await;
            before = found.map_err(failed(CANNOT_READ))?.as_ref().map(row::full_at).transpose()?;
        }
        Err(PortError::transient("too many take tokens from one quota"))
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        let done = row::bind_audit(self.query(sql::RECORD), row).execute(&self.pool).await;
        done.map(drop).map_err(failed("cannot write the audit trail"))
    }

    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        let rows = self.query(sql::HISTORY).bind(account.as_str()).bind(i64::from(limit)).fetch_all(&self.pool).await;
        rows.map_err(failed(CANNOT_READ))?.iter().map(row::audit).collect()
    }

    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError> {
        let rows = self.kinds.outcomes.call(account.clone()).await;
        rows.map_err(failed(CANNOT_READ))?.iter().map(row::audit).collect()
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        let deleted: i64 = self
            .query(sql::PURGE)
            .bind(row::time(purge.at))
            .bind(row::time(purge.resets_before))
            .bind(row::time(purge.audit_before))
            .bind(i64::from(purge.limit))
            .fetch_one(&self.pool)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(failed(CANNOT_WRITE))?;
        Ok(deleted.unsigned_abs())
    }

    async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        let failed = failed(CANNOT_WRITE);
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        for text in [sql::LOCK_FAMILY].into_iter().chain(sql::ERASE) {
            self.query(text).bind(account.as_str()).execute(&mut *transaction).await.map_err(&failed)?;
        }
        transaction.commit().await.map_err(failed)
    }
}
