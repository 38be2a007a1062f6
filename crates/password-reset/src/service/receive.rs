//! Receiving inbound messages.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::channel::{Channel, InboundMode, ProofKind};
use crate::flow::reset::Reset;
use crate::flow::state::{CloseReason, State};
use crate::flow::tasks::Tasks;
use crate::identity::identifier::Identifier;
use crate::inbound::{Assurance, Inbound, InboundMessage, Received, Sender, code_in};
use crate::ports::{KnownSender, Loaded, LoadedAccount, SenderName, Senders};
use crate::resets::MAX_CONFLICTS;
use crate::resets::Resets;
use crate::resets::issuing::Issuing;
use crate::secret::{Digests, InboundCode};
use crate::service::assess::Brought;
use crate::service::prove::{Proved, Proving};

/// How far the clocks of provider and service may be apart. The provider's times are whole seconds, too.
const SKEW: std::time::Duration = std::time::Duration::from_secs(60);

/// Takes inbound messages as proofs.
#[derive(Debug)]
pub(crate) struct Receiving {
    pub(crate) resets: Arc<Resets>,
    pub(crate) issuing: Arc<Issuing>,
    pub(crate) proving: Arc<Proving>,
    pub(crate) inbound: Option<Inbound>,
}

impl Receiving {
    pub(crate) async fn report(&self, sender: &Sender, said_at: DateTime<Utc>) -> Result<(), PortError> {
        let mut accounts = Vec::new();
        // A store without senders knows the number by the accounts alone.
        if let Some(senders) = self.resets.store.senders() {
            for name in self.names_of(sender) {
                accounts.extend(senders.sender(&name).await?.map(|known| known.account));
            }
        }
        if let Some(phone) = &sender.phone {
            let found = self.resets.accounts.find(phone).await?;
            accounts.extend(found.into_iter().map(|account| account.id().clone()));
        }
        accounts.sort();
        accounts.dedup();
        let (now, said_at) = (self.resets.now(), crate::time::later(said_at, SKEW));
        for account in accounts {
            let by_number = |reset: &Reset| reset.channel() == Channel::WhatsAppCode || reset.channel().is_inbound();
            let is_meant = |reset: &Reset| by_number(reset) && reset.created_at() <= said_at;
            self.resets.close_live(&account, CloseReason::Cancelled, now, is_meant).await?;
        }
        Ok(())
    }

    pub(crate) async fn forget_sender(&self, sender: &Sender) -> Result<(), PortError> {
        for name in self.names_of(sender) {
            self.senders()?.forget_sender(&name).await?;
        }
        Ok(())
    }

    /// The code of a message that may prove a reset, or why it proves none. Asks no port, because most messages are ordinary chat.
    pub(crate) fn code_of(&self, message: &InboundMessage) -> Result<InboundCode, Received> {
        let inbound = self.inbound.as_ref().ok_or(Received::Ignored("inbound messages are not set up"))?;
        let code = code_in(&message.text, inbound.takes_bare_code(), &self.resets.site).ok_or(Received::NoCode)?;
        if message.assurance < inbound.least_assurance() {
            return Err(Received::Ignored("the provider does not vouch enough for the sender"));
        }
        if message.forwarded {
            return Err(Received::Ignored("forwarded"));
        }
        Ok(code)
    }

    pub(crate) async fn receive(&self, code: &InboundCode, message: InboundMessage) -> Result<Received, PortError> {
        let mut ignored = "sender has no number and is unknown";
        for digests in self.resets.secrets.digests.under_each_key() {
            let Some(number) = self.number_of(&message.sender, digests).await? else { continue };
            if let Some(loaded) = self.resets.store.load_inbound(&digests.inbound_key(code, &number)).await? {
                return self.prove_by_message(loaded, &message).await;
            }
            ignored = "no reset for this code and sender";
        }
        Ok(Received::Ignored(ignored))
    }

    /// The digest of the sender's number; of a withheld one, as an earlier message said it.
    async fn number_of(&self, sender: &Sender, digests: &Digests) -> Result<Option<Digest>, PortError> {
        match (&sender.phone, &sender.id) {
            (Some(phone), _) => Ok(Some(digests.sender_number(phone))),
            (None, Some(id)) => {
                let name = SenderName::Id(digests.sender_id(id));
                Ok(self.senders()?.sender(&name).await?.map(|known| known.number))
            }
            (None, None) => Ok(None),
        }
    }

    fn names_of(&self, sender: &Sender) -> Vec<SenderName> {
        let mut names = Vec::new();
        for digests in self.resets.secrets.digests.under_each_key() {
            names.extend(sender.phone.as_ref().map(|phone| SenderName::Number(digests.sender_number(phone))));
            names.extend(sender.id.as_ref().map(|id| SenderName::Id(digests.sender_id(id))));
        }
        names
    }

