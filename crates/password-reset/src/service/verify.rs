//! Proving that an account is one's own.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::status::waits_until;
use super::{Inner, PasswordReset};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{Channel, InboundMode, ProofKind, StepUp};
use crate::flow::reset::{Binding, Reset};
use crate::flow::state::State;
use crate::flow::{Event, Step};
use crate::hashing::password::Password;
use crate::identity::id::AccountId;
use crate::identity::locale::Locale;
use crate::identity::source::Source;
use crate::ports::{
    Attempt, AttemptKind, Attempted, KnownSender, Loaded, LoadedAccount, PermitTaken, Quota, Transitioned,
};
use crate::resets::MAX_CONFLICTS;
use crate::secret::{Code, GrantToken, LinkToken, NamesReset, PartialGrantToken, RequesterToken};
use crate::service::grant::{Grant, PartialGrant};

/// For so long after the password was set the same try again gets the same success (I2).
const REPEATS_FOR: Duration = Duration::from_secs(2 * 60);

/// What somebody brings.
#[derive(Debug)]
#[non_exhaustive]
pub enum Proof {
    /// The secret of a link.
    Link(LinkToken),
    /// The waiting browser's claim of what an inbound message proved: the first one gets it, and the handle is worth nothing
    /// more.
    Claim(RequesterToken),
    /// A typed code, and the handle of the browser that asked for it.
    Code {
        /// The handle of the code's own reset.
        requester_token: RequesterToken,
        /// What was typed.
        code: Code,
    },
    /// The current password, typed by somebody who is signed in (R106).
    CurrentPassword {
        /// Who is signed in, by the application's session.
        account: AccountId,
        /// What was typed.
        password: Password,
        /// Where the request comes from.
        source: Source,
        /// The language of the form.
        locale: Locale,
    },
    /// The code of a second proof, with what the first yielded.
    StepUpCode {
        /// What the first proof yielded.
        partial_grant: PartialGrantToken,
        /// What was typed.
        code: Code,
    },
    /// A second proof that the application checked itself: a passkey, a one-time password.
    ///
    /// # Security
    /// Bring it only when the factor of [`PartialGrant::account`] was checked and right; nothing here can check it again. What
    /// can be guessed is counted first, by [`PasswordReset::attempt_factor`].
    HostFactor(PartialGrantToken),
    /// A grant from an earlier request.
    Grant(GrantToken),
}

/// What became of a right proof.
pub(super) enum Proved {
    /// All that is needed was brought.
    Whole(Reset),
    /// A second one is needed.
    Partial(Reset, StepUp, DateTime<Utc>),
    /// It proves nothing here, any more, or to the gate.
    Nothing,
}

/// What the gate wants of a right proof.
pub(super) enum Wanted {
    Nothing,
    Second(StepUp, DateTime<Utc>),
    AnotherWay,
}

/// A right proof, and what came with it.
pub(crate) struct Proving {
    pub(super) proof: ProofKind,
    pub(super) learns: Option<KnownSender>,
    pub(super) identity_changed: bool,
    pub(super) last_received: Option<DateTime<Utc>>,
    /// A reply is due, if the account may have one more.
    pub(super) is_answered: bool,
}

impl Proving {
    pub(super) fn by(proof: ProofKind) -> Self {
        Self { proof, learns: None, identity_changed: false, last_received: None, is_answered: false }
    }
}

/// A proof was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Invalid, expired, used, closed, unknown, or one try too many: one answer for all (R67).
    #[error("this link or code is not valid (any more); ask for a new one")]
    Refused,
    /// The proof is right, and the gate wants a second one. Bring it with what this carries.
    #[error("a second proof is needed")]
    StepUpRequired(Box<PartialGrant>),
    /// The current password is another.
    #[error("the current password is not right")]
    WrongPassword,
    /// Too many wrong current passwords; login is not affected (R107).
    #[error("too many tries; try again in {} seconds", retry_after.as_secs())]
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
    /// The hash pool is busy. Nothing was changed.
    #[error("busy; try again in {} seconds", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// A port failed. The proof is not used up; try again.
    #[error("this cannot be done now; try again")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for VerifyError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

