//! Broken variants of the ports: each has one fault that the real ones do not have, and each must lose the game.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::flow::{AuditEvent, AuditRow, Reset};
use password_reset::ports::Digest;
use password_reset::ports::{
    AccountRows, AccountState, Accounts, Ack, Acknowledged, Attempt, AttemptKind, Attempted, AuditCursor, AuditEntry,
    AuditFilter, Changed, Changes, Due, Feed, FeedLease, Leased, Loaded, Opened, PasswordChange, PermitTaken, Purge,
    Quota, ResetStore, Senders, StoreHealth, Transitioned,
};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Identifier, PortError};
use password_reset::{Realm, ResetId};
use password_reset_testkit::{MemoryAccounts, MemoryStore};

/// The fault of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// None: the ports as they are.
    Nothing,
    /// Attempts at first and second proofs raise one counter.
    SharedCounter,
    /// Rows go when what was sent for them has expired, and not by the times of their request.
    PurgeByExpiresAt,
    /// It is decided whether a name is ambiguous before it is looked whose account could be reset.
    AmbiguousFirst,
    /// The first attempt to set a password spends the reset, whatever comes of it.
    ConsumeBeforeHash,
    /// The account is compared when the password is written, but not in the same step.
    CheckThenWrite,
    /// A code is counted when it was found to be wrong.
    CountAfterCompare,
}

/// A store with a fault.
#[derive(Debug)]
pub(crate) struct BrokenStore {
    pub(crate) inner: Arc<MemoryStore>,
    pub(crate) broken: Broken,
    uncounted: Mutex<Vec<Attempt>>,
}

impl BrokenStore {
    pub(crate) fn new(inner: Arc<MemoryStore>, broken: Broken) -> Self {
        Self { inner, broken, uncounted: Mutex::default() }
    }

    async fn reset(&self, id: ResetId) -> Option<Reset> {
        Some(self.inner.load(id).await.ok()??.reset)
    }
}

#[async_trait]
impl ResetStore for BrokenStore {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        Arc::new(Self::new(Arc::new(MemoryStore::clone(&self.inner).with_realm(realm)), self.broken))
    }

    fn senders(&self) -> Option<&dyn Senders> {
        self.inner.senders()
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.inner.changes()
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        self.inner.open(reset, permit, lease_until, audit).await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        self.inner.load(id).await
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        self.inner.load_reset(id).await
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        self.inner.load_inbound(key).await
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        self.inner.account_state(account, quotas, at).await
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        self.inner.live(account, at, limit).await
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        match (self.broken, attempt.kind, self.reset(attempt.id).await) {
            (Broken::SharedCounter, AttemptKind::Code | AttemptKind::StepUp, Some(reset))
                if reset.stored().code_attempts + reset.stored().step_up_attempts >= attempt.limit =>
            {
                Ok(Attempted::LimitReached)
            }
            (Broken::ConsumeBeforeHash, AttemptKind::Completion, _) => {
                let mut once = attempt.clone();
                once.limit = 1;
                self.inner.attempt(&once).await
            }
            (Broken::CountAfterCompare, AttemptKind::Code, Some(reset))
                if reset.stored().code_attempts < attempt.limit =>
            {
                self.uncounted.lock().unwrap().push(attempt.clone());
                let permits = attempt.quotas.iter().map(|_| PermitTaken::Granted { next_at: None }).collect();
                Ok(Attempted::Counted { loaded: Box::new(Loaded::without_account(reset)), permits })
            }
            _ => self.inner.attempt(attempt).await,
        }
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        self.inner.transition(step).await
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        self.inner.lease(due).await
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        self.inner.acknowledge(acks).await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        self.inner.take_permit(quota).await
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        self.inner.refill(quotas).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        if self.broken == Broken::CountAfterCompare && row.event == AuditEvent::WrongCode {
            let uncounted = self.uncounted.lock().unwrap().pop();
            if let Some(attempt) = uncounted {
                self.inner.attempt(&attempt).await?;
            }
        }
        self.inner.record(row).await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        self.inner.audit(filter).await
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.inner.audit_after(after, since, limit).await
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        self.inner.lease_feed(lease).await
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        self.inner.keys_in_use(at).await
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        self.inner.versions(resets).await
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        self.inner.health(at).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        if self.broken == Broken::PurgeByExpiresAt {
            for reset in self.inner.resets()? {
                if reset.expires_at() < purge.at && reset.tasks().is_empty() {
                    self.inner.remove(reset.id());
                }
            }
        }
        self.inner.purge(purge).await
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        self.inner.export(account, quotas).await
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        self.inner.erase(account, quotas).await
    }
}

/// Accounts with a fault.
#[derive(Debug)]
pub(crate) struct BrokenAccounts {
    pub(crate) inner: MemoryAccounts,
    pub(crate) broken: Broken,
}

#[async_trait]
impl Accounts for BrokenAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.inner.home_country()
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let found = self.inner.find(identifier).await?;
        Ok(match self.broken {
            Broken::AmbiguousFirst => found.iter().map(activated).collect(),
            _ => found,
        })
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        self.inner.load(account).await
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        if self.broken != Broken::CheckThenWrite {
            return self.inner.set_password(change).await;
        }
        let Some(now) = self.inner.get(change.was().id()) else { return Ok(Changed::Conflict) };
        let unchecked = PasswordChange::new(now, change.new_hash().clone(), change.at());
        self.inner.set_password(&unchecked).await
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        self.inner.end_sessions(account, begun_before).await
    }
}

/// The account as one that could be reset.
fn activated(account: &Account) -> Account {
    let mut active = Account::new(account.id().clone(), AccountStatus::Active);
    for contact in account.contacts() {
        active = active.with_contact(contact.clone());
    }
    match account.hash() {
        Some(hash) => active.with_hash(hash.clone()),
        None => active,
    }
}
