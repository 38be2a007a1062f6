//! The suites catch what they are for: a store, and a table of accounts, that check and then write.
//!
//! One method at a time works on a copy of everything and writes the copy back, as a program does that reads a row,
//! looks at it, and then updates it. Everything else is right. On a runtime of one thread every task has read before
//! the first one writes, so these tests do not depend on luck.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Accounts, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter,
    Changed, Changes, Digest, Due, Feed, FeedLease, KnownSender, Leased, Loaded, Opened, PasswordChange, PermitTaken,
    Purge, Quota, ResetStore, SenderName, Senders, StoreHealth, Transitioned,
};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Identifier, PortError, Realm, ResetId};
use password_reset_testkit::suites::{AccountSpec, AccountsFixture, StoreFixture, accounts, races, writing};
use password_reset_testkit::{MemoryAccounts, MemoryStore};
use tokio::task::yield_now;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Racy {
    Nothing,
    Open,
    Attempt,
    Transition,
    Lease,
    Acknowledge,
    TakePermit,
    SetPassword,
}

#[derive(Debug)]
struct RacyStore {
    inner: MemoryStore,
    racy: Racy,
}

macro_rules! raced {
    ($self:ident, $which:expr, $store:ident => $call:expr) => {
        if $self.racy == $which {
            let copy = $self.inner.copy();
            yield_now().await;
            let $store = &copy;
            let answer = $call.await;
            yield_now().await;
            $self.inner.restore(&copy);
            answer
        } else {
            let $store = &$self.inner;
            $call.await
        }
    };
}

#[async_trait]
impl ResetStore for RacyStore {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        Arc::new(Self { inner: self.inner.clone().with_realm(realm), racy: self.racy })
    }

    fn senders(&self) -> Option<&dyn Senders> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        None
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        raced!(self, Racy::Open, store => store.open(reset, permit, lease_until, audit))
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
        raced!(self, Racy::Attempt, store => store.attempt(attempt))
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        raced!(self, Racy::Transition, store => store.transition(step))
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        raced!(self, Racy::Lease, store => store.lease(due))
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        raced!(self, Racy::Acknowledge, store => store.acknowledge(acks))
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        raced!(self, Racy::TakePermit, store => store.take_permit(quota))
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        self.inner.refill(quotas).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
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
        self.inner.purge(purge).await
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        self.inner.export(account, quotas).await
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        self.inner.erase(account, quotas).await
    }
}

#[async_trait]
impl Senders for RacyStore {
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        self.inner.sender(name).await
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        self.inner.forget_sender(name).await
    }
}

#[derive(Debug)]
struct RacyAccounts {
    inner: MemoryAccounts,
    racy: Racy,
}

#[async_trait]
impl Accounts for RacyAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.inner.home_country()
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        self.inner.find(identifier).await
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        self.inner.load(account).await
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        if self.racy != Racy::SetPassword {
            return self.inner.set_password(change).await;
        }
        let Some(account) = self.inner.get(change.was().id()) else {
            return Ok(Changed::Conflict);
        };
        if account.hash() != change.was().hash() || account.status() == AccountStatus::Disabled {
            return Ok(Changed::Conflict);
        }
        yield_now().await;
        assert!(self.inner.update(account.id(), |account| account.with_hash(change.new_hash().clone())));
        Ok(Changed::Updated)
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        self.inner.end_sessions(account, begun_before).await
    }
}

struct Fixture {
    store: Arc<RacyStore>,
    accounts: Arc<RacyAccounts>,
}

impl Fixture {
    fn new(racy: Racy) -> Self {
        let accounts = MemoryAccounts::new();
        let inner = MemoryStore::writing(accounts.clone());
        Self { store: Arc::new(RacyStore { inner, racy }), accounts: Arc::new(RacyAccounts { inner: accounts, racy }) }
    }
}

impl StoreFixture for Fixture {
    fn store(&self) -> Arc<dyn ResetStore> {
        Arc::<RacyStore>::clone(&self.store)
    }

    fn another_node(&self) -> Arc<dyn ResetStore> {
        self.store()
    }
}

#[async_trait]
impl AccountsFixture for Fixture {
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
        let RacyAccounts { inner, racy } = &*self.accounts;
        let inner = home.map_or_else(|| inner.clone(), |home| inner.clone().with_home_country(home));
        Arc::new(RacyAccounts { inner, racy: *racy })
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        self.accounts.inner.create(spec).await
    }
}

/// Each case passes while nothing is racy, and fails when the one method is.
macro_rules! catches {
    ($($racy:ident: $($suite:ident::$case:ident)+;)+) => {
        $($(
            #[tokio::test]
            async fn $case() {
                $suite::$case(&Fixture::new(Racy::Nothing)).await;
                let racing = Fixture::new(Racy::$racy);
                let failure = tokio::spawn(async move { $suite::$case(&racing).await }).await;
                assert!(
                    failure.is_err_and(|failure| failure.is_panic()),
                    "a store whose {:?} checks and then writes must not pass",
                    Racy::$racy
                );
            }
        )+)+
    };
}

catches! {
    Open: races::a_source_gets_no_more_than_its_limit;
    Attempt: races::no_more_attempts_than_the_limit races::no_more_attempts_than_a_quota_has_permits
        races::attempts_and_steps_leave_each_other_alone;
    Transition: races::one_of_many_equal_steps_is_taken races::one_of_many_different_steps_is_taken
        races::one_of_many_resets_sets_the_password races::a_sibling_is_closed_if_it_was_there
        races::acks_and_steps_leave_each_other_alone races::one_of_many_equal_claims_is_taken races::a_claim_brings_no_quota_back
        writing::one_of_many_passwords_of_a_reset_is_written writing::one_of_many_resets_writes_the_account;
    Lease: races::a_due_row_is_leased_once;
    Acknowledge: races::a_lease_is_given_back_once;
    TakePermit: races::a_quota_gives_no_more_than_its_burst;
    SetPassword: accounts::one_of_many_changes_wins writing::a_reset_and_a_login_page_do_not_both_win;
}
