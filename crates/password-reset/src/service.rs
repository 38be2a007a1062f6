//! The service: what an application calls.

mod admin;
mod cancel;
mod contacts;
mod current_password;
mod delivery;
mod lock;
mod receive;
mod recovered;
mod request;
mod set_password;
mod status;
mod step_up;
mod verify;
mod watch;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use self::admin::{AdminRequest, AdminRequestError};
pub use self::cancel::CancelError;
pub use self::contacts::ConfirmationError;
pub use self::delivery::{DeliveryOutcome, LastDelivery};
pub(crate) use self::delivery::{Failing, Known};
pub use self::lock::{LockError, Locked};
pub use self::request::{RequestError, Requested, ResetRequest};
pub use self::set_password::{PasswordIsSet, SetPasswordError};
pub use self::status::{Stage, Status};
pub(crate) use self::verify::Proving;
pub use self::verify::{Proof, VerifyError};
pub use self::watch::Watch;
use crate::account::PasswordHash;
use crate::account::{Account, AccountStatus, Contact, ContactKind};
use crate::alarm::Alarms;
use crate::audit::{AuditEvent, AuditRow};
use crate::builder::Builder;
use crate::channel::{Channel, InboundMode};
use crate::config::{Lifetimes, Limits, Retention};
use crate::error::PortError;
use crate::flow::{Event, Step};
use crate::handover::Handover;
use crate::hash_pool::HashPool;
use crate::id::{AccountId, ResetId};
use crate::identifier::{Identifier, IdentifierKind};
use crate::inbound::Inbound;
use crate::message::Site;
use crate::node_limit::NodeLimit;
use crate::policy::PasswordPolicy;
use crate::ports::{
    AccountLocker, Accounts, AuditFilter, BreachedPasswords, Clock, LeaseRequest, Leased, LoadedAccount, Notifier,
    Opened, Quota, RandomSource, ResetStore, RiskPolicy, Transitioned,
};
use crate::reset::{Binding, Reset};
use crate::secret::{Digest, KeyRing, Secrets};
use crate::state::{CloseReason, State};
use crate::turns::Turns;
use crate::waiting::Waiting;

/// How often a step is tried again when others change the same row at the same time.
const MAX_CONFLICTS: usize = 16;
/// The number of the lease that a row is opened with.
const FIRST_LEASE: i64 = 1;

/// Forgotten-password flows for one application. Cheap to clone; keep one in the application's state.
///
/// Every verb gives the same answer for accounts that exist and accounts that do not; see each.
#[derive(Clone)]
pub struct PasswordReset {
    inner: Arc<Inner>,
}

impl fmt::Debug for PasswordReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordReset").field("site", &self.inner.site).finish_non_exhaustive()
    }
}

/// What the service and its worker share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) store: Arc<dyn ResetStore>,
    pub(crate) notifiers: Vec<Arc<dyn Notifier>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn RandomSource>,
    pub(crate) pool: HashPool,
    pub(crate) policy: PasswordPolicy,
    pub(crate) breached: Option<Arc<dyn BreachedPasswords>>,
    pub(crate) secrets: Secrets,
    pub(crate) site: Site,
    pub(crate) inbound: Option<Inbound>,
    pub(crate) risk_policy: Option<Arc<dyn RiskPolicy>>,
    pub(crate) account_locker: Option<Arc<dyn AccountLocker>>,
    pub(crate) waiting: Waiting,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) limits: Limits,
    pub(crate) retention: Retention,
    pub(crate) turns: Turns,
    pub(crate) node: NodeLimit,
    pub(crate) alarms: Alarms,
    pub(crate) handover: Handover,
}

impl PasswordReset {
    /// Starts with what has no safe default: the account table, the store, the keys, and the site that links lead to.
    pub fn builder(accounts: impl Accounts, store: impl ResetStore, keys: KeyRing, site: Site) -> Builder {
        Builder::new(Arc::new(accounts), Arc::new(store), keys, site)
    }

    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// The rules for new passwords, to show them before anything is typed.
    #[must_use]
    pub fn policy(&self) -> &PasswordPolicy {
        &self.inner.policy
    }

