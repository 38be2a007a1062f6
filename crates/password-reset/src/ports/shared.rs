//! Every port is implemented for [`Arc`], so that `Arc<dyn Port>` can be used in place of an adapter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    AccountLock, AccountLocker, Accounts, Ack, Acknowledged, AdminContext, AdminDecision, Advanced, AttemptKind,
    BreachedPasswords, Changed, Clock, Counted, Decision, Delivery, Due, HashWorker, KnownSender, Leased, Notifier,
    Opened, PasswordChange, PasswordHasher, PermitTaken, ProofContext, Purge, Quota, RandomSource, ResetStore,
    RiskPolicy, SenderName, SourceCount,
};
use crate::account::{Account, ContactKind};
use crate::audit::AuditRow;
use crate::error::PortError;
use crate::flow::Step;
use crate::id::{AccountId, ResetId};
use crate::identifier::Identifier;
use crate::message::Message;
use crate::password::Password;
use crate::reset::Reset;
use crate::secret::Digest;

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Accounts + ?Sized> Accounts for Arc<T> {
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
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError> {
        (**self).open(reset, source, audit).await
    }

    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        (**self).load(id).await
    }

    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError> {
        (**self).load_inbound(key, sender).await
    }

    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError> {
        (**self).sender(name).await
    }

    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError> {
        (**self).forget_sender(name).await
    }

    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        (**self).live(account, at, limit).await
    }

    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError> {
        (**self).versions(resets).await
    }

    async fn changed(&self) -> Result<ResetId, PortError> {
        (**self).changed().await
    }

    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError> {
        (**self).count_attempt(id, kind, limit).await
    }

    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError> {
        (**self).clear_failures(subject).await
    }

    async fn advance(&self, step: &Step) -> Result<Advanced, PortError> {
        (**self).advance(step).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError> {
        (**self).due(due).await
    }

    async fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError> {
        (**self).acknowledge(ack).await
    }

    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError> {
        (**self).take_permit(quota).await
    }

    async fn record(&self, row: &AuditRow) -> Result<(), PortError> {
        (**self).record(row).await
    }

    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        (**self).history(account, limit).await
    }

    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError> {
        (**self).outcomes(account).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, PortError> {
        (**self).purge(purge).await
    }

    async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        (**self).erase(account).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Notifier + ?Sized> Notifier for Arc<T> {
    fn reaches(&self) -> ContactKind {
        (**self).reaches()
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
