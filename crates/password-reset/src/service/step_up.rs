//! Second proofs, where the gate wants them (R102, R103).

use chrono::{DateTime, Utc};

use super::verify::{Proving, Wanted};
use super::{Inner, VerifyError, contact_kind};
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{Channel, InboundMode, ProofKind, StepUp};
use crate::flow::reset::{Binding, Reset};
use crate::flow::state::State;
use crate::identity::account::{Account, Contact};
use crate::ports::{Attempt, AttemptKind, Attempted, Decision, Loaded, PermitTaken, ProofContext, Quota};
use crate::secret::{Code, NamesReset, PartialGrantToken};
use crate::service::grant::{Grant, PartialGrant};

/// What is brought next where a message was heard.
const fn follows(channel: Channel) -> ProofKind {
    match channel {
        Channel::WhatsAppInbound(InboundMode::TypeBack) => ProofKind::ReplyCode,
        Channel::WhatsAppInbound(InboundMode::ContinueOnPhone) => ProofKind::Link,
        _ => ProofKind::Claim,
    }
}

impl Inner {
    /// What the gate wants beside a right proof; there need be no gate.
    pub(super) async fn wanted(
        &self,
        reset: &Reset,
        account: &Account,
        proving: &Proving,
        now: DateTime<Utc>,
    ) -> Result<Wanted, PortError> {
        let proof = proving.proof;
        let Some(risk_policy) = self.risk_policy.as_ref().filter(|_| !proof.is_step_up()) else {
            return Ok(Wanted::Nothing);
        };
        let mut context = ProofContext::new(reset.id(), account.id().clone(), reset.channel(), proof);
        context.identity_changed = proving.identity_changed;
        context.last_received = proving.last_received;
        context.source = Some(reset.stored().source);
        let refused =
            |why: &str| AuditRow::new(now, AuditEvent::ProofRefused).of(reset).account(account.id()).detail(why);
        match risk_policy.assess(&context).await? {
            Decision::Allow => Ok(Wanted::Nothing),
            Decision::StepUp(_) if proof == ProofKind::Message => {
                // Judged again when it is claimed, without what only the message says. If that is why, nobody would ask
                // for the second then.
                let claimed = ProofContext {
                    proof: follows(reset.channel()),
                    identity_changed: false,
                    last_received: None,
                    ..context
                };
                if matches!(risk_policy.assess(&claimed).await?, Decision::StepUp(_)) {
                    return Ok(Wanted::Nothing);
                }
                self.resets.store.record(&refused(proof.code())).await?;
                Ok(Wanted::AnotherWay)
            }
            Decision::StepUp(StepUp::HostFactor) => {
                Ok(Wanted::Second(StepUp::HostFactor, crate::time::later(now, self.resets.lifetimes.grant)))
            }
            Decision::StepUp(StepUp::Code) => match self.may_send_step_up(reset, account, now).await? {
                Ok(()) => {
                    let lives = self.resets.lifetimes.whatsapp.min(self.resets.lifetimes.code);
                    Ok(Wanted::Second(StepUp::Code, crate::time::later(now, lives)))
                }
                Err(why) => {
                    self.resets.store.record(&refused(why)).await?;
                    Ok(Wanted::AnotherWay)
                }
            },
            Decision::Deny => {
                self.resets.store.record(&refused(proof.code())).await?;
                Ok(Wanted::AnotherWay)
            }
        }
    }

    /// Whether a code can go to another contact; one that is on its way already needs no other.
    async fn may_send_step_up(
        &self,
        reset: &Reset,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<Result<(), &'static str>, PortError> {
        if reset.state() == State::AwaitingCode {
            return Ok(Ok(()));
        }
        let Some(to) = self.step_up_contact(reset, account).await? else { return Ok(Err("no_step_up_contact")) };
        let key = self.resets.secrets.step_up_codes(account.id(), to);
        let quota = Quota::new(key, self.resets.limits.reply_burst, self.resets.limits.reply_refill, now);
        Ok(match self.resets.store.take_permit(&quota).await? {
            PermitTaken::Granted { .. } => Ok(()),
            PermitTaken::RateLimited { .. } => Err("capped"),
        })
    }