    /// The service, as messages and pages name it.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.inner.site
    }

    /// How inbound messages are heard, if they are.
    #[must_use]
    pub fn inbound(&self) -> Option<&Inbound> {
        self.inner.inbound.as_ref()
    }

    /// Whether resets of this channel can be asked for: pages offer no others.
    #[must_use]
    pub fn offers(&self, channel: Channel) -> bool {
        self.inner.offers(channel)
    }

    /// The time, by the service's clock: to say how long something still lives.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }

    /// The threads that hash, to share them with the application's login.
    #[must_use]
    pub fn hash_pool(&self) -> &HashPool {
        &self.inner.pool
    }

    /// A stamp for sessions: 64 characters that change with the account's password.
    ///
    /// Store it in a session when somebody signs in, and compare it on every request: a session then dies with the
    /// password by itself, even one that was being opened while the password was set (R99).
    #[must_use]
    pub fn session_auth_hash(&self, account: &AccountId, hash: &PasswordHash) -> String {
        hexadecimal(&self.inner.secrets.session(account, hash))
    }

    /// Says that the owner signed in with the password: codes that were paused work again (I4).
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn signed_in(&self, account: &AccountId) -> Result<(), PortError> {
        self.inner.store.refill(&self.inner.secrets.failure_quotas(account)).await
    }

    /// What happened to an account's resets, newest first: for administrators, never for strangers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.inner.history(account, limit).await
    }

    /// Deletes everything that is kept about an account (R162, R164). Call it when the account is deleted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        self.inner.store.erase(account, &self.inner.secrets.failure_quotas(account)).await
    }
}

