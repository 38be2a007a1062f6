//! Putting the parts together, and refusing what is unsafe before anything runs.

mod site;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use crate::config::{Choices, Lifetimes, Limits, Retention, SeveralAccounts, UndeliveredCodes};
use crate::error::BuildError;
use crate::flow::channel::InboundMode;
use crate::hashing::argon2_hasher::Argon2Hasher;
use crate::hashing::hash_pool::{HashPool, HashPoolConfig};
use crate::identity::account::ContactKind;
use crate::inbound::Inbound;
use crate::message::Site;
use crate::node::alarm::Alarm;
use crate::node::handover::Handover;
use crate::node::node_limit::NodeLimit;
use crate::node::observers::Observers;
use crate::node::turns::Turns;
use crate::node::waiting::Waiting;
use crate::policy::{PasswordPolicy, RuleKind};
use crate::ports::{
    AccountLocker, Accounts, BreachedPasswords, Clock, Notifier, Observer, RandomSource, ResetStore, RiskPolicy,
    SystemClock, SystemRandom,
};
use crate::resets::Resets;
use crate::resets::delivering::Delivering;
use crate::resets::finishing::Finishing;
use crate::resets::issuing::Issuing;
use crate::resets::store::Store;
use crate::secret::{KeyRing, Secrets};
use crate::service::admin::Administrating;
use crate::service::assess::Assessing;
use crate::service::attempts::Attempts;
use crate::service::contacts::ChangingContacts;
use crate::service::current_password::CurrentPassword;
use crate::service::health::Looking;
use crate::service::object::Objecting;
use crate::service::prove::Proving;
use crate::service::receive::Receiving;
use crate::service::request::Asking;
use crate::service::set_password::Completing;
use crate::service::sign_in::SigningIn;
use crate::service::status::Showing;
use crate::service::step_up::SteppingUp;
use crate::service::trail::Trail;
use crate::service::verify::Verifying;
use crate::service::{Parts, PasswordReset};
use crate::worker::Worker;
use crate::worker::after::After;
use crate::worker::listing::Listing;
use crate::worker::notify::Notifying;
use crate::worker::observing::Observing;
use crate::worker::rows::Rows;
use crate::worker::send::Sending;

/// Collects the parts of a [`PasswordReset`].
#[derive(Debug)]
#[must_use = "nothing is built before `build()`"]
pub struct Builder {
    accounts: Arc<dyn Accounts>,
    store: Arc<dyn ResetStore>,
    keys: KeyRing,
    site: Site,
    notifiers: Vec<Arc<dyn Notifier>>,
    inbound: Option<Inbound>,
    phone_only: bool,
    risk_policy: Option<Arc<dyn RiskPolicy>>,
    account_locker: Option<Arc<dyn AccountLocker>>,
    observers: Vec<(String, Arc<dyn Observer>)>,
    policy: PasswordPolicy,
    breached: Option<Arc<dyn BreachedPasswords>>,
    pool: Option<HashPool>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
    lifetimes: Lifetimes,
    limits: Limits,
    retention: Retention,
    choices: Choices,
}

impl PasswordReset {
    /// Starts with what has no safe default: the account table, the store, the keys, and the site that links lead to.
    pub fn builder(accounts: impl Accounts, store: impl ResetStore, keys: KeyRing, site: Site) -> Builder {
        Builder::new(Arc::new(accounts), Arc::new(store), keys, site)
    }
}

impl Builder {
    fn new(accounts: Arc<dyn Accounts>, store: Arc<dyn ResetStore>, keys: KeyRing, site: Site) -> Self {
        Self {
            accounts,
            store,
            keys,
            site,
            notifiers: Vec::new(),
            inbound: None,
            phone_only: false,
            risk_policy: None,
            account_locker: None,
            observers: Vec::new(),
            policy: PasswordPolicy::default(),
            breached: None,
            pool: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            lifetimes: Lifetimes::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            choices: Choices::default(),
        }
    }

    /// Adds a way to send. One for each kind of contact; at least one is needed.
    pub fn notifier(mut self, notifier: impl Notifier) -> Self {
        self.notifiers.push(Arc::new(notifier));
        self
    }

    /// Hands every audit row to an observer, beginning with the oldest that is kept. Under its name, 1 to 40 bytes, the store keeps
    /// how far it is; every node with a worker needs it.
    pub fn observer(mut self, name: impl Into<String>, observer: impl Observer) -> Self {
        self.observers.push((name.into(), Arc::new(observer)));
        self
    }

    /// Receives inbound messages: the application's webhook hands them to [`receive`](PasswordReset::receive).
    pub fn inbound(mut self, inbound: Inbound) -> Self {
        self.inbound = Some(inbound);
        self
    }

    /// Accepts that phones are the only way to recover an account; without this, [`build`](Self::build) refuses it.
    ///
    /// The service must then receive messages too ([`inbound`](Self::inbound)): an attacker who goes on asking uses up the
    /// codes that are sent to a number, but never the messages that its owner sends.
    ///
    /// # Security
    /// Numbers are lost, taken over and given to others, and with the number go all accounts that have nothing
    /// beside it. Nor is there another contact that could be notified.
    pub fn phone_only(mut self) -> Self {
        self.phone_only = true;
        self
    }

