//! The store.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter, Changes,
    Digest, Due, Feed, FeedLease, KnownSender, Leased, Loaded, Opened, PermitTaken, Purge, Quota, ResetStore,
    SenderName, Senders, StoreHealth, Transitioned,
};
use password_reset::{AccountId, PortError, Realm, ResetId};
use sqlx::postgres::PgConnectOptions;
use sqlx::types::Uuid;
use sqlx::{PgPool, Row};

use crate::accounts::PostgresAccounts;
use crate::error::{CANNOT_READ, CANNOT_WRITE, failed, lost_a_race};
use crate::hints::Hints;
use crate::idle_connections::IdleConnections;
use crate::names::{Names, Tables};
use crate::row::{Statement, uuid};
use crate::{acks, migrate, row, sql, start, trail, writes};

/// Keeps resets in Postgres, in tables of its own whose names begin with `password_reset_`.
///
/// Clones are handles on the same store. See the [crate](crate) for what the database must be.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    tables: Tables,
    accounts: Option<PostgresAccounts>,
    hints: Hints,
}

impl PostgresStore {
    /// A store in the application's own database, in the first schema of the search path.
    #[must_use]
    pub fn new(pool: &PgPool) -> Self {
        let hints = Hints::on(Some((*pool.connect_options()).clone()));
        let tables =
            Tables { connections: IdleConnections::new(pool), names: Names::default(), realm: Realm::default() };
        Self { pool: pool.clone(), tables, accounts: None, hints }
    }

    /// Keeps the tables in this schema, whatever the search path; [`migrate`](Self::migrate) creates it if it is missing.
    #[must_use]
    pub fn in_schema(mut self, schema: impl Into<String>) -> Self {
        self.tables.names = Names::in_schema(schema.into());
        self
    }

    /// Writes the account in the statement that finishes its reset, which needs the accounts in the *same
    /// database*; [`migrate`](Self::migrate) and [`check`](Self::check) refuse another.
    #[must_use]
    pub fn writing(mut self, accounts: PostgresAccounts) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// Listens by a connection of its own with these options, instead of with those of the pool: for pools behind a
    /// transaction pooler, through which no client can listen.
    #[must_use]
    pub fn listening_on(mut self, options: PgConnectOptions) -> Self {
        self.hints = Hints::on(Some(options));
        self
    }

    /// Does not listen. A page that waits for a message which another node receives then advances a second or two later.
    #[must_use]
    pub fn not_listening(mut self) -> Self {
        self.hints = Hints::on(None);
        self
    }

    /// Creates or updates the store's tables, and does what [`check`](Self::check) does.
    ///
    /// Does nothing when all is done, which needs no right to create tables, and may run on several nodes at once. Its own
    /// table `password_reset_migrations` says what was applied; the migrations of the application are independent of it.
    /// Where the application has applied the files itself, that table does not exist, and nothing is created.
    ///
    /// # Errors
    /// As [`check`](Self::check), and when the database cannot be written.
    pub async fn migrate(&self) -> Result<(), PortError> {
        migrate::run(&self.pool, &self.tables.names).await?;
        self.check().await
    }

    /// Checks that the tables exist, are of this version, whole, and can be written, and the accounts' tables too if the
    /// store writes them. Warns, through `tracing`, where commits do not wait for the disk and where the clocks differ. The
    /// guide has the whole list.
    ///
    /// For programs that may not change the schema: another one [migrates](Self::migrate) before they start.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`](crate::SchemaError) that says what to do.
    pub async fn check(&self) -> Result<(), PortError> {
        migrate::check(&self.pool, &self.tables.names).await?;
        start::rights(&self.pool, &self.tables.names).await?;
        for warning in start::warnings(&self.pool).await? {
            tracing::warn!("{warning}");
        }
        match &self.accounts {
            Some(accounts) => accounts.check_in(&self.pool).await,
            None => Ok(()),
        }
    }

    async fn delete(&self, text: &'static str, digest: &Digest) -> Result<(), PortError> {
        let done = self
            .tables
            .execute(self.tables.query(text).bind(digest.as_bytes().as_slice()).bind(self.tables.realm()))
            .await;
        done.map(drop).map_err(failed(CANNOT_WRITE))
    }

    async fn transition_once(&self, step: &Step) -> Result<Result<Transitioned, sqlx::Error>, PortError> {
        match (&self.accounts, step.with_account()) {
            (Some(accounts), Some((change, finished))) => {
                writes::transition(&self.tables, Some((accounts, change)), finished).await
            }
            _ => writes::transition(&self.tables, None, step).await,
        }
    }

