//! Carrying right proofs out.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{ProofKind, StepUp};
use crate::flow::reset::Reset;
use crate::flow::{Event, Step};
use crate::identity::account::Account;
use crate::ports::{Loaded, Quota, Transitioned};
use crate::quota::PermitTaken;
use crate::resets::MAX_CONFLICTS;
use crate::resets::Resets;
use crate::secret::{GrantToken, PartialGrantToken};
use crate::service::assess::{Assessing, Brought, Wanted};
use crate::service::grant::{Grant, PartialGrant};
use crate::service::proof::VerifyError;

/// What became of a right proof.
pub(crate) enum Proved {
    /// All that is needed was brought.
    Whole(Reset),
    /// A second one is needed.
    Partial(Reset, StepUp, DateTime<Utc>),
    /// It proves nothing: here, any more, or by the risk policy.
    Nothing,
}

/// Carries out right proofs, and makes the grants.
#[derive(Debug)]
pub(crate) struct Proving {
    pub(crate) resets: Arc<Resets>,
    pub(crate) assessing: Arc<Assessing>,
}

impl Proving {
    /// Carries a right proof out, and makes the grant.
    pub(crate) async fn prove_for_grant(
        &self,
        loaded: Loaded,
        proof: ProofKind,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        match self.prove(loaded, Brought::by(proof), now).await? {
            Proved::Whole(proved) => self.grant(&proved, self.proof_until(proof, now)),
            Proved::Partial(proved, wants, until) => self.require_step_up(&proved, wants, until),
            Proved::Nothing => Err(VerifyError::Refused),
        }
    }

    /// Carries a right proof out: the account must still be as it was, and the risk policy must allow it.
    pub(crate) async fn prove(
        &self,
        Loaded { mut reset, mut account }: Loaded,
        brought: Brought,
        now: DateTime<Utc>,
    ) -> Result<Proved, PortError> {
        let proof = brought.proof;
        let until = self.proof_until(proof, now);
        for _ in 0..MAX_CONFLICTS {
            let whole = Event::Prove { proof, until };
            // Whatever the risk policy says of it, a proof that the reset does not take is none.
            if crate::flow::next(&reset, &whole, now).is_err() {
                return Ok(Proved::Nothing);
            }
            let Some(present) = self.resets.account_as_it_was(&reset, account, now).await? else {
                return Ok(Proved::Nothing);
            };
            let wanted = self.assessing.wanted(&reset, &present, &brought, now).await?;
            let (event, word) = match wanted {
                Wanted::AnotherWay => return Ok(Proved::Nothing),
                Wanted::Nothing => (whole, AuditEvent::Proved),
                Wanted::Second(wants, until) => {
                    (Event::RequireStepUp { proof, wants, until }, AuditEvent::StepUpRequired)
                }
            };
            let audit = vec![AuditRow::new(now, word).of(&reset).detail(proof.code())];
            let Ok(mut step) = Step::new(&reset, &event, now, audit) else { return Ok(Proved::Nothing) };
            if brought.is_answered && !self.may_reply(&reset, &present, now).await? {
                return Ok(Proved::Nothing);
            }
            if let Some(learnt) = &brought.learns {
                step = step.learning(learnt.clone());
            }
            if matches!(wanted, Wanted::Nothing) {
                // Only a whole proof gives guesses back: the holder of a first one must not get new ones at the step-up by it.
                step = step.refilling(self.resets.secrets.digests.subjects(&reset));
                if proof.is_step_up() {
                    let digests = self.resets.secrets.digests.under_each_key();
                    step = step.refilling(digests.map(|digests| digests.quotas().step_up_failures(present.id())));
                }
            }
            let (step, transitioned) = self.resets.transition(step, now).await?;
            if transitioned != Transitioned::Conflict {
                let after = step.after().clone();
                return Ok(match wanted {
                    Wanted::Second(wants, until) => Proved::Partial(after, wants, until),
                    Wanted::Nothing | Wanted::AnotherWay => Proved::Whole(after),
                });
            }
            let Some(again) = self.resets.load_with_account(reset.id()).await? else { return Ok(Proved::Nothing) };
            Loaded { reset, account } = again;
        }
        Err(PortError::transient("gave up after repeated concurrent updates of one reset"))
    }

    /// Until when what a proof yields can be used: a reply, if one is due, or a grant.
    fn proof_until(&self, proof: ProofKind, now: DateTime<Utc>) -> DateTime<Utc> {
        let lives =
            if proof == ProofKind::Message { self.resets.lifetimes.whatsapp } else { self.resets.lifetimes.grant };
        crate::time::later(now, lives)
    }

    /// Replies cost money and trouble whom they reach; only messages of the owner cause them, so only these count.
    async fn may_reply(&self, reset: &Reset, account: &Account, now: DateTime<Utc>) -> Result<bool, PortError> {
        let Some(to) = self.assessing.delivering.contact(account, reset) else { return Ok(false) };
        let key = self.resets.secrets.digests.quotas().replies(account.id(), to);
        let quota = Quota::new(key, self.resets.limits.reply_burst, self.resets.limits.reply_refill, now);
        let taken = matches!(self.resets.store.take_permit(&quota).await?, PermitTaken::Granted { .. });
        if !taken {
            self.resets.store.record(&AuditRow::new(now, AuditEvent::LimitHit).of(reset).detail("replies")).await?;
        }
        Ok(taken)
    }

    pub(crate) fn grant(&self, reset: &Reset, until: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let binding = reset.binding().ok_or(VerifyError::Refused)?;
        let token = self.resets.secrets.grant(reset, binding, until)?;
        Self::grant_of(reset, token)
    }

    pub(crate) fn grant_of(reset: &Reset, token: GrantToken) -> Result<Grant, VerifyError> {
        match (reset.account(), reset.stored().proved_by) {
            (Some(account), Some(proved_by)) => {
                let (account, step_up, identifier) = (account.clone(), reset.stored().step_up, reset.identifier());
                Ok(Grant { token, account, proved_by, step_up, identifier })
            }
            _ => Err(VerifyError::Refused),
        }
    }

    pub(crate) fn require_step_up(
        &self,
        reset: &Reset,
        wants: StepUp,
        until: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let binding = reset.binding().ok_or(VerifyError::Refused)?;
        let token = self.resets.secrets.partial_grant(reset, binding, until)?;
        Err(VerifyError::StepUpRequired(Box::new(self.partial_grant_of(reset, token, wants)?)))
    }

    pub(crate) fn partial_grant_of(
        &self,
        reset: &Reset,
        token: PartialGrantToken,
        wants: StepUp,
    ) -> Result<PartialGrant, VerifyError> {
        let account = reset.account().ok_or(VerifyError::Refused)?.clone();
        let attempts_left = self.resets.limits.code_attempts.saturating_sub(reset.stored().step_up_attempts);
        Ok(PartialGrant { token, account, wants, attempts_left, identifier: reset.identifier() })
    }
}
