//! Mocks of the ports that a service cannot do without, and of [`BreachedPasswords`], for tests that state which calls happen
//! and what they return.
//!
//! `Senders`, `RiskPolicy`, `AccountLocker`, `Observer`, `Changes` and `PhoneReader` have none. [`MockNotifier`] leaves
//! [`cannot_reply`](Notifier::cannot_reply) as it is by default.
//!
//! [`mockall`] generates them; its documentation describes expectations. For a port that *behaves* like a real one, use
//! [`MemoryStore`](crate::MemoryStore) and its siblings.

#![allow(missing_docs, reason = "the methods are those of the ports, and mockall documents what it adds")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "generated: a broken expectation panics"
)]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mockall::mock;
use password_reset::flow::{AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Accounts, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter,
    BreachedPasswords, Changed, Changes, Clock, Delivery, Digest, Due, Feed, FeedLease, HashError, HashWorker,
    KnownSender, Leased, Loaded, Notifier, Opened, PasswordChange, PasswordHasher, PermitTaken, Purge, Quota,
    RandomSource, ResetStore, SenderName, Senders, StoreHealth, Transitioned, Verdict,
};
use password_reset::{
    Account, AccountId, CallingCode, ContactKind, Identifier, Message, Password, PasswordHash, PortError, Realm,
    ResetId,
};

mock! {
    /// A mock of [`Accounts`].
    #[derive(Debug)]
    pub Accounts {}

    #[async_trait]
    impl Accounts for Accounts {
        fn home_country(&self) -> Option<CallingCode>;
        async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError>;
        async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError>;
        async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError>;
        async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError>;
    }
}

mock! {
    /// A mock of [`ResetStore`].
    ///
    /// Its own methods, which the port's call, are not asynchronous and take the permit by value: mockall cannot mock
    /// an asynchronous method with a reference inside an `Option`. Expectations are set as on every other mock.
    #[derive(Debug)]
    pub ResetStore {
        pub fn open(&self, reset: &Reset, permit: Option<Quota>, lease_until: Option<DateTime<Utc>>, audit: &[AuditRow]) -> Result<Opened, PortError>;
        pub fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError>;
        pub fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError>;
        pub fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError>;
        pub fn account_state(&self, account: &AccountId, quotas: &[Digest], at: DateTime<Utc>) -> Result<AccountState, PortError>;
        pub fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError>;
        pub fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError>;
        pub fn transition(&self, step: &Step) -> Result<Transitioned, PortError>;
        pub fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError>;
        pub fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError>;
        pub fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError>;
        pub fn refill(&self, quotas: &[Digest]) -> Result<(), PortError>;
        pub fn record(&self, row: &AuditRow) -> Result<(), PortError>;
        pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError>;
        pub fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError>;
        pub fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError>;
        pub fn audit_after<'a>(&self, after: Option<&'a AuditCursor>, since: DateTime<Utc>, limit: u32) -> Result<Vec<AuditEntry>, PortError>;
        pub fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError>;
        pub fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError>;
        pub fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError>;
        pub fn purge(&self, purge: &Purge) -> Result<u64, PortError>;
        pub fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError>;
    }
}

#[async_trait]
impl ResetStore for MockResetStore {
    /// A mock serves any one realm.
    fn in_realm(self: Arc<Self>, _: &Realm) -> Arc<dyn ResetStore> {
        self
    }

    fn senders(&self) -> Option<&dyn Senders> {
        Some(&NoSenders)
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
        Self::open(self, reset, permit.copied(), lease_until, audit)
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        Self::load(self, id)
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        Self::load_reset(self, id)
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        Self::load_inbound(self, key)
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        Self::account_state(self, account, quotas, at)
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        Self::live(self, account, at, limit)
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        Self::attempt(self, attempt)
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        Self::transition(self, step)
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        Self::lease(self, due)
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        Self::acknowledge(self, acks)
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        Self::take_permit(self, quota)
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        Self::refill(self, quotas)
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        Self::record(self, row)
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        Self::audit(self, filter)
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        Self::audit_after(self, after, since, limit)
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        Self::lease_feed(self, lease)
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        Self::keys_in_use(self, at)
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        Self::versions(self, resets)
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        Self::health(self, at)
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        Self::purge(self, purge)
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        Self::export(self, account, quotas)
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        Self::erase(self, account, quotas)
    }
}

/// What a mocked store has of senders: it knows none.
#[derive(Debug)]
struct NoSenders;

#[async_trait]
impl Senders for NoSenders {
    async fn sender(&self, _: &SenderName) -> Result<Option<KnownSender>, PortError> {
        Ok(None)
    }

    async fn forget_sender(&self, _: &SenderName) -> Result<(), PortError> {
        Ok(())
    }
}

mock! {
    /// A mock of [`Notifier`].
    #[derive(Debug)]
    pub Notifier {}

    #[async_trait]
    impl Notifier for Notifier {
        fn reaches(&self) -> ContactKind;
        async fn deliver(&self, message: &Message) -> Delivery;
    }
}

mock! {
    /// A mock of [`BreachedPasswords`].
    #[derive(Debug)]
    pub BreachedPasswords {}

    #[async_trait]
    impl BreachedPasswords for BreachedPasswords {
        async fn contains(&self, password: &Password) -> Result<bool, PortError>;
    }
}

mock! {
    /// A mock of [`Clock`].
    #[derive(Debug)]
    pub Clock {}

    #[async_trait]
    impl Clock for Clock {
        fn now(&self) -> DateTime<Utc>;
        async fn sleep(&self, span: std::time::Duration);
    }
}

mock! {
    /// A mock of [`PasswordHasher`].
    #[derive(Debug)]
    pub PasswordHasher {}

    impl PasswordHasher for PasswordHasher {
        fn worker(&self) -> Box<dyn HashWorker>;
    }
}

mock! {
    /// A mock of [`HashWorker`].
    #[derive(Debug)]
    pub HashWorker {}

    impl HashWorker for HashWorker {
        fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError>;
        fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError>;
    }
}

mock! {
    /// A mock of [`RandomSource`].
    #[derive(Debug)]
    pub RandomSource {}

    impl RandomSource for RandomSource {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError>;
    }
}
