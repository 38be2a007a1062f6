//! Setting the password: once, and never in part.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::reset::Reset;
use crate::flow::state::{CloseReason, State};
use crate::flow::{Event, Step};
use crate::hashing::hash_pool::{HashPool, PoolError};
use crate::identity::account::Account;
use crate::identity::identifier::Identifier;
use crate::identity::password::{NewPassword, Password};
use crate::identity::password_hash::PasswordHash;
use crate::node::turns::Turns;
use crate::policy::{PasswordPolicy, RuleKind, Violations};
use crate::ports::{
    Attempt, AttemptKind, Attempted, BreachedPasswords, Changed, Loaded, PasswordChange, Transitioned, Verdict,
};
use crate::resets::MAX_CONFLICTS;
use crate::resets::Resets;
use crate::resets::finishing::Finishing;
use crate::service::candidate::Candidate;
use crate::service::grant::{Grant, is_usable};

/// After so long the worker looks whether a password was written whose writer did not finish.
const CHECK_AFTER: Duration = Duration::from_secs(30);

/// The password is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PasswordIsSet {
    /// Since when.
    pub at: DateTime<Utc>,
    /// It was set by the same attempt before: a double click, or a lost answer.
    pub repeated: bool,
}

/// The password was not set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetPasswordError {
    /// The grant is not valid any more, whatever the reason. Start a new reset.
    #[error("grant is no longer valid: start a new reset")]
    Refused,
    /// The password breaks rules; here are all of them. Try another with the same grant.
    #[error("the password breaks the rules: {violations}")]
    Rejected {
        /// Every broken rule.
        violations: Violations,
        /// To try again with.
        grant: Grant,
    },
    /// The hash pool is busy.
    #[error("password hashing queue is full: retry in {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
        /// To try again with.
        grant: Grant,
    },
    /// A port failed. If the password was written all the same, the same attempt again says so.
    #[error("storage or another port is unavailable")]
    Unavailable {
        /// What failed.
        #[source]
        error: PortError,
        /// To try again with.
        grant: Grant,
    },
}

impl SetPasswordError {
    /// The variant, for metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Rejected { .. } => "rejected",
            Self::Busy { .. } => "busy",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The grant, if one can try again.
    #[must_use]
    pub fn into_grant(self) -> Option<Grant> {
        match self {
            Self::Refused => None,
            Self::Rejected { grant, .. } | Self::Busy { grant, .. } | Self::Unavailable { grant, .. } => Some(grant),
        }
    }
}

/// Why an attempt ended, before the grant is given back.
enum Ended {
    Refused,
    Rejected(Violations),
    Busy(Duration),
    Unavailable(PortError),
}

impl From<PortError> for Ended {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<PoolError> for Ended {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy { retry_after } => Self::Busy(retry_after),
            error => Self::Unavailable(PortError::transient("password not hashed").because(error)),
        }
    }
}

/// Sets passwords: the rules, the hash and the write.
#[derive(Debug)]
pub(crate) struct Completing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) finishing: Arc<Finishing>,
    pub(crate) pool: HashPool,
    pub(crate) policy: PasswordPolicy,
    pub(crate) breached: Option<Arc<dyn BreachedPasswords>>,
    pub(crate) turns: Turns,
}

impl Completing {
    pub(crate) async fn set_password(&self, grant: Grant, new: NewPassword) -> Result<PasswordIsSet, SetPasswordError> {
        let _turn = self.turns.take(grant.reset_id()).await;
        let (new, now) = (Arc::new(new), self.resets.now());
        let setting = self.resets.contained(("set_password", grant.reset_id()), self.set(&grant, &new, now)).await;
        setting.map_err(|ended| match ended {
            Ended::Refused => SetPasswordError::Refused,
            Ended::Rejected(violations) => SetPasswordError::Rejected { violations, grant },
            Ended::Busy(retry_after) => SetPasswordError::Busy { retry_after, grant },
            Ended::Unavailable(error) => SetPasswordError::Unavailable { error, grant },
        })
    }