impl PasswordReset {
    /// Takes a proof, and yields the right to set the password. The proof is not used up: that happens when the
    /// password is stored (I3).
    ///
    /// Call it for a POST that a person caused, never for a GET or HEAD (R50, R51).
    ///
    /// # Errors
    /// [`VerifyError`]. A wrong code or password is counted; nothing else changes anything.
    pub async fn verify(&self, proof: Proof) -> Result<Grant, VerifyError> {
        let inner = &self.inner;
        let now = inner.resets.now();
        match proof {
            Proof::Link(link) => inner.verify_link(&link, now).await,
            Proof::Claim(requester_token) => inner.verify_claim(&requester_token, now).await,
            Proof::Code { requester_token, code } => inner.verify_code(&requester_token, &code, now).await,
            Proof::CurrentPassword { account, password, source, locale } => {
                inner.verify_current(&account, password, &source, locale, now).await
            }
            Proof::StepUpCode { partial_grant, code } => inner.verify_step_up_code(&partial_grant, &code, now).await,
            Proof::HostFactor(partial_grant) => inner.verify_factor(&partial_grant, now).await,
            Proof::Grant(token) => inner.verify_grant(token, now).await,
        }
    }

    /// What the first proof yielded, in a later request: to show what is wanted once more.
    ///
    /// # Errors
    /// [`VerifyError`]; `Refused` when nothing is wanted any more.
    pub async fn partial_grant(&self, token: PartialGrantToken) -> Result<PartialGrant, VerifyError> {
        let inner = &self.inner;
        let (Loaded { reset, .. }, _) = inner.awaiting_step_up(&token, inner.resets.now()).await?;
        let wants = if reset.state() == State::AwaitingCode { StepUp::Code } else { StepUp::HostFactor };
        inner.partial_grant_of(&reset, token, wants)
    }

    /// Counts one try of a factor that the application is about to check itself, against the same limits as typed codes:
    /// so many for each reset, and so many wrong ones in a row for each account (R29, R41). Check the factor of
    /// [`PartialGrant::account`] only after this, and bring [`Proof::HostFactor`] if it was right.
    ///
    /// # Errors
    /// [`VerifyError`]; `Refused` when no factor is wanted, or none may be tried any more.
    pub async fn attempt_factor(&self, token: PartialGrantToken) -> Result<PartialGrant, VerifyError> {
        self.inner.count_factor(token, self.inner.resets.now()).await
    }
}

impl Inner {
    async fn verify_link(&self, link: &LinkToken, now: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let Loaded { reset, account } = self.resets.store.load(link.reset_id()).await?.ok_or(VerifyError::Refused)?;
        let binding = reset.binding().ok_or(VerifyError::Refused)?.clone();
        if !self.resets.secrets.is_link(link, &reset, &binding) || now >= binding.link_until() {
            return Err(VerifyError::Refused);
        }
        self.prove_for_grant(Loaded { reset, account }, &binding, ProofKind::Link, now).await
    }

    async fn verify_claim(&self, requester_token: &RequesterToken, now: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let loaded = self.resets.store.load(requester_token.reset_id()).await?.ok_or(VerifyError::Refused)?;
        if !self.resets.secrets.is_requester_token(requester_token, &loaded.reset) {
            return Err(VerifyError::Refused);
        }
        let binding = loaded.reset.binding().ok_or(VerifyError::Refused)?.clone();
        self.prove_for_grant(loaded, &binding, ProofKind::Claim, now).await
    }

