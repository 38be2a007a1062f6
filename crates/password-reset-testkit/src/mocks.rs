//! Mocks of every port, for tests that state which calls happen and what they return.
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

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mockall::mock;
use password_reset::flow::Step;
use password_reset::ports::{
    Accounts, Ack, Acknowledged, Advanced, AttemptKind, BreachedPasswords, Changed, Clock, Counted, Delivery, Due,
    HashError, HashWorker, KnownSender, Leased, Notifier, Opened, PasswordChange, PasswordHasher, PermitTaken, Purge,
    Quota, RandomSource, ResetStore, SenderName, SourceCount, Verdict,
};
use password_reset::{
    Account, AccountId, AuditRow, ContactKind, Digest, Identifier, Message, Password, PasswordHash, PortError, Reset,
    ResetId,
};

mock! {
    /// A mock of [`Accounts`].
    #[derive(Debug)]
    pub Accounts {}

    #[async_trait]
    impl Accounts for Accounts {
        async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError>;
        async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError>;
        async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError>;
        async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError>;
    }
}

mock! {
    /// A mock of [`ResetStore`].
    ///
    /// Set expectations on the mock's own methods, which the port's methods call. They are synchronous and take the source
    /// by value, because mockall cannot mock an asynchronous method with a reference inside an `Option`.
    #[derive(Debug)]
    pub ResetStore {
        pub fn open(&self, reset: &Reset, source: Option<SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError>;
        pub fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError>;
        pub fn load_inbound(&self, key: &Digest, sender: &Digest) -> Result<Option<(Reset, Option<KnownSender>)>, PortError>;
        pub fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError>;
        pub fn forget_sender(&self, name: &SenderName) -> Result<(), PortError>;
        pub fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError>;
        pub fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError>;
        pub fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError>;
        pub fn clear_failures(&self, subject: &Digest) -> Result<(), PortError>;
        pub fn advance(&self, step: &Step) -> Result<Advanced, PortError>;
        pub fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError>;
        pub fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError>;
        pub fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError>;
        pub fn record(&self, row: &AuditRow) -> Result<(), PortError>;
        pub fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError>;
        pub fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError>;
        pub fn purge(&self, purge: &Purge) -> Result<u64, PortError>;
        pub fn erase(&self, account: &AccountId) -> Result<(), PortError>;
    }
}

#[async_trait]
impl ResetStore for MockResetStore {
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        Self::open(self, reset, source.copied(), audit)
    }

    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        Self::load(self, id)
    }

    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError> {
        Self::load_inbound(self, key, sender)
    }

    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        Self::sender(self, name)
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        Self::forget_sender(self, name)
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        Self::live(self, account, at, limit)
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        Self::versions(self, resets)
    }

    async fn changed(&self) -> Result<ResetId, PortError> {
        // Needs no expectation: a store may wait for ever.
        std::future::pending().await
    }

    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError> {
        Self::count_attempt(self, id, kind, limit)
    }

    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError> {
        Self::clear_failures(self, subject)
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        Self::advance(self, step)
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        Self::due(self, due)
    }

    async fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError> {
        Self::acknowledge(self, ack)
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        Self::take_permit(self, quota)
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        Self::record(self, row)
    }

    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        Self::history(self, account, limit)
    }

    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError> {
        Self::outcomes(self, account)
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        Self::purge(self, purge)
    }

    async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        Self::erase(self, account)
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
