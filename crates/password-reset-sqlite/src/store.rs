//! The store.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter, Changes,
    Digest, Due, Feed, FeedLease, KnownSender, Leased, Loaded, Opened, PermitTaken, Purge, Quota, ResetStore,
    SenderName, Senders, StoreHealth, Transitioned, UserTable,
};
use password_reset::{AccountId, PortError, Realm, ResetId};

use crate::accounts::SqliteAccounts;
use crate::database::Database;
use crate::writer::Wait;
use crate::{migrate, reads, trail, writes};

const CANNOT_READ: &str = "cannot read resets";
const CANNOT_WRITE: &str = "cannot write resets";

/// Keeps resets in SQLite, in tables of its own whose names begin with `password_reset_`.
///
/// Clones are handles on the same connections, which are closed with the last of them. See the [crate](crate) for what the
/// database must be.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    database: Database,
    accounts: Option<SqliteAccounts>,
    realm: Realm,
}

impl SqliteStore {
    /// Opens a database file, the application's own or another; makes the file if there is none.
    ///
    /// The path may be a `file:` URI, as SQLite reads them.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PortError> {
        Self::open_with(path, "")
    }

    /// As [`open`](Self::open), with SQL that every connection begins with, such as
    /// `pragma busy_timeout = 10000; pragma synchronous = extra`.
    ///
    /// # Errors
    /// When the file cannot be opened, or that SQL fails.
    pub fn open_with(path: impl AsRef<Path>, setup: &str) -> Result<Self, PortError> {
        Ok(Self { database: Database::open(path.as_ref(), setup)?, accounts: None, realm: Realm::default() })
    }

    /// The application's user table in the same file, on the store's connections.
    #[must_use]
    pub fn accounts(&self, users: impl Into<UserTable>) -> SqliteAccounts {
        SqliteAccounts::new(self.database.clone(), users.into())
    }

    /// Writes the account in the transaction that finishes its reset, which needs the accounts in the *same
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
        self.database.write(Wait::Alone, migrate::CANNOT_MIGRATE, migrate::run).await?;
        self.check().await
    }

    /// Checks that the tables are there, of this version, whole, and can be written, and the accounts' tables too if the
    /// store writes them. Warns, through `tracing`, where commits do not wait for the disk and where the clock is behind the
    /// newest row. The guide has the whole list.
    ///
    /// For programs that may not change the schema: another one [migrates](Self::migrate) before they start.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`](crate::SchemaError) that says what to do, or a transient one when
    /// others keep the file from being written.
    pub async fn check(&self) -> Result<(), PortError> {
        self.database.read(migrate::CANNOT_CHECK, migrate::check)?;
        let warnings = self.database.write(Wait::Alone, migrate::CANNOT_CHECK, |connection| {
            migrate::rights(connection)?;
            migrate::warnings(connection)
        });
        for warning in warnings.await? {
            tracing::warn!("{warning}");
        }
        match &self.accounts {
            Some(accounts) => accounts.check_in(&self.database).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl ResetStore for SqliteStore {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        Arc::new(Self { realm: realm.clone(), ..Self::clone(&self) })
    }

    fn senders(&self) -> Option<&dyn Senders> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        // SQLite does not notify other processes of a write.
        None
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        let realm = self.realm.clone();
        let (reset, permit, audit) = (reset.clone(), permit.copied(), audit.to_vec());
        self.database
            .write(Wait::ForDisk, CANNOT_WRITE, move |connection| {
                writes::open(connection, &realm, &reset, permit.as_ref(), lease_until, &audit)
            })
            .await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::load(connection, &self.realm, id, self.accounts.as_ref()))
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        let loaded = self.database.read(CANNOT_READ, |connection| reads::load(connection, &self.realm, id, None))?;
        Ok(loaded.map(|loaded| loaded.reset))
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        self.database
            .read(CANNOT_READ, |connection| reads::load_inbound(connection, &self.realm, key, self.accounts.as_ref()))
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::account_state(connection, &self.realm, account, quotas, at))
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::live(connection, &self.realm, account, at, limit))
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        let realm = self.realm.clone();
        let (attempt, accounts) = (attempt.clone(), self.accounts.clone());
        self.database
            .write(Wait::ForCommit, CANNOT_WRITE, move |connection| {
                writes::attempt(connection, &realm, &attempt, accounts.as_ref())
            })
            .await
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        let realm = self.realm.clone();
        let (step, accounts) = (step.clone(), self.accounts.clone());
        self.database
            .write(Wait::ForDisk, CANNOT_WRITE, move |connection| {
                writes::transition(connection, &realm, &step, accounts.as_ref())
            })
            .await
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let realm = self.realm.clone();
        let due = *due;
        self.database
            .write(Wait::ForCommit, CANNOT_WRITE, move |connection| writes::lease(connection, &realm, &due))
            .await?
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        let realm = self.realm.clone();
        let acks = acks.to_vec();
        self.database
            .write(Wait::ForCommit, CANNOT_WRITE, move |connection| {
                acks.iter().map(|ack| writes::acknowledge(connection, &realm, ack)).collect()
            })
            .await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        let quota = *quota;
        self.database
            .write(Wait::ForCommit, CANNOT_WRITE, move |connection| writes::take_permit(connection, &quota))
            .await
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        let quotas = quotas.to_vec();
        self.database.write(Wait::ForCommit, CANNOT_WRITE, move |connection| writes::refill(connection, &quotas)).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        let realm = self.realm.clone();
        let row = row.clone();
        self.database
            .write(Wait::ForCommit, "cannot write the audit trail", move |connection| {
                writes::record(connection, &realm, &[row])
            })
            .await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::audit(connection, &self.realm, filter))
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.database.read(CANNOT_READ, |connection| trail::audit_after(connection, &self.realm, after, since, limit))
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        let (realm, lease) = (self.realm.clone(), lease.clone());
        self.database
            .write(Wait::ForCommit, CANNOT_WRITE, move |connection| trail::lease_feed(connection, &realm, &lease))
            .await
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::keys_in_use(connection, &self.realm, at))
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::versions(connection, &self.realm, resets))
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        self.database.read(migrate::CANNOT_CHECK, migrate::version)?;
        self.database.read(CANNOT_READ, |connection| reads::health(connection, &self.realm, at))
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        let realm = self.realm.clone();
        let purge = *purge;
        self.database
            .write(Wait::ForCommit, CANNOT_WRITE, move |connection| writes::purge(connection, &realm, &purge))
            .await
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        self.database.read(CANNOT_READ, |connection| trail::export(connection, &self.realm, account, quotas))
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        let realm = self.realm.clone();
        let (account, quotas) = (account.clone(), quotas.to_vec());
        // The port asks for less, but no other call erases what a loss of power gives back.
        self.database
            .write(Wait::ForDisk, CANNOT_WRITE, move |connection| writes::erase(connection, &realm, &account, &quotas))
            .await
    }
}

#[async_trait]
impl Senders for SqliteStore {
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        self.database.read(CANNOT_READ, |connection| reads::sender(connection, &self.realm, *name))
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        let realm = self.realm.clone();
        let name = *name;
        // As in `erase`: what the service forgets stays forgotten.
        self.database
            .write(Wait::ForDisk, CANNOT_WRITE, move |connection| writes::forget_sender(connection, &realm, name))
            .await
    }
}