    async fn verify_code(
        &self,
        requester_token: &RequesterToken,
        code: &Code,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let seen = self.resets.load(requester_token.reset_id()).await?.ok_or(VerifyError::Refused)?;
        if !self.resets.secrets.is_requester_token(requester_token, &seen) || now >= waits_until(&seen) {
            return Err(VerifyError::Refused);
        }
        // Only where this channel at this step has a code can an attempt be counted (I4).
        let replied = seen.channel() == Channel::WhatsAppInbound(InboundMode::TypeBack);
        let (kind, from) =
            if replied { (ProofKind::ReplyCode, State::MessageReceived) } else { (ProofKind::Code, State::CodeIssued) };
        let is_expected = !replied || seen.proved_by() == Some(ProofKind::Message);
        if !is_expected || crate::flow::channel::proves(seen.channel(), from, kind).is_none() {
            return Err(VerifyError::Refused);
        }
        let quotas = [self.codes_of_source(&seen, now), self.failures_of(*seen.subject(), now)];
        let attempt = Attempt::new(seen.id(), AttemptKind::Code, self.resets.limits.code_attempts).taking(quotas);
        let Attempted::Counted { loaded, permits } = self.resets.store.attempt(&attempt).await? else {
            return Err(VerifyError::Refused);
        };
        let paused = self.is_paused(&permits, now);
        let Loaded { reset, account } = *loaded;
        // A reset without an account has no code; it takes the same work to find that nothing matches (I5).
        let no_account = Binding::new(AccountId::new(""), Digest::from_bytes([0; 32]), now, now, now);
        let bound = reset.binding().cloned();
        let binding = bound.as_ref().unwrap_or(&no_account);
        let matches = match replied {
            true => self.resets.secrets.is_reply_code(code, &reset, binding),
            false => self.resets.secrets.is_code(code, &reset, binding),
        };
        let right = matches && !paused && reset.state() == from;
        match bound.filter(|binding| right && now < binding.code_until()) {
            Some(binding) => self.prove_for_grant(Loaded { reset, account }, &binding, kind, now).await,
            None => {
                let event = if paused { AuditEvent::CodesPaused } else { AuditEvent::WrongCode };
                self.resets.store.record(&AuditRow::new(now, event).of(&reset)).await?;
                Err(VerifyError::Refused)
            }
        }
    }

    /// The quota of codes that the source of a reset may try, at all resets together (R44).
    pub(super) fn codes_of_source(&self, reset: &Reset, now: DateTime<Utc>) -> Quota {
        let key = self.resets.secrets.codes_from(&reset.stored().source);
        Quota::new(key, self.resets.limits.codes_per_source, self.resets.limits.codes_per_source_refill, now)
    }

    /// The quota of wrong codes of an account, or of an identifier as long as its account is not known. It refills, so that no
    /// guessing locks an owner out for good (R41).
    pub(super) fn failures_of(&self, subject: Digest, now: DateTime<Utc>) -> Quota {
        Quota::new(subject, self.resets.limits.wrong_code_burst, self.resets.limits.wrong_code_refill, now)
    }

    /// Whether an attempt found the quota of its source, which comes first, or of its account used up.
    pub(super) fn is_paused(&self, permits: &[PermitTaken], now: DateTime<Utc>) -> bool {
        let limited = |permit: &PermitTaken| matches!(permit, PermitTaken::RateLimited { .. });
        if permits.first().is_some_and(limited) {
            self.alarms.codes_of_source.raise(now);
        }
        permits.iter().any(limited)
    }

    /// Carries a right proof out, and makes the grant.
    pub(super) async fn prove_for_grant(
        &self,
        loaded: Loaded,
        binding: &Binding,
        proof: ProofKind,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        match self.prove(loaded.reset, loaded.account, binding, Proving::by(proof), now).await? {
            Proved::Whole(proved) => self.grant(&proved, binding, self.proof_until(proof, now)),
            Proved::Partial(half, wants, until) => self.half(&half, binding, wants, until),
            Proved::Nothing => Err(VerifyError::Refused),
        }
    }

    /// Until when what a proof yields can be used: a reply, if one is due, or a grant.
    fn proof_until(&self, proof: ProofKind, now: DateTime<Utc>) -> DateTime<Utc> {
        let lives =
            if proof == ProofKind::Message { self.resets.lifetimes.whatsapp } else { self.resets.lifetimes.grant };
        crate::time::later(now, lives)
    }