    /// Sets who has a second look at right proofs, and says which administrators may start resets for whom. Without one
    /// every right proof is enough, and no administrator may start anything.
    pub fn risk_policy(mut self, risk_policy: impl RiskPolicy) -> Self {
        self.risk_policy = Some(Arc::new(risk_policy));
        self
    }

    /// Sets how accounts are locked. With it the notice of a changed password carries a link with which the owner says that
    /// they did not set it.
    pub fn account_locker(mut self, account_locker: impl AccountLocker) -> Self {
        self.account_locker = Some(Arc::new(account_locker));
        self
    }

    /// Sets the rules for new passwords; [`PasswordPolicy::nist_800_63b`] unless said.
    pub fn policy(mut self, policy: PasswordPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets who knows passwords from data breaches, for a policy with [`Rule::NotBreached`](crate::policy::Rule::NotBreached).
    pub fn breached_passwords(mut self, breached: impl BreachedPasswords) -> Self {
        self.breached = Some(Arc::new(breached));
        self
    }

    /// Sets the threads that hash. Share one pool with the application's login, so that both together stay within its
    /// memory; by default a pool of Argon2id workers is made.
    pub fn hash_pool(mut self, pool: HashPool) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Sets the clock; the operating system's unless said.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets where random bytes come from. For tests: the operating system's generator is the default, and right.
    pub fn random(mut self, random: impl RandomSource) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// Sets how long secrets live.
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }

    /// Sets how often things may happen.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how long what is not needed any more is kept.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Sets what happens where several accounts have the address that was typed; [`SeveralAccounts::Nothing`] unless said.
    pub fn several_accounts(mut self, several_accounts: SeveralAccounts) -> Self {
        self.choices.several_accounts = several_accounts;
        self
    }

    /// Sets what happens where a code by WhatsApp does not arrive; [`UndeliveredCodes::Nothing`] unless said.
    pub fn undelivered_codes(mut self, undelivered_codes: UndeliveredCodes) -> Self {
        self.choices.undelivered_codes = undelivered_codes;
        self
    }

