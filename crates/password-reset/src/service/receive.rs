//! Hearing inbound messages.

use chrono::{DateTime, Utc};

use super::verify::Proved;
use super::{Inner, PasswordReset, Proving};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{Channel, InboundMode, ProofKind};
use crate::flow::reset::Reset;
use crate::flow::state::{CloseReason, State};
use crate::flow::tasks::Tasks;
use crate::identity::account::Account;
use crate::inbound::{Assurance, InboundMessage, Received, Sender, code_in};
use crate::ports::{KnownSender, Loaded, LoadedAccount, PermitTaken, Quota, SenderName, Senders};
use crate::resets::MAX_CONFLICTS;

/// How far the clocks of provider and service may be apart. The provider's times are whole seconds, too.
const SKEW: std::time::Duration = std::time::Duration::from_secs(60);
/// How many live resets of a number are closed with one read.
const CLOSED_AT_ONCE: u32 = 100;

impl PasswordReset {
    /// Hears an inbound message.
    ///
    /// Ordinary chat costs nothing: no store is asked before a text is found to be a code. A message with the code of a
    /// live reset, sent after that was asked for and from the number that was typed, which must be a confirmed number of
    /// the account as it was, proves it; any other changes nothing. The same message again finds it proved (R120–R124).
    ///
    /// # Errors
    /// Only when a port failed: nothing was changed, and the provider should bring the message again (R121).
    pub async fn receive(&self, message: InboundMessage) -> Result<Received, PortError> {
        self.inner.receive(message).await
    }

    /// "I did not ask for this", said by a number at a time: closes the WhatsApp resets of its accounts that were asked for
    /// before. Later ones stay: a provider may bring it a week late. Also for "the number has another owner now"; what is
    /// known of the old one stays, and refuses the new one.
    ///
    /// Only for what an authenticated message said.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn report(&self, sender: &Sender, said_at: DateTime<Utc>) -> Result<(), PortError> {
        let inner = &self.inner;
        let mut accounts = Vec::new();
        for name in inner.names_of(sender) {
            accounts.extend(inner.senders()?.sender(&name).await?.map(|known| known.account));
        }
        if let Some(phone) = &sender.phone {
            let found = inner.resets.accounts.find(phone).await?;
            accounts.extend(found.into_iter().map(|account| account.id().clone()));
        }
        accounts.sort();
        accounts.dedup();
        let (now, said_at) = (inner.resets.now(), crate::time::later(said_at, SKEW));
        for account in accounts {
            let live = inner.resets.store.live(&account, now, CLOSED_AT_ONCE).await?;
            let by_number = |reset: &&Reset| reset.channel() == Channel::WhatsAppCode || reset.channel().is_inbound();
            for reset in live.iter().filter(by_number).filter(|reset| reset.created_at() <= said_at) {
                inner.resets.close(reset, CloseReason::Cancelled, now).await?;
            }
        }
        Ok(())
    }

    /// Forgets what was known of a sender. For an application that has just confirmed a number anew: until then a number
    /// that comes with another of the platform's names than before proves nothing, since it may have a new owner (R125).
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_sender(&self, sender: &Sender) -> Result<(), PortError> {
        for name in self.inner.names_of(sender) {
            self.inner.senders()?.forget_sender(&name).await?;
        }
        Ok(())
    }
}

impl Inner {
    async fn receive(&self, message: InboundMessage) -> Result<Received, PortError> {
        let Some(inbound) = &self.inbound else { return Ok(Received::Ignored("inbound messages are not set up")) };
        let Some(code) = code_in(&message.text, inbound.takes_bare_code(), &self.resets.site) else {
            return Ok(Received::NoCode);
        };
        if message.assurance < inbound.least_assurance() {
            return Ok(Received::Ignored("the provider's assurance is too low"));
        }
        if message.forwarded {
            return Ok(Received::Ignored("forwarded"));
        }
        let Some(number) = self.number_of(&message.sender).await? else {
            return Ok(Received::Ignored("the number is withheld, and no earlier message said whose it is"));
        };
        let key = self.resets.secrets.inbound_key(&code, &number);
        let Some(loaded) = self.resets.store.load_inbound(&key).await? else {
            return Ok(Received::Ignored("no reset has this code and sender"));
        };
        self.prove_by_message(loaded, number, &message).await
    }

    /// The digest of the sender's number; of a withheld one, as an earlier message said it.
    async fn number_of(&self, sender: &Sender) -> Result<Option<Digest>, PortError> {
        match (&sender.phone, &sender.id) {
            (Some(phone), _) => Ok(Some(self.resets.secrets.sender_number(phone))),
            (None, Some(id)) => {
                let name = SenderName::Id(self.resets.secrets.sender_id(id));
                Ok(self.senders()?.sender(&name).await?.map(|known| known.number))
            }
            (None, None) => Ok(None),
        }
    }