    async fn set(&self, grant: &Grant, new: &Arc<NewPassword>, now: DateTime<Utc>) -> Result<PasswordIsSet, Ended> {
        let Loaded { mut reset, mut account } = self.in_time(self.count_completion(grant, now)).await?;
        let password = new.password().in_form(self.policy.normalization());
        let mut hashed = None;
        for _ in 0..MAX_CONFLICTS {
            if !is_usable(&self.resets.secrets, grant.token(), &reset, now) {
                return Err(Ended::Refused);
            }
            let present =
                self.in_time(self.resets.account_of(account, grant.account())).await?.ok_or(Ended::Refused)?;
            if reset.state() == State::PasswordSet {
                return self.repeated(&reset, &present, &password).await;
            }
            if self.finishing.was_written(&reset, &present)? {
                // An earlier attempt wrote it, and its answer was lost. Finish, and see whether it was this password.
                self.in_time(self.finishing.finish(&reset, now)).await?;
            } else if !self.resets.is_as_it_was(&present, &reset)? {
                // Or another attempt with the same grant has just set it: then the row has changed too, and says so.
                self.in_time(self.resets.close_as_seen(&reset, CloseReason::AccountChanged, now)).await?;
            } else {
                let hash = match &hashed {
                    Some(hash) => PasswordHash::clone(hash),
                    None => hashed.insert(self.hash(&reset, &present, new, &password, now).await?).clone(),
                };
                if let Some(set) = self.in_time(self.write(&reset, present, hash, new.device())).await? {
                    return Ok(set);
                }
            }
            let again = self.in_time(self.resets.load_with_account(reset.id())).await?;
            Loaded { reset, account } = again.ok_or(Ended::Refused)?;
        }
        Err(PortError::transient("gave up after repeated concurrent updates of one reset").into())
    }

    /// What calls ports has its time; what waits for the hash pool does not count.
    fn in_time<T, E: From<PortError>>(
        &self,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        self.resets.in_time("set_password", call)
    }

    /// One counter for attempts of any kind, raised before rules and hash (I3).
    async fn count_completion(&self, grant: &Grant, now: DateTime<Utc>) -> Result<Loaded, Ended> {
        let limit = self.resets.limits.completion_attempts;
        match self.resets.store.attempt(&Attempt::new(grant.reset_id(), AttemptKind::Completion, limit)).await? {
            Attempted::Counted { loaded, .. } => Ok(*loaded),
            Attempted::Unknown => Err(Ended::Refused),
            Attempted::LimitReached => {
                let spent = self.resets.load(grant.reset_id()).await?;
                if let Some(reset) = spent.filter(|reset| reset.state().is_open()) {
                    let hit = AuditRow::new(now, AuditEvent::LimitHit).of(&reset).detail("completions");
                    self.resets.store.record(&hit).await?;
                    self.resets.close(&reset, CloseReason::AttemptsExhausted, now).await?;
                }
                Err(Ended::Refused)
            }
        }
    }

    /// The same success once more, if it was this password that the reset set, and it still is in force.
    async fn repeated(&self, reset: &Reset, account: &Account, password: &Password) -> Result<PasswordIsSet, Ended> {
        let at = reset.set_at().ok_or(Ended::Refused)?;
        let hash = account.hash().ok_or(Ended::Refused)?;
        if !self.finishing.was_written(reset, account)? {
            return Err(Ended::Refused);
        }
        match self.pool.verify(password, hash).await? {
            Verdict::Match { .. } => Ok(PasswordIsSet { at, repeated: true }),
            Verdict::Mismatch => Err(Ended::Refused),
        }
    }

