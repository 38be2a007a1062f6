//! What the browser that asked may see.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::channel::{Channel, InboundMode, ProofKind};
use crate::flow::reset::{Binding, Reset};
use crate::flow::state::State;
use crate::identity::account::{Contact, ContactKind};
use crate::identity::identifier::Identifier;
use crate::inbound::{Challenge, Inbound};
use crate::resets::Resets;
use crate::resets::delivering::{Delivering, contact_kind};
use crate::secret::RequesterToken;

/// Where a reset stands, as its own requester may see it.
///
/// A function of the reset's own times, its own attempts, and of proofs brought *through its token*, which a message with
/// this reset's own code is. Whatever else happens to the account shows as waiting until it expires, so that a token
/// shows a stranger nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Where it stands.
    pub stage: Stage,
    /// By which letters its messages are known: [`ResetId::reference`](crate::ResetId::reference).
    pub reference: String,
    /// Until when it waits.
    pub shown_until: DateTime<Utc>,
    /// How many codes may still be typed.
    pub code_attempts_left: u32,
    /// How the proof travels.
    pub channel: Channel,
    /// Who was named when it was asked for: to ask again without typing.
    pub identifier: Identifier,
    /// What is to be sent, where the proof is a message.
    pub challenge: Option<Challenge>,
    /// When time alone brings it to another stage.
    pub(crate) changes_at: Option<DateTime<Utc>>,
}

/// Where a reset stands, as its own requester may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Stage {
    /// Nothing was proved through this token.
    Waiting,
    /// The message was received and the reply is on its way: a code to be typed here, or a link that goes on on the phone.
    MessageReceived,
    /// It is proved through this token, and a step-up is required, to be brought with what the first yielded.
    PartiallyProved,
    /// It is proved through this token: a password may be set with the grant, or the message's proof be claimed.
    Proved,
    /// The password was set after a proof through this token.
    Done,
    /// Its time is over.
    Expired,
}

/// Shows the requester where a reset stands.
#[derive(Debug)]
pub(crate) struct Showing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
    pub(crate) inbound: Option<Inbound>,
}

impl Showing {
    pub(crate) async fn status(&self, requester_token: &RequesterToken) -> Result<Option<Status>, PortError> {
        match self.resets.own(requester_token).await? {
            Some(reset) => self.status_of(&reset, self.resets.now()).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn status_of(&self, reset: &Reset, now: DateTime<Utc>) -> Result<Status, PortError> {
        let shown_until = waits_until(reset);
        let stage = stage(reset, shown_until, now);
        Ok(Status {
            stage,
            reference: reset.id().reference(),
            shown_until,
            code_attempts_left: self.resets.limits.code_attempts.saturating_sub(reset.stored().code_attempts),
            channel: reset.channel(),
            identifier: reset.identifier(),
            challenge: self.challenge(reset)?,
            changes_at: match stage {
                Stage::Waiting | Stage::MessageReceived => Some(shown_until),
                Stage::Proved | Stage::PartiallyProved => Some(reset.expires_at()),
                Stage::Done | Stage::Expired => None,
            },
        })
    }

    /// What is to be sent to prove a reset, if its proof is a message.
    pub(crate) fn challenge(&self, reset: &Reset) -> Result<Option<Challenge>, PortError> {
        let (Channel::WhatsAppInbound(mode), Some(inbound)) = (reset.channel(), &self.inbound) else {
            return Ok(None);
        };
        let code = self.resets.secrets.inbound_code(reset.key_id(), reset.id(), reset.nonce())?;
        Ok(Some(Challenge::new(inbound, mode, &self.resets.site, &code)))
    }

    /// Whether everything is set up that a channel needs.
    pub(crate) fn offers(&self, channel: Channel) -> bool {
        let reaches = |kind| self.delivering.transport(kind).is_some();
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

    /// The channels that are offered and lead to a contact of another kind than the one by which the first proof came. Where the
    /// mailbox failed, that was the phone, whatever the channel is.
    pub(crate) async fn other_channels(&self, reset: &Reset, binding: &Binding) -> Result<Vec<Channel>, PortError> {
        let account = self.resets.accounts.load(binding.account()).await?;
        let first = match &account {
            Some(account) => self.delivering.first_contact(account, reset, binding)?,
            None => None,
        };
        let used = first.map(Contact::kind).or_else(|| contact_kind(reset.channel()));
        let mut channels = vec![Channel::EmailLink, Channel::WhatsAppCode];
        channels.extend(self.inbound.as_ref().map(|inbound| Channel::WhatsAppInbound(inbound.mode())));
        channels.retain(|channel| self.offers(*channel) && contact_kind(*channel) != used);
        Ok(channels)
    }
}

/// Until when a reset waits; a message that was received gives its reply a life of its own.
pub(crate) fn waits_until(reset: &Reset) -> DateTime<Utc> {
    match (reset.stored().proved_by, reset.binding()) {
        (Some(ProofKind::Message), Some(binding)) => reset.shown_until().max(Binding::code_until(binding)),
        _ => reset.shown_until(),
    }
}

fn stage(reset: &Reset, shown_until: DateTime<Utc>, now: DateTime<Utc>) -> Stage {
    let on_phone = reset.channel() == Channel::WhatsAppInbound(InboundMode::ContinueOnPhone);
    let through_requester_token = match reset.stored().proved_by {
        Some(ProofKind::Code | ProofKind::ReplyCode | ProofKind::Claim) => true,
        // The phone goes on by itself: what it does there is not this browser's.
        Some(ProofKind::Message) => !on_phone,
        Some(ProofKind::Link | ProofKind::CurrentPassword | ProofKind::StepUpCode | ProofKind::HostFactor) | None => {
            false
        }
    };
    match reset.state() {
        State::PasswordSet if through_requester_token => Stage::Done,
        State::Verified | State::Applying if through_requester_token && reset.is_live(now) => Stage::Proved,
        State::AwaitingCode | State::AwaitingFactor if through_requester_token && reset.is_live(now) => {
            Stage::PartiallyProved
        }
        _ if now >= shown_until => Stage::Expired,
        _ if on_phone && reset.stored().proved_by.is_some() => Stage::MessageReceived,
        State::MessageReceived => Stage::MessageReceived,
        _ => Stage::Waiting,
    }
}
