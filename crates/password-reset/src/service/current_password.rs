//! The current password as a proof.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::Event;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{Channel, ProofKind};
use crate::flow::reset::Binding;
use crate::hashing::hash_pool::{HashPool, PoolError};
use crate::identity::account::{Account, AccountStatus};
use crate::identity::id::AccountId;
use crate::identity::locale::Locale;
use crate::identity::password::Password;
use crate::identity::source::Source;
use crate::policy::PasswordPolicy;
use crate::ports::{Opened, PermitTaken, Quota, Verdict};
use crate::resets::Resets;
use crate::service::assess::{Assessing, Brought, Wanted};
use crate::service::grant::Grant;
use crate::service::proof::VerifyError;
use crate::service::prove::Proving;

/// Takes the current password as a proof.
#[derive(Debug)]
pub(crate) struct CurrentPassword {
    pub(crate) resets: Arc<Resets>,
    pub(crate) assessing: Arc<Assessing>,
    pub(crate) proving: Arc<Proving>,
    pub(crate) pool: HashPool,
    pub(crate) policy: PasswordPolicy,
}

impl CurrentPassword {
    pub(super) async fn verify_current(
        &self,
        account: &AccountId,
        password: Password,
        source: &Source,
        locale: Locale,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let account = self.has_current(account, password, source, now).await?;
        self.resets.in_time("verify", self.open_proved(&account, source, locale, now)).await
    }

    /// The account, if this is its present password.
    pub(crate) async fn has_current(
        &self,
        account: &AccountId,
        password: Password,
        source: &Source,
        now: DateTime<Utc>,
    ) -> Result<Account, VerifyError> {
        let account = self.resets.in_time("verify", self.may_try(account, source, now)).await?;
        let hash = account.hash().ok_or(VerifyError::Refused)?;
        let password = password.in_form(self.policy.normalization());
        let verdict = self.pool.verify(&password, hash).await.map_err(|error| match error {
            PoolError::Busy { retry_after } => VerifyError::Busy { retry_after },
            // No retry helps here; a reset by email or phone sets a hash that can be read.
            PoolError::Hash(error) => {
                let account = account.id().as_str();
                crate::log_bounded!(error, account, %error, "current password not verified: the stored hash cannot be \
                 read, so the owner needs a reset by message");
                VerifyError::Refused
            }
            error => PortError::transient("current password not verified").because(error).into(),
        })?;
        if verdict == Verdict::Mismatch {
            let wrong = self.current_password_row(AuditEvent::WrongCurrentPassword, account.id(), source, now);
            self.resets.in_time("verify", self.resets.store.record(&wrong)).await?;
            return Err(VerifyError::WrongPassword);
        }
        Ok(account)
    }

    /// The account, if its password may be tried; counts the attempt.
    async fn may_try(&self, account: &AccountId, source: &Source, now: DateTime<Utc>) -> Result<Account, VerifyError> {
        let account = self.resets.accounts.load(account).await?.ok_or(VerifyError::Refused)?;
        if account.hash().is_none() || account.status() != AccountStatus::Active {
            return Err(VerifyError::Refused);
        }
        // The attacker may still be signed in with the password for which the owner locked the account.
        if !self.resets.store.account_state(account.id(), &[], now).await?.locked.is_empty() {
            let refused = self.current_password_row(AuditEvent::ProofRefused, account.id(), source, now);
            self.resets.store.record(&refused.detail("locked")).await?;
            return Err(VerifyError::Refused);
        }
        self.take_current_password_permit(account.id(), source, now).await?;
        Ok(account)
    }

    /// Wrong passwords are limited without touching the login.
    async fn take_current_password_permit(
        &self,
        account: &AccountId,
        source: &Source,
        now: DateTime<Utc>,
    ) -> Result<(), VerifyError> {
        let (burst, refill) = (self.resets.limits.current_password_burst, self.resets.limits.current_password_refill);
        // Under each key for counters, so that a rotation gives no new guesses.
        for digests in self.resets.secrets.digests.under_each_key() {
            let quota = Quota::new(digests.quotas().current_password(account), burst, refill, now);
            if let PermitTaken::RateLimited { next_at } = self.resets.store.take_permit(&quota).await? {
                let hit = self.current_password_row(AuditEvent::LimitHit, account, source, now);
                let hit = hit.detail(Channel::CurrentPassword.code());
                self.resets.store.record(&hit).await?;
                return Err(VerifyError::TooMany { retry_after: crate::time::until(now, next_at) });
            }
        }
        Ok(())
    }

    /// A wrong password belongs to no reset yet; it is on record with its source all the same.
    fn current_password_row(
        &self,
        event: AuditEvent,
        account: &AccountId,
        source: &Source,
        now: DateTime<Utc>,
    ) -> AuditRow {
        let mut row = AuditRow::new(now, event).account(account);
        row.channel = Some(Channel::CurrentPassword);
        row.source = Some(self.resets.secrets.digests.source(source));
        row
    }

    /// From here on it is a reset like any other, born with its proof.
    async fn open_proved(
        &self,
        account: &Account,
        source: &Source,
        locale: Locale,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let named = self.resets.named(account)?;
        let asked = self.resets.new_reset(Channel::CurrentPassword, named, locale, source, now)?;
        let fingerprint = self.resets.secrets.fingerprint(asked.key_id(), account)?;
        let until = crate::time::later(now, self.resets.lifetimes.grant);
        let binding = Binding::new(account.id().clone(), fingerprint, now, until, until);
        let subject = self.resets.secrets.digests.account(account.id());
        let issued = crate::flow::next(&asked, &Event::Issue { binding, subject }, now)?;
        let proof = ProofKind::CurrentPassword;
        let (event, word, second) = match self.assessing.wanted(&issued, account, &Brought::by(proof), now).await? {
            Wanted::AnotherWay => return Err(VerifyError::Refused),
            Wanted::Nothing => (Event::Prove { proof, until }, AuditEvent::Proved, None),
            Wanted::Second(wants, until) => {
                (Event::RequireStepUp { proof, wants, until }, AuditEvent::StepUpRequired, Some((wants, until)))
            }
        };
        let proved = crate::flow::next(&issued, &event, now)?;
        let audit = [AuditRow::new(now, word).of(&proved).detail(proof.code())];
        match self.resets.open(&proved, None, &audit, now).await? {
            Opened::Stored => {}
            Opened::RateLimited { .. } | Opened::DuplicateKey => return Err(VerifyError::Refused),
        }
        match second {
            None => self.proving.grant(&proved, until),
            Some((wants, until)) => self.proving.require_step_up(&proved, wants, until),
        }
    }
}