    /// Checks everything and puts it together.
    ///
    /// The [`Worker`] must run, on this node or on another: without it no message is ever sent.
    ///
    /// # Errors
    /// [`BuildError`] names the first setting that is missing or unsafe.
    pub fn build(self) -> Result<(PasswordReset, Worker), BuildError> {
        self.keys.check().map_err(|error| BuildError::new("keys", error.to_string()))?;
        let realm = site::check(&self.site)?;
        if self.notifiers.is_empty() {
            return Err(BuildError::new("notifier", "none configured: call `.notifier(…)`, or no message can be sent"));
        }
        let of = |kind| self.notifiers.iter().filter(move |notifier| notifier.reaches() == kind);
        for kind in [ContactKind::Email, ContactKind::Phone] {
            if of(kind).count() > 1 {
                return Err(BuildError::new("notifier", format!("two for {kind:?}: keep one per contact kind")));
            }
        }
        let (email, phone) = (of(ContactKind::Email).next(), of(ContactKind::Phone).next());
        if !self.phone_only && email.is_none() {
            return Err(BuildError::new(
                "notifier",
                "all reach phones only, so losing a number means losing the account: add a notifier for \
                 email, or accept it with `.phone_only()`",
            ));
        }
        if self.inbound.is_none() && email.is_none() {
            return Err(BuildError::new(
                "inbound",
                "a code sent to the number is the only method, and repeated requests of an attacker use up \
                 its messages: receive messages too with `.inbound(…)`, or add a notifier for email",
            ));
        }
        if self.choices.undelivered_codes == UndeliveredCodes::Mail && (email.is_none() || phone.is_none()) {
            return Err(BuildError::new(
                "undelivered_codes",
                "a mail in place of a code needs a notifier for email and one for phones: add the one that is missing, or leave \
                 it out",
            ));
        }
        if self.inbound.is_some() && self.store.senders().is_none() {
            return Err(BuildError::new("inbound", "this store keeps no senders: use a store with `senders()`"));
        }
        let replies = self.inbound.as_ref().map(Inbound::mode).filter(|mode| *mode != InboundMode::PageAdvances);
        if let Some(mode) = replies {
            let cannot = match phone {
                None => Some("this mode sends a reply: add a WhatsApp notifier, or use `Inbound::page_advances`"),
                Some(notifier) => notifier.cannot_reply(mode),
            };
            if let Some(why) = cannot {
                return Err(BuildError::new("inbound", why));
            }
        }
        self.policy.validate().map_err(|error| BuildError::new("policy", error.to_string()))?;
        match (self.policy.has(RuleKind::NotBreached), &self.breached) {
            (true, None) => {
                let reason = "the rule `not_breached` needs a list: call `.breached_passwords(…)`, or remove the rule";
                return Err(BuildError::new("breached_passwords", reason));
            }
            (false, Some(_)) => {
                let reason = "the list is unused: add the rule `not_breached` to the policy, or remove the list";
                return Err(BuildError::new("breached_passwords", reason));
            }
            (true, Some(_)) | (false, None) => {}
        }
        let names: BTreeSet<_> = self.observers.iter().map(|(name, _)| name).collect();
        if names.len() < self.observers.len() || names.iter().any(|name| !(1..=40).contains(&name.len())) {
            return Err(BuildError::new("observer", "each observer needs a name of its own, of 1 to 40 bytes"));
        }
        self.lifetimes.check()?;
        self.limits.check()?;
        self.retention.check()?;
        let pool = match self.pool {
            Some(pool) => pool,
            None => HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())
                .map_err(|error| BuildError::new("hash_pool", error.to_string()))?,
        };
        crate::metrics::describe();
        let secrets = Secrets::new(self.keys, realm.as_str());
        let resets = Arc::new(Resets {
            accounts: self.accounts,
            store: Store::new(self.store.in_realm(&realm)),
            clock: self.clock,
            random: self.random,
            secrets,
            site: self.site,
            lifetimes: self.lifetimes,
            limits: self.limits,
            retention: self.retention,
            waiting: Waiting::default(),
            handover: Handover::default(),
            observers: Observers::default(),
            missing_keys: Alarm::new("missing_keys"),
            panics: Alarm::new("panics"),
            unresolved: Alarm::new("unresolved"),
        });
        let observing = self.observers.into_iter();
        let observing = observing.map(|(name, observer)| Observing::new(Arc::clone(&resets), name, observer)).collect();
        let delivering = Arc::new(Delivering::new(Arc::clone(&resets), self.notifiers));
        let issuing = Arc::new(Issuing {
            resets: Arc::clone(&resets),
            delivering: Arc::clone(&delivering),
            choices: self.choices,
        });
        let lockable_for = self.account_locker.as_ref().map(|_| self.lifetimes.lock);
        let finishing = Arc::new(Finishing { resets: Arc::clone(&resets), lockable_for });
        let rows = Rows {
            resets: Arc::clone(&resets),
            issuing: Arc::clone(&issuing),
            sending: Sending {
                resets: Arc::clone(&resets),
                delivering: Arc::clone(&delivering),
                listing: Listing { resets: Arc::clone(&resets), issuing: Arc::clone(&issuing) },
            },
            notifying: Notifying {
                resets: Arc::clone(&resets),
                delivering: Arc::clone(&delivering),
                can_lock: self.account_locker.is_some(),
            },
            after: After {
                resets: Arc::clone(&resets),
                finishing: Arc::clone(&finishing),
                account_locker: self.account_locker,
            },
        };
        let showing = Arc::new(Showing {
            resets: Arc::clone(&resets),
            delivering: Arc::clone(&delivering),
            inbound: self.inbound.clone(),
        });
        let assessing = Arc::new(Assessing {
            resets: Arc::clone(&resets),
            delivering: Arc::clone(&delivering),
            risk_policy: self.risk_policy.clone(),
        });
        let proving = Arc::new(Proving { resets: Arc::clone(&resets), assessing: Arc::clone(&assessing) });
        let attempts = Arc::new(Attempts { resets: Arc::clone(&resets), of_source: Alarm::new("codes_of_source") });
        let parts = Parts {
            asking: Asking {
                resets: Arc::clone(&resets),
                showing: Arc::clone(&showing),
                node: NodeLimit::default(),
                of_source: Alarm::new("requests_of_source"),
                of_node: Alarm::new("requests_of_node"),
            },
            receiving: Receiving {
                resets: Arc::clone(&resets),
                issuing: Arc::clone(&issuing),
                proving: Arc::clone(&proving),
                inbound: self.inbound,
            },
            verifying: Verifying {
                resets: Arc::clone(&resets),
                proving: Arc::clone(&proving),
                attempts: Arc::clone(&attempts),
            },
            stepping_up: SteppingUp { resets: Arc::clone(&resets), proving: Arc::clone(&proving), attempts },
            current_password: CurrentPassword {
                resets: Arc::clone(&resets),
                assessing,
                proving,
                pool: pool.clone(),
                policy: self.policy.clone(),
            },
            signing_in: SigningIn {
                resets: Arc::clone(&resets),
                pool: pool.clone(),
                policy: self.policy.clone(),
                decoy: Arc::default(),
            },
            completing: Completing {
                resets: Arc::clone(&resets),
                finishing,
                pool,
                policy: self.policy,
                breached: self.breached,
                turns: Turns::default(),
            },
            objecting: Objecting { resets: Arc::clone(&resets), showing: Arc::clone(&showing) },
            administrating: Administrating {
                resets: Arc::clone(&resets),
                showing: Arc::clone(&showing),
                risk_policy: self.risk_policy,
            },
            changing_contacts: ChangingContacts { resets: Arc::clone(&resets), delivering: Arc::clone(&delivering) },
            looking: Looking { resets: Arc::clone(&resets), delivering: Arc::clone(&delivering) },
            trail: Trail { resets: Arc::clone(&resets), issuing },
            showing,
            resets,
        };
        Ok((PasswordReset { parts: Arc::new(parts) }, Worker::new(rows, observing)))
    }
}