    /// What is known of a number, and the digests that it is known by.
    async fn known(&self, number: &Identifier) -> Result<(Option<KnownSender>, &Digests), PortError> {
        for digests in self.resets.secrets.digests.under_each_key() {
            let known = self.senders()?.sender(&SenderName::Number(digests.sender_number(number))).await?;
            if known.is_some() {
                return Ok((known, digests));
            }
        }
        Ok((None, &self.resets.secrets.digests))
    }

    /// Takes a message that names a reset as the proof of it.
    async fn prove_by_message(&self, loaded: Loaded, message: &InboundMessage) -> Result<Received, PortError> {
        let now = self.resets.now();
        let Loaded { reset, account } = loaded;
        let Channel::WhatsAppInbound(mode) = reset.channel() else {
            return Ok(Received::Ignored("reset uses another method"));
        };
        let since = crate::time::earlier(reset.created_at(), SKEW);
        let fresh = since <= message.sent_at && message.sent_at <= crate::time::later(now, SKEW);
        if !fresh || message.sent_at >= reset.shown_until() || now >= reset.shown_until() {
            return Ok(Received::Ignored("sent before the request or after it expired"));
        }
        let (reset, account) = self.resolved(reset, account, now).await?;
        let (State::CodeIssued, Some(bound)) = (reset.state(), reset.account()) else {
            return Ok(Received::Ignored("duplicate, closed or without account"));
        };
        let number = reset.identifier();
        let (known, digests) = match self.known(&number).await? {
            (Some(known), digests) if known.account != *bound => {
                // The number came to another account, and begins anew there.
                if message.sender.phone.is_none() {
                    return Ok(Received::Ignored("sender has no number, which belonged to another account"));
                }
                for digests in self.resets.secrets.digests.under_each_key() {
                    self.senders()?.forget_sender(&SenderName::Number(digests.sender_number(&number))).await?;
                }
                (None, digests)
            }
            known => known,
        };
        let id = |digests: &Digests| message.sender.id.as_deref().map(|id| digests.sender_id(id));
        let identity = |digests: &Digests| message.identity.as_deref().map(|hash| digests.sender_identity(hash));
        if is_another(id(digests), known.as_ref().and_then(|known| known.id)) {
            return Ok(Received::Ignored("number has a new owner"));
        }
        let newest = &self.resets.secrets.digests;
        let learnt = KnownSender {
            id: id(newest),
            identity: identity(newest),
            ..KnownSender::new(newest.sender_number(&number), bound.clone(), now)
        };
        let brought = Brought {
            // What anybody could have said would be believed long after the setting that let it in was changed.
            learns: (message.assurance == Assurance::Signed).then_some(learnt),
            identity_changed: is_another(identity(digests), known.as_ref().and_then(|known| known.identity)),
            last_received: known.map(|known| known.seen_at),
            is_answered: mode != InboundMode::PageAdvances,
            ..Brought::by(ProofKind::Message)
        };
        Ok(match (self.proving.prove(Loaded { reset, account }, brought, now).await?, mode) {
            (Proved::Whole(_), InboundMode::PageAdvances) => Received::Proved,
            (Proved::Whole(_), InboundMode::TypeBack | InboundMode::ContinueOnPhone) => Received::MessageReceived,
            (Proved::Partial(..) | Proved::Nothing, _) => {
                Received::Ignored("account changed, policy denied, or reply limit reached")
            }
        })
    }

    fn senders(&self) -> Result<&dyn Senders, PortError> {
        self.resets.store.senders().ok_or(PortError::permanent("inbound messages are not set up"))
    }

    /// The reset once its account is looked up: a message may be faster than the worker.
    async fn resolved(
        &self,
        mut reset: Reset,
        mut account: LoadedAccount,
        now: DateTime<Utc>,
    ) -> Result<(Reset, LoadedAccount), PortError> {
        for _ in 0..MAX_CONFLICTS {
            if reset.state() != State::Requested || !reset.tasks().contains(Tasks::RESOLVE) {
                return Ok((reset, account));
            }
            let found = self.issuing.find(&reset).await?;
            let known = self.issuing.delivering.known_of(&found, &[], now).await?;
            let (step, transitioned) =
                self.resets.transition(self.issuing.issue_or_suppress(&reset, &found, &known, now)?, now).await?;
            if transitioned.is_done() {
                let found = found.into_iter().next();
                return Ok((step.after().clone(), found.map_or(account, |found| LoadedAccount::Here(Some(found)))));
            }
            match self.resets.load_with_account(reset.id()).await? {
                Some(again) if again.reset.version() != reset.version() => {
                    (reset, account) = (again.reset, again.account);
                }
                Some(_) | None => return Ok((reset, account)),
            }
        }
        Err(PortError::transient("gave up after repeated concurrent updates of one reset"))
    }
}

/// Whether both are known and differ.
fn is_another(now: Option<Digest>, before: Option<Digest>) -> bool {
    matches!((now, before), (Some(now), Some(before)) if now != before)
}