    /// Carries a right proof out: the account must still be as it was, and the gate content.
    pub(super) async fn prove(
        &self,
        mut reset: Reset,
        mut loaded: LoadedAccount,
        binding: &Binding,
        proving: Proving,
        now: DateTime<Utc>,
    ) -> Result<Proved, PortError> {
        let proof = proving.proof;
        let until = self.proof_until(proof, now);
        for _ in 0..MAX_CONFLICTS {
            let whole = Event::Prove { proof, until };
            // Whatever the gate says of it, a proof that the reset does not take is none.
            if crate::flow::next(&reset, &whole, now).is_err() {
                return Ok(Proved::Nothing);
            }
            let Some(account) = self.resets.account_as_it_was(&reset, loaded, binding, now).await? else {
                return Ok(Proved::Nothing);
            };
            let wanted = self.wanted(&reset, &account, &proving, now).await?;
            let (event, word) = match wanted {
                Wanted::AnotherWay => return Ok(Proved::Nothing),
                Wanted::Nothing => (whole, AuditEvent::Proved),
                Wanted::Second(wants, until) => {
                    (Event::RequireStepUp { proof, wants, until }, AuditEvent::StepUpRequired)
                }
            };
            let audit = vec![AuditRow::new(now, word).of(&reset).detail(proof.code())];
            let Ok(mut step) = Step::new(&reset, &event, now, audit) else { return Ok(Proved::Nothing) };
            if proving.is_answered && !self.may_reply(&reset, &account, now).await? {
                return Ok(Proved::Nothing);
            }
            if let Some(learnt) = &proving.learns {
                step = step.learning(learnt.clone());
            }
            if matches!(wanted, Wanted::Nothing) {
                // Only a whole proof gives guesses back: the holder of a first one must not get new ones at the step-up by it.
                let of_step_up = proof.is_step_up().then(|| self.resets.secrets.step_up_failures(account.id()));
                step = step.refilling([*reset.subject()].into_iter().chain(of_step_up));
            }
            let (step, transitioned) = self.resets.transition(step, now).await?;
            if transitioned != Transitioned::Conflict {
                let after = step.after().clone();
                return Ok(match wanted {
                    Wanted::Second(wants, until) => Proved::Partial(after, wants, until),
                    Wanted::Nothing | Wanted::AnotherWay => Proved::Whole(after),
                });
            }
            let Some(again) = self.resets.store.load(reset.id()).await? else { return Ok(Proved::Nothing) };
            (reset, loaded) = (again.reset, again.account);
        }
        Err(PortError::transient("too many changes of one reset at once"))
    }

    pub(super) fn grant(&self, reset: &Reset, binding: &Binding, until: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let token = self.resets.secrets.grant(reset, binding, until)?;
        Self::grant_of(reset, token)
    }

    fn grant_of(reset: &Reset, token: GrantToken) -> Result<Grant, VerifyError> {
        match (reset.account(), reset.proved_by()) {
            (Some(account), Some(proved_by)) => {
                let (account, second) = (account.clone(), reset.step_up());
                Ok(Grant::new(token, reset.id(), account, proved_by, second, reset.identifier()))
            }
            _ => Err(VerifyError::Refused),
        }
    }

    async fn verify_grant(&self, token: GrantToken, now: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let reset = self.resets.load(token.reset_id()).await?.ok_or(VerifyError::Refused)?;
        if self.grant_holds(&token, &reset, now) { Self::grant_of(&reset, token) } else { Err(VerifyError::Refused) }
    }

    /// Whether a grant is of this reset, not expired, and something can be done with it: set the password, or hear
    /// once more that it was set.
    pub(super) fn grant_holds(&self, token: &GrantToken, reset: &Reset, now: DateTime<Utc>) -> bool {
        let ours = reset.binding().is_some_and(|binding| self.resets.secrets.is_grant(token, reset, binding));
        let usable = match reset.state() {
            State::Verified | State::Applying => reset.is_live(now),
            State::PasswordSet => reset.set_at().is_some_and(|at| now < crate::time::later(at, REPEATS_FOR)),
            State::Requested
            | State::CodeIssued
            | State::MessageReceived
            | State::AwaitingCode
            | State::AwaitingFactor
            | State::Locked
            | State::Closed(_) => false,
        };
        ours && usable && now < token.until()
    }
}
