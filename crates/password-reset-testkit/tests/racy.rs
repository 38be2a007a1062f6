//! The suites catch what they are for: a store, and a table of accounts, that check and then write.
//!
//! One method at a time works on a copy of everything and writes the copy back, as a program does that reads a row,
//! looks at it, and then updates it. Everything else is right. On a runtime of one thread every task has read before
//! the first one writes, so these tests do not depend on luck.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{
    Accounts, Ack, Acknowledged, Advanced, AttemptKind, Changed, Counted, Due, KnownSender, Leased, Opened,
    PasswordChange, PermitTaken, Purge, Quota, ResetStore, SenderName, SourceCount,
};
use password_reset::{Account, AccountId, AccountStatus, AuditRow, Digest, Identifier, PortError, Reset, ResetId};
use password_reset_testkit::suites::{AccountSpec, AccountsFixture, StoreFixture, accounts, races, writing};
use password_reset_testkit::{MemoryAccounts, MemoryStore};
use tokio::task::yield_now;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Racy {
    Nothing,
    Open,
    CountAttempt,
    Advance,
    Due,
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
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        raced!(self, Racy::Open, store => store.open(reset, source, audit))
    }

    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        self.inner.load(id).await
    }

    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError> {
        self.inner.load_inbound(key, sender).await
    }

    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        self.inner.sender(name).await
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        self.inner.forget_sender(name).await
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        self.inner.live(account, at, limit).await
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        self.inner.versions(resets).await
    }

    async fn changed(&self) -> Result<ResetId, PortError> {
        self.inner.changed().await
    }

    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError> {
        raced!(self, Racy::CountAttempt, store => store.count_attempt(id, kind, limit))
    }

    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError> {
        self.inner.clear_failures(subject).await
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        raced!(self, Racy::Advance, store => store.advance(step))
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        raced!(self, Racy::Due, store => store.due(due))
    }

    async fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError> {
        raced!(self, Racy::Acknowledge, store => store.acknowledge(ack))
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        raced!(self, Racy::TakePermit, store => store.take_permit(quota))
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        self.inner.record(row).await
    }

    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.inner.history(account, limit).await
    }

    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError> {
        self.inner.outcomes(account).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        self.inner.purge(purge).await
    }

    async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        self.inner.erase(account).await
    }
}

#[derive(Debug)]
struct RacyAccounts {
    inner: MemoryAccounts,
    racy: Racy,
}

#[async_trait]
impl Accounts for RacyAccounts {
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
    fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::<RacyAccounts>::clone(&self.accounts)
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
    CountAttempt: races::no_more_tries_than_the_limit races::no_try_of_a_run_is_lost
        races::tries_and_steps_do_not_undo_each_other;
    Advance: races::one_of_many_equal_steps_is_taken races::one_of_many_different_steps_is_taken
        races::one_of_many_resets_sets_the_password races::a_sibling_is_closed_if_it_was_there
        races::paying_and_stepping_do_not_undo_each_other writing::one_of_many_passwords_of_a_reset_is_written
        writing::one_of_many_resets_writes_the_account;
    Due: races::a_due_row_is_leased_once;
    Acknowledge: races::a_lease_is_given_back_once;
    TakePermit: races::a_bucket_gives_no_more_than_its_burst;
    SetPassword: accounts::one_of_many_changes_wins writing::a_reset_and_a_login_page_do_not_both_win;
}