impl Inner {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        crate::time::to_millis(self.clock.now())
    }

    pub(crate) fn notifier(&self, kind: ContactKind) -> Option<&Arc<dyn Notifier>> {
        self.notifiers.iter().find(|notifier| notifier.reaches() == kind)
    }

    /// Whether everything is set up that a channel needs.
    pub(crate) fn offers(&self, channel: Channel) -> bool {
        let reaches = |kind| self.notifier(kind).is_some();
        match channel {
            Channel::EmailLink => reaches(ContactKind::Email),
            Channel::AdminLink => reaches(ContactKind::Email) || reaches(ContactKind::Phone),
            Channel::WhatsAppCode => reaches(ContactKind::Phone),
            Channel::WhatsAppInbound(mode) => {
                let message_received = self.inbound.as_ref().is_some_and(|inbound| inbound.mode() == mode);
                message_received && (mode == InboundMode::PageAdvances || reaches(ContactKind::Phone))
            }
            Channel::CurrentPassword => true,
        }
    }

    /// The contact that a reset goes to, or is proved by: the one that was typed if an address or number was typed, else the first of
    /// the channel's kind. Always the account's own bytes (R13, R18).
    pub(crate) fn contact<'a>(&self, account: &'a Account, reset: &Reset) -> Option<&'a Contact> {
        let kind = contact_kind(reset.channel())?;
        let typed = reset.identifier();
        let names_contact = match typed.kind() {
            IdentifierKind::Email => kind == ContactKind::Email,
            IdentifierKind::Phone => kind == ContactKind::Phone,
            IdentifierKind::Username => false,
        };
        account
            .contacts()
            .iter()
            .find(|contact| contact.kind() == kind && (!names_contact || typed.names(contact.value())))
    }

    /// Whether the account still is what the reset was issued for (I8).
    pub(crate) fn is_as_it_was(&self, account: &Account, reset: &Reset, binding: &Binding) -> Result<bool, PortError> {
        let fingerprint = self.secrets.fingerprint(reset.key_id(), account)?;
        Ok(account.status() == AccountStatus::Active && fingerprint == *binding.fingerprint())
    }

    /// Loads the account of a reset if it still is as it was; closes the reset if it is not.
    pub(crate) async fn account_as_it_was(
        &self,
        reset: &Reset,
        loaded: LoadedAccount,
        binding: &Binding,
        now: DateTime<Utc>,
    ) -> Result<Option<Account>, PortError> {
        if let Some(account) = self.account_of(loaded, binding.account()).await?
            && self.is_as_it_was(&account, reset, binding)?
        {
            return Ok(Some(account));
        }
        self.close_as_seen(reset, CloseReason::AccountChanged, now).await?;
        Ok(None)
    }

    /// Carries a step out, hands the row to this node's worker if the step leaves work, and wakes the browsers on this node that
    /// wait for the reset.
    pub(crate) async fn transition(&self, step: Step, now: DateTime<Utc>) -> Result<(Step, Transitioned), PortError> {
        let last = step.with_account().map_or(&step, |(_, finished)| finished);
        let works = last.has_work(now);
        let step = match self.handover.lease_until(now).filter(|_| works) {
            Some(until) => step.leasing(LeaseRequest::take(until)),
            None => step,
        };
        let transitioned = self.store.transition(&step).await?;
        if transitioned.is_done() {
            self.waiting.raise(step.after().id());
        }
        let written = match (transitioned, step.with_account()) {
            (Transitioned::Finished { .. }, Some((_, finished))) => finished,
            _ => &step,
        };
        match transitioned.lease() {
            Some(taken) => self.handover.push(written.leased(taken)),
            None if transitioned.is_done() && written.has_work(now) => self.handover.due.raise(),
            None => {}
        }
        Ok((step, transitioned))
    }

    /// Stores a row that is born with what it has, and hands it to this node's worker if it has tasks.
    pub(crate) async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        audit: &[AuditRow],
        now: DateTime<Utc>,
    ) -> Result<Opened, PortError> {
        let lease_until = self.handover.lease_until(now).filter(|_| !reset.tasks().is_empty());
        let opened = self.store.open(reset, permit, lease_until, audit).await?;
        match (opened, lease_until) {
            (Opened::Stored, Some(_)) => self.handover.push(Leased::new(reset.clone(), FIRST_LEASE)),
            (Opened::Stored, None) if !reset.tasks().is_empty() => self.handover.due.raise(),
            _ => {}
        }
        Ok(opened)
    }

    /// Loads a reset where its account is of no interest.
    pub(crate) async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        Ok(self.store.load(id).await?.map(|loaded| loaded.reset))
    }

    /// The account of a reset: as it was loaded, or asked of the accounts.
    pub(crate) async fn account_of(
        &self,
        loaded: LoadedAccount,
        account: &AccountId,
    ) -> Result<Option<Account>, PortError> {
        match loaded {
            LoadedAccount::Here(account) => Ok(account),
            LoadedAccount::Elsewhere => self.accounts.load(account).await,
        }
    }

    /// The newest audit rows of an account.
    pub(crate) async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.store.audit(&AuditFilter::Newest { account: account.clone(), limit }).await
    }

    /// Closes a reset if it still is as it was seen: for reasons that hold for that version of the row alone. `false`
    /// when it is not; then look again.
    pub(crate) async fn close_as_seen(
        &self,
        reset: &Reset,
        why: CloseReason,
        now: DateTime<Utc>,
    ) -> Result<bool, PortError> {
        let detail = State::Closed(why).code();
        let audit = vec![AuditRow::new(now, AuditEvent::Closed).of(reset).detail(detail)];
        match Step::new(reset, &Event::Close(why), now, audit) {
            Ok(step) => Ok(self.transition(step, now).await?.1 != Transitioned::Conflict),
            Err(_illegal) => Ok(true),
        }
    }

    /// Closes a reset, whatever happens to it meanwhile; nothing where it cannot be closed any more.
    pub(crate) async fn close(&self, reset: &Reset, why: CloseReason, now: DateTime<Utc>) -> Result<(), PortError> {
        let mut reset = reset.clone();
        for _ in 0..MAX_CONFLICTS {
            if self.close_as_seen(&reset, why, now).await? {
                return Ok(());
            }
            match self.load(reset.id()).await? {
                Some(again) => reset = again,
                None => return Ok(()),
            }
        }
        Err(PortError::transient("too many changes of one reset at once"))
    }

    /// Words that a password of this account must not be (R76).
    pub(crate) fn context_words(&self, account: &Account, identifier: &Identifier) -> Vec<String> {
        let mut words = vec![self.site.name().to_owned(), identifier.as_str().to_owned()];
        words.extend(account.context_words().iter().cloned());
        words.extend(account.contacts().iter().map(|contact| contact.value().to_owned()));
        let parts: Vec<String> = words
            .iter()
            .flat_map(|word| word.split(['@', '.', ' ', '-', '_', '+']))
            .filter(|part| part.chars().count() >= 4)
            .map(str::to_owned)
            .collect();
        words.extend(parts);
        words
    }
}

/// The kind of contact that a channel sends to or hears; `None` where there is none.
pub(crate) fn contact_kind(channel: Channel) -> Option<ContactKind> {
    match channel {
        Channel::EmailLink | Channel::AdminLink => Some(ContactKind::Email),
        Channel::WhatsAppCode | Channel::WhatsAppInbound(_) => Some(ContactKind::Phone),
        Channel::CurrentPassword => None,
    }
}

fn hexadecimal(digest: &Digest) -> String {
    digest.as_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 0x0f] {
            hex.extend(char::from_digit(u32::from(nibble), 16));
        }
        hex
    })
}