    async fn load_by(
        &self,
        accounts: Option<&PostgresAccounts>,
        texts: [&'static str; 2],
        bind: impl FnOnce(Statement<'_>) -> Statement<'_>,
    ) -> Result<Option<Loaded>, PortError> {
        let text = writes::with_account(&self.tables, accounts, texts).await?;
        let found = self
            .tables
            .fetch_optional(bind(sqlx::query(text)).bind(self.tables.realm()))
            .await
            .map_err(failed(CANNOT_READ))?;
        found.as_ref().map(|row| writes::loaded(accounts, row)).transpose()
    }
}

#[async_trait]
impl Senders for PostgresStore {
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        let (text, digest) = match name {
            SenderName::Number(number) => (sql::SENDER_BY_NUMBER, number),
            SenderName::Id(id) => (sql::SENDER_BY_ID, id),
        };
        let found = self
            .tables
            .fetch_optional(self.tables.query(text).bind(digest.as_bytes().as_slice()).bind(self.tables.realm()))
            .await;
        found.map_err(failed(CANNOT_READ))?.as_ref().map(row::sender).transpose().map(Option::flatten)
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        match name {
            SenderName::Number(number) => self.delete(sql::FORGET_NUMBER, number).await,
            SenderName::Id(id) => self.delete(sql::FORGET_ID, id).await,
        }
    }
}

#[async_trait]
impl Changes for PostgresStore {
    async fn changed(&self) -> Result<ResetId, PortError> {
        self.hints.next().await
    }
}

#[async_trait]
impl ResetStore for PostgresStore {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        let mut store = Self::clone(&self);
        store.tables.realm = realm.clone();
        Arc::new(store)
    }

