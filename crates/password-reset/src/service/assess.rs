//! What the application's risk policy says of right proofs.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{Channel, InboundMode, ProofKind, StepUp};
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::identity::account::Account;
use crate::ports::{Decision, KnownSender, ProofContext, Quota, RiskPolicy};
use crate::quota::PermitTaken;
use crate::resets::Resets;
use crate::resets::delivering::Delivering;

/// What the risk policy requires beside a right proof.
pub(crate) enum Wanted {
    Nothing,
    Second(StepUp, DateTime<Utc>),
    AnotherWay,
}

/// A right proof, and what came with it.
pub(crate) struct Brought {
    pub(crate) proof: ProofKind,
    pub(crate) learns: Option<KnownSender>,
    pub(crate) identity_changed: bool,
    pub(crate) last_received: Option<DateTime<Utc>>,
    /// A reply is due, if the account may have one more.
    pub(crate) is_answered: bool,
}

impl Brought {
    pub(crate) fn by(proof: ProofKind) -> Self {
        Self { proof, learns: None, identity_changed: false, last_received: None, is_answered: false }
    }
}

/// Asks the risk policy, and finds out whether the step-up that it requires can be had.
#[derive(Debug)]
pub(crate) struct Assessing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
    pub(crate) risk_policy: Option<Arc<dyn RiskPolicy>>,
}

impl Assessing {
    /// What the risk policy requires beside a right proof; nothing without a policy.
    pub(crate) async fn wanted(
        &self,
        reset: &Reset,
        account: &Account,
        brought: &Brought,
        now: DateTime<Utc>,
    ) -> Result<Wanted, PortError> {
        let proof = brought.proof;
        let Some(risk_policy) = self.risk_policy.as_ref().filter(|_| !proof.is_step_up()) else {
            return Ok(Wanted::Nothing);
        };
        let mut context = ProofContext::new(reset.id(), account.id().clone(), reset.channel(), proof);
        context.identity_changed = brought.identity_changed;
        context.last_received = brought.last_received;
        context.source = Some(reset.stored().source);
        let refused =
            |why: &str| AuditRow::new(now, AuditEvent::ProofRefused).of(reset).account(account.id()).detail(why);
        match risk_policy.assess(&context).await? {
            Decision::Allow => Ok(Wanted::Nothing),
            Decision::StepUp(_) if proof == ProofKind::Message => {
                // Assessed again when it is claimed, without what only the message says. If that is why, no step-up would
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
        let Some(to) = self.delivering.step_up_contact(reset, account).await? else {
            return Ok(Err("no_step_up_contact"));
        };
        let key = self.resets.secrets.digests.quotas().step_up_codes(account.id(), to);
        let quota = Quota::new(key, self.resets.limits.reply_burst, self.resets.limits.reply_refill, now);
        Ok(match self.resets.store.take_permit(&quota).await? {
            PermitTaken::Granted { .. } => Ok(()),
            PermitTaken::RateLimited { .. } => Err("capped"),
        })
    }
}

/// What is brought next where a message was received.
const fn follows(channel: Channel) -> ProofKind {
    match channel {
        Channel::WhatsAppInbound(InboundMode::TypeBack) => ProofKind::ReplyCode,
        Channel::WhatsAppInbound(InboundMode::ContinueOnPhone) => ProofKind::Link,
        _ => ProofKind::Claim,
    }
}
