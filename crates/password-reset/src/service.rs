//! The service: what an application calls.

mod admin;
mod cancel;
mod contacts;
mod current_password;
mod delivery;
pub(crate) mod grant;
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
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::AuditRow;
use crate::flow::channel::{Channel, InboundMode};
use crate::flow::reset::Reset;
use crate::hashing::hash_pool::HashPool;
use crate::identity::account::PasswordHash;
use crate::identity::account::{Account, Contact, ContactKind};
use crate::identity::id::AccountId;
use crate::identity::identifier::{Identifier, IdentifierKind};
use crate::inbound::Inbound;
use crate::message::Site;
use crate::node::alarm::Alarms;
use crate::node::node_limit::NodeLimit;
use crate::node::turns::Turns;
use crate::policy::PasswordPolicy;
use crate::ports::{AccountLocker, BreachedPasswords, Notifier, ResetStore, RiskPolicy};
use crate::resets::Resets;

/// Forgotten-password flows for one application. Cheap to clone; keep one in the application's state.
///
/// Every verb gives the same answer for accounts that exist and accounts that do not; see each.
#[derive(Clone)]
pub struct PasswordReset {
    inner: Arc<Inner>,
}

impl fmt::Debug for PasswordReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordReset").field("site", &self.inner.resets.site).finish_non_exhaustive()
    }
}

/// What the service and its worker share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) resets: Arc<Resets>,
    pub(crate) notifiers: Vec<Arc<dyn Notifier>>,
    pub(crate) pool: HashPool,
    pub(crate) policy: PasswordPolicy,
    pub(crate) breached: Option<Arc<dyn BreachedPasswords>>,
    pub(crate) inbound: Option<Inbound>,
    pub(crate) risk_policy: Option<Arc<dyn RiskPolicy>>,
    pub(crate) account_locker: Option<Arc<dyn AccountLocker>>,
    pub(crate) turns: Turns,
    pub(crate) node: NodeLimit,
    pub(crate) alarms: Alarms,
}

impl PasswordReset {
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
        &self.inner.resets.site
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
        self.inner.resets.now()
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
        hexadecimal(&self.inner.resets.secrets.session(account, hash))
    }

    /// Says that the owner signed in with the password: codes that were paused work again (I4).
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn signed_in(&self, account: &AccountId) -> Result<(), PortError> {
        self.inner.resets.store.refill(&self.inner.resets.secrets.failure_quotas(account)).await
    }

    /// What happened to an account's resets, newest first: for administrators, never for strangers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.inner.resets.history(account, limit).await
    }

    /// Deletes everything that is kept about an account (R162, R164). Call it when the account is deleted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        self.inner.resets.store.erase(account, &self.inner.resets.secrets.failure_quotas(account)).await
    }
}

impl Inner {
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

    /// Words that a password of this account must not be (R76).
    pub(crate) fn context_words(&self, account: &Account, identifier: &Identifier) -> Vec<String> {
        let mut words = vec![self.resets.site.name().to_owned(), identifier.as_str().to_owned()];
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
