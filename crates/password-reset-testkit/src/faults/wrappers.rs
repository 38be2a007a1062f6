//! Ports with injected faults.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::{AuditRow, Reset, Step};
use password_reset::ports::{
    AccountRows, AccountState, Accounts, Ack, Acknowledged, Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter,
    Changed, Changes, Delivery, Digest, Due, Feed, FeedLease, KnownSender, Leased, Loaded, Notifier, Opened,
    PasswordChange, PermitTaken, Purge, Quota, RandomSource, ResetStore, SenderName, Senders, StoreHealth,
    Transitioned,
};
use password_reset::{
    Account, AccountId, CallingCode, ContactKind, Identifier, InboundMode, Message, PortError, Realm, ResetId,
};

use super::Faults;

macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<P: ?Sized> {
            inner: Arc<P>,
            faults: Faults,
        }

        impl<P: ?Sized> $name<P> {
            /// Wraps a port, with a clone of the plan.
            #[must_use]
            pub fn new(inner: Arc<P>, faults: &Faults) -> Self {
                Self { inner, faults: faults.clone() }
            }
        }
    };
}

wrapper! {
    /// A [`ResetStore`] with injected faults.
    FaultyStore
}
wrapper! {
    /// An [`Accounts`] with injected faults.
    FaultyAccounts
}
wrapper! {
    /// A [`Notifier`] with injected faults; a failure is [`Delivery::Later`].
    FaultyNotifier
}
wrapper! {
    /// A [`RandomSource`] with injected faults.
    FaultyRandom
}

/// Makes a call of the wrapped port, with the faults before and after it.
macro_rules! call {
    ($self:ident, $name:literal, $call:expr) => {{
        let armed = $self.faults.before($name).await?;
        let answer = $call.await;
        armed.after().await?;
        answer
    }};
}

#[async_trait]
impl<P: ResetStore + ?Sized> ResetStore for FaultyStore<P> {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        Arc::new(FaultyStore::new(Arc::clone(&self.inner).in_realm(realm), &self.faults))
    }

    fn senders(&self) -> Option<&dyn Senders> {
        self.inner.senders().map(|_| self as &dyn Senders)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        // Not counted: the worker waits for it beside all other calls, so it has no place in their order.
        self.inner.changes()
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        call!(self, "store.open", self.inner.open(reset, permit, lease_until, audit))
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        call!(self, "store.load", self.inner.load(id))
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        call!(self, "store.load_reset", self.inner.load_reset(id))
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        call!(self, "store.load_inbound", self.inner.load_inbound(key))
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        call!(self, "store.account_state", self.inner.account_state(account, quotas, at))
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        call!(self, "store.live", self.inner.live(account, at, limit))
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        call!(self, "store.attempt", self.inner.attempt(attempt))
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        call!(self, "store.transition", self.inner.transition(step))
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        call!(self, "store.lease", self.inner.lease(due))
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        call!(self, "store.acknowledge", self.inner.acknowledge(acks))
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        call!(self, "store.take_permit", self.inner.take_permit(quota))
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        call!(self, "store.refill", self.inner.refill(quotas))
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        call!(self, "store.record", self.inner.record(row))
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        call!(self, "store.audit", self.inner.audit(filter))
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        call!(self, "store.audit_after", self.inner.audit_after(after, since, limit))
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        call!(self, "store.lease_feed", self.inner.lease_feed(lease))
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        call!(self, "store.keys_in_use", self.inner.keys_in_use(at))
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        call!(self, "store.versions", self.inner.versions(resets))
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        call!(self, "store.health", self.inner.health(at))
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        call!(self, "store.purge", self.inner.purge(purge))
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        call!(self, "store.export", self.inner.export(account, quotas))
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        call!(self, "store.erase", self.inner.erase(account, quotas))
    }
}

#[async_trait]
impl<P: ResetStore + ?Sized> Senders for FaultyStore<P> {
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        call!(self, "store.sender", senders(&*self.inner)?.sender(name))
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        call!(self, "store.forget_sender", senders(&*self.inner)?.forget_sender(name))
    }
}

fn senders<P: ResetStore + ?Sized>(store: &P) -> Result<&dyn Senders, PortError> {
    store.senders().ok_or(PortError::permanent("the store keeps no senders"))
}

#[async_trait]
impl<P: Accounts + ?Sized> Accounts for FaultyAccounts<P> {
    fn home_country(&self) -> Option<CallingCode> {
        self.inner.home_country()
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        call!(self, "accounts.find", self.inner.find(identifier))
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        call!(self, "accounts.load", self.inner.load(account))
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        call!(self, "accounts.set_password", self.inner.set_password(change))
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        call!(self, "accounts.end_sessions", self.inner.end_sessions(account, begun_before))
    }
}

#[async_trait]
impl<P: Notifier + ?Sized> Notifier for FaultyNotifier<P> {
    // Not counted, because it cannot fail.
    fn reaches(&self) -> ContactKind {
        self.inner.reaches()
    }

    fn cannot_reply(&self, mode: InboundMode) -> Option<&'static str> {
        self.inner.cannot_reply(mode)
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let armed = match self.faults.before("notifier.deliver").await {
            Ok(armed) => armed,
            Err(why) => return Delivery::Later { after: None, why },
        };
        let delivery = self.inner.deliver(message).await;
        match armed.after().await {
            Ok(()) => delivery,
            Err(why) => Delivery::Later { after: None, why },
        }
    }
}

impl<P: RandomSource + Debug + ?Sized> RandomSource for FaultyRandom<P> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        let armed = self.faults.before_blocking("random.fill")?;
        self.inner.fill(bytes)?;
        armed.after_blocking()
    }
}