    fn names_of(&self, sender: &Sender) -> Vec<SenderName> {
        let number = sender.phone.as_ref().map(|phone| SenderName::Number(self.resets.secrets.sender_number(phone)));
        let id = sender.id.as_ref().map(|id| SenderName::Id(self.resets.secrets.sender_id(id)));
        number.into_iter().chain(id).collect()
    }

    /// Takes a message that names a reset as the proof of it.
    async fn prove_by_message(
        &self,
        loaded: Loaded,
        number: Digest,
        message: &InboundMessage,
    ) -> Result<Received, PortError> {
        let now = self.resets.now();
        let Loaded { reset, account } = loaded;
        let Channel::WhatsAppInbound(mode) = reset.channel() else { return Ok(Received::Ignored("another channel")) };
        let since = crate::time::earlier(reset.created_at(), SKEW);
        let fresh = since <= message.sent_at && message.sent_at <= crate::time::later(now, SKEW);
        if !fresh || message.sent_at >= reset.shown_until() || now >= reset.shown_until() {
            return Ok(Received::Ignored("not of this reset's time"));
        }
        let (reset, account) = self.resolved(reset, account, now).await?;
        let (State::CodeIssued, Some(binding)) = (reset.state(), reset.binding().cloned()) else {
            return Ok(Received::Ignored("received before, closed, or without an account"));
        };
        let known = match self.senders()?.sender(&SenderName::Number(number)).await? {
            Some(known) if known.account != *binding.account() => {
                // The number came to another account, and begins anew there.
                if message.sender.phone.is_none() {
                    return Ok(Received::Ignored("the number is withheld, and was another account's"));
                }
                self.senders()?.forget_sender(&SenderName::Number(number)).await?;
                None
            }
            known => known,
        };
        let id = message.sender.id.as_deref().map(|id| self.resets.secrets.sender_id(id));
        let identity = message.identity.as_deref().map(|hash| self.resets.secrets.sender_identity(hash));
        if is_another(id, known.as_ref().and_then(|known| known.id)) {
            return Ok(Received::Ignored("the number has another user than before"));
        }
        let learnt = KnownSender { id, identity, ..KnownSender::new(number, binding.account().clone(), now) };
        let proving = Proving {
            // What anybody could have said would be believed long after the setting that let it in was changed.
            learns: (message.assurance == Assurance::Signed).then_some(learnt),
            identity_changed: is_another(identity, known.as_ref().and_then(|known| known.identity)),
            last_received: known.map(|known| known.seen_at),
            is_answered: mode != InboundMode::PageAdvances,
            ..Proving::by(ProofKind::Message)
        };
        Ok(match (self.prove(reset, account, &binding, proving, now).await?, mode) {
            (Proved::Whole(_), InboundMode::PageAdvances) => Received::Proved,
            (Proved::Whole(_), InboundMode::TypeBack | InboundMode::ContinueOnPhone) => Received::MessageReceived,
            (Proved::Partial(..) | Proved::Nothing, _) => {
                Received::Ignored("the account is not as it was, the risk policy refused, or it had many replies")
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
            let found = self.resets.accounts.find(&reset.identifier()).await?;
            let known = self.known_of(&found, &[], now).await?;
            let (step, transitioned) =
                self.resets.transition(self.issue_or_suppress(&reset, &found, &known, now)?, now).await?;
            if transitioned.is_done() {
                let found = found.into_iter().next();
                return Ok((step.after().clone(), found.map_or(account, |found| LoadedAccount::Here(Some(found)))));
            }
            match self.resets.store.load(reset.id()).await? {
                Some(again) if again.reset.version() != reset.version() => {
                    (reset, account) = (again.reset, again.account);
                }
                Some(_) | None => return Ok((reset, account)),
            }
        }
        Err(PortError::transient("too many changes of one reset at once"))
    }

    /// Replies cost money and trouble whom they reach; only messages of the owner cause them, so only these count
    /// (R131).
    pub(super) async fn may_reply(
        &self,
        reset: &Reset,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<bool, PortError> {
        let Some(to) = self.contact(account, reset) else { return Ok(false) };
        let key = self.resets.secrets.replies(account.id(), to);
        let quota = Quota::new(key, self.resets.limits.reply_burst, self.resets.limits.reply_refill, now);
        let taken = matches!(self.resets.store.take_permit(&quota).await?, PermitTaken::Granted { .. });
        if !taken {
            self.resets.store.record(&AuditRow::new(now, AuditEvent::LimitHit).of(reset).detail("replies")).await?;
        }
        Ok(taken)
    }
}

/// Whether both are known and differ.
fn is_another(now: Option<Digest>, before: Option<Digest>) -> bool {
    matches!((now, before), (Some(now), Some(before)) if now != before)
}