    fn senders(&self) -> Option<&dyn Senders> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        Some(self)
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        writes::open(&self.tables, reset, permit, lease_until, audit).await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        self.load_by(self.accounts.as_ref(), sql::LOAD, |statement| statement.bind(uuid(id))).await
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        let loaded = self.load_by(None, sql::LOAD, |statement| statement.bind(uuid(id))).await?;
        Ok(loaded.map(|loaded| loaded.reset))
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        self.load_by(self.accounts.as_ref(), sql::LOAD_INBOUND, |statement| statement.bind(key.as_bytes().to_vec()))
            .await
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        let keys: Vec<&[u8]> = quotas.iter().map(|key| key.as_bytes().as_slice()).collect();
        let statement = self.tables.query(sql::ACCOUNT_STATE).bind(account.as_str()).bind(keys).bind(row::time(at));
        let statement = statement.bind(AuditEvent::NoSuchContact.code()).bind(self.tables.realm());
        let rows = self.tables.fetch_all(statement).await.map_err(failed(CANNOT_READ))?;
        let mut state = AccountState::new(Vec::new(), Vec::new(), vec![None; quotas.len()]);
        let mut is_locked = false;
        for row in &rows {
            match row.try_get("what").map_err(failed(CANNOT_READ))? {
                "contact" => state.failing.push(row::contact(row)?),
                "quota" => {
                    let key = row::contact(row)?;
                    for (at, _) in quotas.iter().enumerate().filter(|(_, quota)| **quota == key) {
                        if let Some(full_at) = state.full_at.get_mut(at) {
                            *full_at = Some(row::full_at(row)?);
                        }
                    }
                }
                _ => is_locked = true,
            }
        }
        if is_locked {
            let statement =
                self.tables.query(sql::LOCKED).bind(account.as_str()).bind(row::time(at)).bind(self.tables.realm());
            let rows = self.tables.fetch_all(statement).await.map_err(failed(CANNOT_READ))?;
            state.locked = rows.iter().map(row::reset).collect::<Result<_, _>>()?;
        }
        Ok(state)
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        let statement = self.tables.query(sql::LIVE).bind(account.as_str()).bind(row::time(at)).bind(i64::from(limit));
        let statement = statement.bind(self.tables.realm());
        let rows = self.tables.fetch_all(statement).await.map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::reset).collect()
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        trail::after(&self.tables, after, since, limit).await
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        trail::lease_feed(&self.tables, lease).await
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        let statement = self.tables.query(sql::KEYS_IN_USE).bind(row::time(at)).bind(self.tables.realm());
        let rows = self.tables.fetch_all(statement).await.map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::key_id).collect()
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        let ids: Vec<Uuid> = resets.iter().copied().map(uuid).collect();
        let rows = self.tables.fetch_all(self.tables.query(sql::VERSIONS).bind(ids).bind(self.tables.realm())).await;
        rows.map_err(failed(CANNOT_READ))?.iter().map(row::version).collect()
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        writes::attempt(&self.tables, self.accounts.as_ref(), attempt).await
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        for _ in 0..writes::MAX_RACES {
            match self.transition_once(step).await? {
                Ok(transitioned) => {
                    // A step that learns of a sender was made by a message, for which a page waits, maybe on another node.
                    if transitioned.is_done() && step.learns().is_some() {
                        self.hints.notify(&self.pool, step.after().id()).await;
                    }
                    return Ok(transitioned);
                }
                Err(error) if lost_a_race(&error) => {}
                Err(error) => return Err(failed(CANNOT_WRITE)(error)),
            }
        }
        Err(PortError::transient("too many concurrent writes to the same rows"))
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let statement =
            self.tables.query(sql::LEASE).bind(row::time(due.at)).bind(due.lease_until).bind(i64::from(due.limit));
        let statement = statement.bind(self.tables.realm()).bind(row::time(due.furthest));
        let rows = self.tables.fetch_all(statement).await.map_err(failed(CANNOT_WRITE))?;
        let mut leased = Vec::with_capacity(rows.len());
        let mut damage = None;
        for row in &rows {
            match row::reset(row).and_then(|reset| Ok(Leased::new(reset, row::lease(row)?))) {
                Ok(row) => leased.push(row),
                // One damaged row must not delay the tasks of the others. It stays leased, and fails again when its lease
                // has run out.
                Err(error) => {
                    let id: Option<Uuid> = row.try_get("id").unwrap_or_default();
                    tracing::error!(reset = ?id, %error, "skipped a damaged reset with pending tasks");
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

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        acks::acknowledge(&self.tables, acks).await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        writes::take_permit(&self.tables, quota).await
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        let keys: Vec<&[u8]> = quotas.iter().map(|key| key.as_bytes().as_slice()).collect();
        let done = self.tables.execute(self.tables.query(sql::REFILL).bind(keys)).await;
        done.map(drop).map_err(failed(CANNOT_WRITE))
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        let done = self
            .tables
            .execute(row::bind_audit(self.tables.query(sql::RECORD), Some(row)).bind(self.tables.realm()))
            .await;
        done.map(drop).map_err(failed("cannot write the audit trail"))
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        let statement = match filter {
            AuditFilter::Newest { account, limit } => {
                self.tables.query(sql::HISTORY).bind(account.as_str()).bind(i64::from(*limit))
            }
            AuditFilter::NewestOfEachContact { account } => self.tables.query(sql::OUTCOMES).bind(account.as_str()),
        };
        let statement = statement.bind(self.tables.realm());
        let rows = self.tables.fetch_all(statement).await.map_err(failed(CANNOT_READ))?;
        rows.iter().map(row::audit).collect()
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        migrate::version(&self.pool, &self.tables.names).await?;
        let statement = self.tables.query(sql::HEALTH).bind(row::time(at)).bind(i64::from(StoreHealth::MAX_OVERDUE));
        let seen = self.tables.fetch_all(statement.bind(self.tables.realm())).await.map_err(failed(CANNOT_READ))?;
        seen.first().map_or_else(|| Ok(StoreHealth::default()), row::health)
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        let statement = self
            .tables
            .query(sql::PURGE)
            .bind(row::time(purge.at))
            .bind(row::time(purge.resets_before))
            .bind(row::time(purge.audit_before))
            .bind(i64::from(purge.limit))
            .bind(self.tables.realm())
            .bind(row::time(purge.noise_before));
        let row = self.tables.fetch_optional(statement).await.map_err(failed(CANNOT_WRITE))?;
        let deleted: Option<i64> = row.map(|row| row.try_get(0)).transpose().map_err(failed(CANNOT_WRITE))?;
        Ok(deleted.unwrap_or(0).unsigned_abs())
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        trail::export(&self.pool, &self.tables, account, quotas).await
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        let failed = failed(CANNOT_WRITE);
        let keys: Vec<&[u8]> = quotas.iter().map(|key| key.as_bytes().as_slice()).collect();
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        // Steps lock a reset before its quotas. In the same order none of them is met in a deadlock, and none that ended
        // meanwhile leaves a quota behind.
        let named = self.tables.query(sql::ERASE_NAMED).bind(keys.clone()).bind(self.tables.realm());
        named.execute(&mut *transaction).await.map_err(&failed)?;
        for text in [sql::LOCK_FAMILY].into_iter().chain(sql::ERASE) {
            let statement = self.tables.query(text).bind(account.as_str()).bind(self.tables.realm());
            statement.execute(&mut *transaction).await.map_err(&failed)?;
        }
        self.tables.query(sql::REFILL).bind(keys).execute(&mut *transaction).await.map_err(&failed)?;
        transaction.commit().await.map_err(failed)
    }
}
