//! Step-ups, where the risk policy requires them.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{ProofKind, StepUp};
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::message::CodeKind;
use crate::ports::{AttemptKind, Loaded};
use crate::resets::Resets;
use crate::secret::{Code, Digests, NamesReset, PartialGrantToken};
use crate::service::attempts::Attempts;
use crate::service::grant::{Grant, PartialGrant};
use crate::service::proof::VerifyError;
use crate::service::prove::Proving;

/// Takes step-ups: the second proofs that a risk policy requires.
#[derive(Debug)]
pub(crate) struct SteppingUp {
    pub(crate) resets: Arc<Resets>,
    pub(crate) proving: Arc<Proving>,
    pub(crate) attempts: Arc<Attempts>,
}

impl SteppingUp {
    pub(crate) async fn partial_grant(&self, token: PartialGrantToken) -> Result<PartialGrant, VerifyError> {
        let Loaded { reset, .. } = self.awaiting_step_up(&token, self.resets.now()).await?;
        let wants = if reset.state() == State::AwaitingCode { StepUp::Code } else { StepUp::HostFactor };
        self.proving.partial_grant_of(&reset, token, wants)
    }

    /// The reset whose step-up a partial grant admits.
    pub(super) async fn awaiting_step_up(
        &self,
        partial_grant: &PartialGrantToken,
        now: DateTime<Utc>,
    ) -> Result<Loaded, VerifyError> {
        let loaded = self.resets.load_with_account(partial_grant.reset_id()).await?.ok_or(VerifyError::Refused)?;
        let reset = &loaded.reset;
        let binding = reset.binding().ok_or(VerifyError::Refused)?;
        let waits = matches!(reset.state(), State::AwaitingCode | State::AwaitingFactor) && reset.is_live(now);
        if !self.resets.secrets.is_partial_grant(partial_grant, reset, binding)
            || !waits
            || now >= partial_grant.until()
        {
            return Err(VerifyError::Refused);
        }
        Ok(loaded)
    }

    pub(super) async fn verify_step_up_code(
        &self,
        partial_grant: &PartialGrantToken,
        code: &Code,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let seen = self.awaiting_step_up(partial_grant, now).await?;
        // A factor is wanted, so there is no code to type: nothing is counted (I4).
        if seen.reset.state() != State::AwaitingCode {
            return Err(VerifyError::Refused);
        }
        let (loaded, paused) = self.count_step_up(&seen.reset, now).await?;
        let reset = &loaded.reset;
        let binding = reset.binding().ok_or(VerifyError::Refused)?;
        let matches = self.resets.secrets.is_code(CodeKind::StepUp, code, reset, binding);
        if matches && !paused && reset.state() == State::AwaitingCode && now < binding.code_until() {
            return self.proving.prove_for_grant(loaded, ProofKind::StepUpCode, now).await;
        }
        let event = if paused { AuditEvent::CodesPaused } else { AuditEvent::WrongCode };
        self.resets.store.record(&AuditRow::new(now, event).of(reset)).await?;
        Err(VerifyError::Refused)
    }

    /// Counts an attempt before anything is compared, and says whether the account or the source must pause.
    async fn count_step_up(&self, seen: &Reset, now: DateTime<Utc>) -> Result<(Loaded, bool), VerifyError> {
        let account = seen.account().ok_or(VerifyError::Refused)?;
        let of_source = self.resets.secrets.digests.quotas().step_ups_from(&seen.stored().source);
        let failures = |digests: &Digests| digests.quotas().step_up_failures(account);
        self.attempts.count(seen, AttemptKind::StepUp, of_source, failures, now).await
    }

    pub(super) async fn count_factor(
        &self,
        token: PartialGrantToken,
        now: DateTime<Utc>,
    ) -> Result<PartialGrant, VerifyError> {
        let seen = self.awaiting_step_up(&token, now).await?;
        if seen.reset.state() != State::AwaitingFactor {
            return Err(VerifyError::Refused);
        }
        let (Loaded { reset, .. }, paused) = self.count_step_up(&seen.reset, now).await?;
        if paused {
            self.resets.store.record(&AuditRow::new(now, AuditEvent::CodesPaused).of(&reset)).await?;
            return Err(VerifyError::Refused);
        }
        self.proving.partial_grant_of(&reset, token, StepUp::HostFactor)
    }

    pub(super) async fn verify_factor(
        &self,
        partial_grant: &PartialGrantToken,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let loaded = self.awaiting_step_up(partial_grant, now).await?;
        self.proving.prove_for_grant(loaded, ProofKind::HostFactor, now).await
    }
}