    /// A confirmed contact of another kind than the first proof came by, so that the methods are two.
    pub(crate) async fn step_up_contact<'a>(
        &self,
        reset: &Reset,
        account: &'a Account,
    ) -> Result<Option<&'a Contact>, PortError> {
        let failing = self.failing(account.id(), self.resets.now()).await?;
        let first = match self.destination(account, reset, &failing) {
            Some(contact) => Some(contact.kind()),
            None => contact_kind(reset.channel()),
        };
        let reached = |contact: &&Contact| Some(contact.kind()) != first && self.notifier(contact.kind()).is_some();
        Ok(account.contacts().iter().filter(reached).find(|contact| !self.fails(&failing, account, contact)))
    }

    pub(super) fn half(
        &self,
        reset: &Reset,
        binding: &Binding,
        wants: StepUp,
        until: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let token = self.resets.secrets.partial_grant(reset, binding, until)?;
        Err(VerifyError::StepUpRequired(Box::new(self.partial_grant_of(reset, token, wants)?)))
    }

    pub(super) fn partial_grant_of(
        &self,
        reset: &Reset,
        token: PartialGrantToken,
        wants: StepUp,
    ) -> Result<PartialGrant, VerifyError> {
        let account = reset.account().ok_or(VerifyError::Refused)?.clone();
        let left = self.resets.limits.code_attempts.saturating_sub(reset.step_up_attempts());
        Ok(PartialGrant::new(token, account, wants, left, reset.identifier()))
    }

    /// The reset for which a second proof can be brought with this.
    pub(super) async fn awaiting_step_up(
        &self,
        partial_grant: &PartialGrantToken,
        now: DateTime<Utc>,
    ) -> Result<(Loaded, Binding), VerifyError> {
        let Loaded { reset, account } =
            self.resets.store.load(partial_grant.reset_id()).await?.ok_or(VerifyError::Refused)?;
        let binding = reset.binding().ok_or(VerifyError::Refused)?.clone();
        let waits = matches!(reset.state(), State::AwaitingCode | State::AwaitingFactor) && reset.is_live(now);
        if !self.resets.secrets.is_partial_grant(partial_grant, &reset, &binding)
            || !waits
            || now >= partial_grant.until()
        {
            return Err(VerifyError::Refused);
        }
        Ok((Loaded { reset, account }, binding))
    }

    pub(super) async fn verify_step_up_code(
        &self,
        partial_grant: &PartialGrantToken,
        code: &Code,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let (seen, binding) = self.awaiting_step_up(partial_grant, now).await?;
        // A factor is wanted, so there is no code to type: nothing is counted (I4).
        if seen.reset.state() != State::AwaitingCode {
            return Err(VerifyError::Refused);
        }
        let (Loaded { reset, account }, paused) = self.count_step_up(&seen.reset, &binding, now).await?;
        let matches = self.resets.secrets.is_step_up_code(code, &reset, &binding);
        if matches && !paused && reset.state() == State::AwaitingCode && now < binding.code_until() {
            return self.prove_for_grant(Loaded { reset, account }, &binding, ProofKind::StepUpCode, now).await;
        }
        let event = if paused { AuditEvent::CodesPaused } else { AuditEvent::WrongCode };
        self.resets.store.record(&AuditRow::new(now, event).of(&reset)).await?;
        Err(VerifyError::Refused)
    }

    /// Counts a second proof before anything is compared, and says whether the account or the source must pause.
    async fn count_step_up(
        &self,
        seen: &Reset,
        binding: &Binding,
        now: DateTime<Utc>,
    ) -> Result<(Loaded, bool), VerifyError> {
        let failures = self.failures_of(self.resets.secrets.step_up_failures(binding.account()), now);
        let attempt = Attempt::new(seen.id(), AttemptKind::StepUp, self.resets.limits.code_attempts)
            .taking([self.codes_of_source(seen, now), failures]);
        let Attempted::Counted { loaded, permits } = self.resets.store.attempt(&attempt).await? else {
            return Err(VerifyError::Refused);
        };
        let paused = self.is_paused(&permits, now);
        Ok((*loaded, paused))
    }

    pub(super) async fn count_factor(
        &self,
        token: PartialGrantToken,
        now: DateTime<Utc>,
    ) -> Result<PartialGrant, VerifyError> {
        let (seen, binding) = self.awaiting_step_up(&token, now).await?;
        if seen.reset.state() != State::AwaitingFactor {
            return Err(VerifyError::Refused);
        }
        let (Loaded { reset, .. }, paused) = self.count_step_up(&seen.reset, &binding, now).await?;
        if paused {
            self.resets.store.record(&AuditRow::new(now, AuditEvent::CodesPaused).of(&reset)).await?;
            return Err(VerifyError::Refused);
        }
        self.partial_grant_of(&reset, token, StepUp::HostFactor)
    }

    pub(super) async fn verify_factor(
        &self,
        partial_grant: &PartialGrantToken,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let (loaded, binding) = self.awaiting_step_up(partial_grant, now).await?;
        self.prove_for_grant(loaded, &binding, ProofKind::HostFactor, now).await
    }
}
