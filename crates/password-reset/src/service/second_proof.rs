//! Second proofs, where the gate wants them (R102, R103).

use chrono::{DateTime, Utc};

use super::verify::{Proving, Wanted};
use super::{Inner, VerifyError, contact_kind};
use crate::account::{Account, Contact};
use crate::audit::{AuditEvent, AuditRow};
use crate::channel::{Channel, InboundMode, ProofKind, SecondProof};
use crate::error::PortError;
use crate::grant::{Grant, Pending};
use crate::ports::{Bucket, Counted, Evidence, Judgement, TokenTaken, TryKind};
use crate::reset::{Binding, Reset};
use crate::secret::{Code, NamesReset, PendingToken};
use crate::state::State;

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
        let Some(gate) = self.gate.as_ref().filter(|_| !proof.is_second()) else { return Ok(Wanted::Nothing) };
        let mut evidence = Evidence::new(reset.id(), account.id().clone(), reset.channel(), proof);
        evidence.identity_changed = proving.identity_changed;
        evidence.last_heard = proving.last_heard;
        evidence.source = Some(reset.stored().source);
        let refused =
            |why: &str| AuditRow::new(now, AuditEvent::ProofRefused).of(reset).account(account.id()).detail(why);
        match gate.judge(&evidence).await? {
            Judgement::Enough => Ok(Wanted::Nothing),
            Judgement::SecondProof(_) if proof == ProofKind::Message => {
                // Judged again when it is claimed, without what only the message says. If that is why, nobody would ask
                // for the second then.
                let claimed =
                    Evidence { proof: follows(reset.channel()), identity_changed: false, last_heard: None, ..evidence };
                if matches!(gate.judge(&claimed).await?, Judgement::SecondProof(_)) {
                    return Ok(Wanted::Nothing);
                }
                self.store.record(&refused(proof.code())).await?;
                Ok(Wanted::AnotherWay)
            }
            Judgement::SecondProof(SecondProof::HostFactor) => {
                Ok(Wanted::Second(SecondProof::HostFactor, crate::time::later(now, self.lifetimes.grant)))
            }
            Judgement::SecondProof(SecondProof::Code) => match self.may_send_second(reset, account, now).await? {
                Ok(()) => {
                    let lives = self.lifetimes.whatsapp.min(self.lifetimes.code);
                    Ok(Wanted::Second(SecondProof::Code, crate::time::later(now, lives)))
                }
                Err(why) => {
                    self.store.record(&refused(why)).await?;
                    Ok(Wanted::AnotherWay)
                }
            },
            Judgement::Refused => {
                self.store.record(&refused(proof.code())).await?;
                Ok(Wanted::AnotherWay)
            }
        }
    }

    /// Whether a code can go to another contact; one that is on its way already needs no other.
    async fn may_send_second(
        &self,
        reset: &Reset,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<Result<(), &'static str>, PortError> {
        if reset.state() == State::WantsCode {
            return Ok(Ok(()));
        }
        let Some(to) = self.second_contact(reset, account).await? else { return Ok(Err("no_second_contact")) };
        let key = self.secrets.second_codes(account.id(), to);
        let bucket = Bucket::new(key, self.limits.reply_burst, self.limits.reply_refill, now);
        Ok(match self.store.take_token(&bucket).await? {
            TokenTaken::Taken { .. } => Ok(()),
            TokenTaken::Held { .. } => Err("capped"),
        })
    }

    /// A confirmed contact of another kind than the first proof came by, so that the methods are two.
    pub(crate) async fn second_contact<'a>(
        &self,
        reset: &Reset,
        account: &'a Account,
    ) -> Result<Option<&'a Contact>, PortError> {
        let failing = self.failing(std::slice::from_ref(account)).await?;
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
        wants: SecondProof,
        until: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let token = self.secrets.pending(reset, binding, until)?;
        Err(VerifyError::SecondProofNeeded(Box::new(self.pending_of(reset, token, wants)?)))
    }

    pub(super) fn pending_of(
        &self,
        reset: &Reset,
        token: PendingToken,
        wants: SecondProof,
    ) -> Result<Pending, VerifyError> {
        let account = reset.account().ok_or(VerifyError::Refused)?.clone();
        let left = self.limits.code_tries.saturating_sub(reset.code_tries());
        Ok(Pending::new(token, account, wants, left, reset.identifier()))
    }

    /// The reset for which a second proof can be brought with this.
    pub(super) async fn waits_for_second(
        &self,
        pending: &PendingToken,
        now: DateTime<Utc>,
    ) -> Result<(Reset, Binding), VerifyError> {
        let reset = self.store.load(pending.reset_id()).await?.ok_or(VerifyError::Refused)?;
        let binding = reset.binding().ok_or(VerifyError::Refused)?.clone();
        let waits = matches!(reset.state(), State::WantsCode | State::WantsFactor) && reset.is_live(now);
        if !self.secrets.is_pending(pending, &reset, &binding) || !waits || now >= pending.until() {
            return Err(VerifyError::Refused);
        }
        Ok((reset, binding))
    }

    pub(super) async fn verify_second_code(
        &self,
        pending: &PendingToken,
        code: &Code,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let (seen, binding) = self.waits_for_second(pending, now).await?;
        let (reset, paused) = self.count_second(&seen, now).await?;
        let matches = self.secrets.is_second_code(code, &reset, &binding);
        if matches && !paused && reset.state() == State::WantsCode && now < binding.code_until() {
            return self.prove_for_grant(reset, &binding, ProofKind::SecondCode, now).await;
        }
        let event = if paused { AuditEvent::CodesPaused } else { AuditEvent::WrongCode };
        self.store.record(&AuditRow::new(now, event).of(&reset)).await?;
        Err(VerifyError::Refused)
    }

    /// Counts a second proof before anything is compared, and says whether the account or the source must pause.
    async fn count_second(&self, seen: &Reset, now: DateTime<Utc>) -> Result<(Reset, bool), VerifyError> {
        let counted = self.store.count_try(seen.id(), TryKind::Code, self.limits.code_tries).await?;
        let Counted::Yes { reset, run } = counted else { return Err(VerifyError::Refused) };
        let paused = self.is_spraying(&reset, now).await? || run > self.limits.wrong_codes_in_a_row;
        Ok((*reset, paused))
    }

    pub(super) async fn count_factor(&self, token: PendingToken, now: DateTime<Utc>) -> Result<Pending, VerifyError> {
        let (seen, _) = self.waits_for_second(&token, now).await?;
        if seen.state() != State::WantsFactor {
            return Err(VerifyError::Refused);
        }
        let (reset, paused) = self.count_second(&seen, now).await?;
        if paused {
            self.store.record(&AuditRow::new(now, AuditEvent::CodesPaused).of(&reset)).await?;
            return Err(VerifyError::Refused);
        }
        self.pending_of(&reset, token, SecondProof::HostFactor)
    }

    pub(super) async fn verify_factor(&self, pending: &PendingToken, now: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let (reset, binding) = self.waits_for_second(pending, now).await?;
        self.prove_for_grant(reset, &binding, ProofKind::HostFactor, now).await
    }
}
