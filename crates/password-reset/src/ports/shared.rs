//! Every port that an application hands over is implemented for [`Arc`], so that `Arc<dyn Port>` can be used in place of an adapter.
//! A store lends its [`Senders`] and [`Changes`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    AccountLock, AccountLocker, AccountRows, AccountState, Accounts, Ack, Acknowledged, AdminContext, AdminDecision,
    Attempt, Attempted, AuditCursor, AuditEntry, AuditFilter, BreachedPasswords, Changed, Changes, Clock, Decision,
    Delivery, Due, Feed, FeedLease, HashWorker, Leased, Loaded, Notifier, Observer, Opened, PasswordChange,
    PasswordHasher, PermitTaken, ProofContext, Purge, Quota, RandomSource, ResetStore, RiskPolicy, Senders,
    StoreHealth, Transitioned,
};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::Step;
use crate::flow::audit::AuditRow;
use crate::flow::channel::InboundMode;
use crate::flow::reset::Reset;
use crate::identity::account::{Account, ContactKind};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::{CallingCode, Identifier};
use crate::identity::password::Password;
use crate::identity::realm::Realm;
use crate::message::Message;

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Accounts + ?Sized> Accounts for Arc<T> {
    fn home_country(&self) -> Option<CallingCode> {
        (**self).home_country()
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        (**self).find(identifier).await
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        (**self).load(account).await
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        (**self).set_password(change).await
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        (**self).end_sessions(account, begun_before).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: ResetStore + ?Sized> ResetStore for Arc<T> {
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore> {
        T::in_realm(Self::clone(&self), realm)
    }

    fn senders(&self) -> Option<&dyn Senders> {
        (**self).senders()
    }

    fn changes(&self) -> Option<&dyn Changes> {
        (**self).changes()
    }

    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        (**self).open(reset, permit, lease_until, audit).await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        (**self).load(id).await
    }

    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        (**self).load_reset(id).await
    }

    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError> {
        (**self).load_inbound(key).await
    }

    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        (**self).account_state(account, quotas, at).await
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        (**self).live(account, at, limit).await
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError> {
        (**self).attempt(attempt).await
    }

    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError> {
        (**self).transition(step).await
    }

    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        (**self).lease(due).await
    }

    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError> {
        (**self).acknowledge(acks).await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        (**self).take_permit(quota).await
    }

    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError> {
        (**self).refill(quotas).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        (**self).record(row).await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError> {
        (**self).audit(filter).await
    }

    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        (**self).audit_after(after, since, limit).await
    }

    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError> {
        (**self).lease_feed(lease).await
    }

    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError> {
        (**self).keys_in_use(at).await
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        (**self).versions(resets).await
    }

    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError> {
        (**self).health(at).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        (**self).purge(purge).await
    }

    async fn export(&self, account: &AccountId, quotas: &[Digest]) -> Result<AccountRows, PortError> {
        (**self).export(account, quotas).await
    }

    async fn erase(&self, account: &AccountId, quotas: &[Digest]) -> Result<(), PortError> {
        (**self).erase(account, quotas).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Observer + ?Sized> Observer for Arc<T> {
    async fn observe(&self, rows: &[AuditEntry]) -> Result<(), PortError> {
        (**self).observe(rows).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Notifier + ?Sized> Notifier for Arc<T> {
    fn reaches(&self) -> ContactKind {
        (**self).reaches()
    }

    fn cannot_reply(&self, mode: InboundMode) -> Option<&'static str> {
        (**self).cannot_reply(mode)
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        (**self).deliver(message).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: RiskPolicy + ?Sized> RiskPolicy for Arc<T> {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        (**self).assess(context).await
    }

    async fn authorize_admin(&self, asking: &AdminContext) -> Result<AdminDecision, PortError> {
        (**self).authorize_admin(asking).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: AccountLocker + ?Sized> AccountLocker for Arc<T> {
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError> {
        (**self).lock(lock).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: BreachedPasswords + ?Sized> BreachedPasswords for Arc<T> {
    async fn contains(&self, password: &Password) -> Result<bool, PortError> {
        (**self).contains(password).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }

    async fn sleep(&self, span: Duration) {
        (**self).sleep(span).await;
    }
}

#[deny(clippy::missing_trait_methods)]
impl<T: PasswordHasher + ?Sized> PasswordHasher for Arc<T> {
    fn worker(&self) -> Box<dyn HashWorker> {
        (**self).worker()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<T: RandomSource + ?Sized> RandomSource for Arc<T> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        (**self).fill(bytes)
    }
}