    /// The hash of a password that keeps every rule.
    async fn hash(
        &self,
        reset: &Reset,
        account: &Account,
        new: &Arc<NewPassword>,
        password: &Password,
        now: DateTime<Utc>,
    ) -> Result<PasswordHash, Ended> {
        let slot = self.pool.slot()?;
        let candidate = Candidate {
            policy: self.policy.clone(),
            new: Arc::clone(new),
            password: password.share(),
            words: self.context_words(account, &reset.identifier()),
            is_breached: self.is_breached(new, password).await?,
            current: account.hash().cloned(),
            earlier: account.earlier_hashes().to_vec(),
        };
        let violations = match slot.run(|worker| candidate.hash(worker)).await?? {
            Ok(hash) => return Ok(hash),
            Err(violations) => violations,
        };
        let codes = violations.codes().join(" ");
        let refused = AuditRow::new(now, AuditEvent::PasswordRefused).of(reset).detail(codes);
        self.in_time(self.resets.store.record(&refused)).await?;
        Err(Ended::Rejected(violations))
    }

    /// Whether the list has it; a password beyond the caps must not cost a search.
    async fn is_breached(&self, new: &NewPassword, password: &Password) -> Result<bool, Ended> {
        match &self.breached {
            Some(list) if self.policy.has(RuleKind::NotBreached) && !self.policy.is_too_long(new) => {
                Ok(self.in_time(list.contains(password)).await?)
            }
            _ => Ok(false),
        }
    }

    /// Writes the hash. `None` when another step changed the row or the account meanwhile; the caller looks again.
    async fn write(
        &self,
        reset: &Reset,
        account: Account,
        hash: PasswordHash,
        device: Option<&str>,
    ) -> Result<Option<PasswordIsSet>, Ended> {
        // Hashing takes its time, and waiting for it more. Sessions that began meanwhile, with the old password, are
        // among those that end, so the time is taken as late as can be.
        let now = self.resets.now();
        let digest = self.resets.secrets.new_hash(reset, &hash)?;
        let device = device.map(str::to_owned);
        let apply = Event::Apply { hash: digest, check_at: crate::time::later(now, CHECK_AFTER), device };
        let change = PasswordChange::new(account, hash, now);
        let audit = vec![AuditRow::new(now, AuditEvent::PasswordSet).of(reset)];
        let step = Step::apply(reset, &apply, &self.finishing.finish_event(now), change.clone(), now, audit)
            .map_err(|_illegal| Ended::Refused)?
            .refilling(self.resets.secrets.digests.subjects(reset));
        let (step, transitioned) = self.resets.transition(step, now).await?;
        match transitioned {
            Transitioned::Finished { .. } => Ok(Some(PasswordIsSet { at: now, repeated: false })),
            Transitioned::Conflict | Transitioned::StaleAccount => Ok(None),
            Transitioned::Moved { .. } => match self.resets.accounts.set_password(&change).await? {
                Changed::Updated => self.finish_own(step.after(), self.resets.now()).await,
                Changed::Conflict => Ok(None),
            },
        }
    }

    /// Finishes what this very attempt wrote, although other attempts may change the row meanwhile, or finish it for us.
    async fn finish_own(&self, applying: &Reset, now: DateTime<Utc>) -> Result<Option<PasswordIsSet>, Ended> {
        let mut reset = applying.clone();
        for _ in 0..MAX_CONFLICTS {
            if self.finishing.finish(&reset, now).await? {
                return Ok(Some(PasswordIsSet { at: now, repeated: false }));
            }
            reset = self.resets.load(reset.id()).await?.ok_or(Ended::Refused)?;
            if let Some(at) = reset.set_at() {
                return Ok(Some(PasswordIsSet { at, repeated: false }));
            }
            if reset.state() != State::Applying {
                return Ok(None);
            }
        }
        Err(PortError::transient("gave up after repeated concurrent updates of one reset").into())
    }

    /// Words that a password of this account must not be.
    fn context_words(&self, account: &Account, identifier: &Identifier) -> Vec<String> {
        let mut words = vec![self.resets.site.name().to_owned(), identifier.as_str().to_owned()];
        words.extend(account.context_words().iter().cloned());
        words.extend(account.contacts().iter().map(|contact| contact.value().to_owned()));
        words
    }
}
