//! Hearing inbound messages.

use chrono::{DateTime, Utc};

use super::verify::Proved;
use super::{Inner, MOST_CONFLICTS, PasswordReset, Proving};
use crate::account::{Account, Contact};
use crate::channel::{Channel, InboundMode, ProofKind};
use crate::error::PortError;
use crate::inbound::{InboundMessage, Received, Sender, code_in};
use crate::owes::Owes;
use crate::ports::{Advanced, Bucket, KnownSender, SenderName, TokenTaken};
use crate::reset::{Binding, Reset};
use crate::secret::Digest;
use crate::state::{CloseReason, State};

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

    /// "I did not ask for this", said by a number: closes the live WhatsApp resets of its accounts, and forgets what
    /// was known of the sender. Also for a number that its owner has given up.
    ///
    /// Only for what an authenticated message said.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn disown(&self, sender: &Sender) -> Result<(), PortError> {
        let inner = &self.inner;
        let mut accounts = Vec::new();
        for name in inner.names_of(sender) {
            accounts.extend(inner.store.sender(&name).await?.map(|known| known.account));
            inner.store.forget_sender(&name).await?;
        }
        if let Some(phone) = &sender.phone {
            let found = inner.accounts.find(phone).await?;
            accounts.extend(found.into_iter().map(|account| account.id().clone()));
        }
        accounts.dedup();
        let now = inner.now();
        for account in accounts {
            let live = inner.store.live(&account, now, CLOSED_AT_ONCE).await?;
            let by_number = |reset: &&Reset| reset.channel() == Channel::WhatsAppCode || reset.channel().is_inbound();
            for reset in live.iter().filter(by_number) {
                inner.close(reset, CloseReason::Cancelled, now).await?;
            }
        }
        Ok(())
    }
}

impl Inner {
    async fn receive(&self, message: InboundMessage) -> Result<Received, PortError> {
        let Some(inbound) = &self.inbound else { return Ok(Received::Ignored("inbound messages are not set up")) };
        let Some(code) = code_in(&message.text, inbound.takes_bare_code(), &self.site) else {
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
        let key = self.secrets.inbound_key(&code, &number);
        let Some((reset, known)) = self.store.load_inbound(&key, &number).await? else {
            return Ok(Received::Ignored("no reset has this code and sender"));
        };
        if let (Some(id), Some(known)) = (&message.sender.id, known.as_ref().and_then(|known| known.id))
            && self.secrets.sender_id(id) != known
        {
            return Ok(Received::Ignored("the number has another user than before"));
        }
        self.hear(reset, known.as_ref(), number, &message).await
    }

    /// The digest of the sender's number; of a withheld one, as an earlier message said it.
    async fn number_of(&self, sender: &Sender) -> Result<Option<Digest>, PortError> {
        match (&sender.phone, &sender.id) {
            (Some(phone), _) => Ok(Some(self.secrets.sender_number(phone))),
            (None, Some(id)) => {
                let name = SenderName::Id(self.secrets.sender_id(id));
                Ok(self.store.sender(&name).await?.map(|known| known.number))
            }
            (None, None) => Ok(None),
        }
    }

    fn names_of(&self, sender: &Sender) -> Vec<SenderName> {
        let number = sender.phone.as_ref().map(|phone| SenderName::Number(self.secrets.sender_number(phone)));
        let id = sender.id.as_ref().map(|id| SenderName::Id(self.secrets.sender_id(id)));
        number.into_iter().chain(id).collect()
    }

    /// Hears a message that names a reset.
    async fn hear(
        &self,
        mut reset: Reset,
        known: Option<&KnownSender>,
        number: Digest,
        message: &InboundMessage,
    ) -> Result<Received, PortError> {
        let now = self.now();
        let Channel::WhatsAppInbound(mode) = reset.channel() else { return Ok(Received::Ignored("another channel")) };
        let since = crate::time::earlier(reset.created_at(), SKEW);
        let fresh = since <= message.sent_at && message.sent_at <= crate::time::later(now, SKEW);
        if !fresh || message.sent_at >= reset.shown_until() || now >= reset.shown_until() {
            return Ok(Received::Ignored("not of this reset's time"));
        }
        for _ in 0..MOST_CONFLICTS {
            // The message may be faster than the worker that looks the account up.
            if reset.state() == State::Requested && reset.owes().contains(Owes::RESOLVE) {
                match self.issue_inbound(&reset, now).await? {
                    Some(issued) => reset = issued,
                    None => match self.store.load(reset.id()).await? {
                        Some(again) if again.version() != reset.version() => reset = again,
                        Some(_) | None => return Ok(Received::Ignored("nobody can be reset by this number")),
                    },
                }
                continue;
            }
            let (State::CodeIssued, Some(binding)) = (reset.state(), reset.binding().cloned()) else {
                return Ok(Received::Ignored("heard before, closed, or of nobody"));
            };
            let identity = message.identity.as_deref().map(|hash| self.secrets.sender_identity(hash));
            let learnt = KnownSender {
                id: message.sender.id.as_deref().map(|id| self.secrets.sender_id(id)),
                identity,
                ..KnownSender::new(number, binding.account().clone(), now)
            };
            let before = known.and_then(|known| known.identity);
            let identity_changed = identity.is_some() && before.is_some() && identity != before;
            let proving = Proving { learns: Some(learnt), identity_changed, ..Proving::by(ProofKind::Message) };
            if mode != InboundMode::PageAdvances && !self.may_reply(&reset, &binding, now).await? {
                return Ok(Received::Ignored("too many replies to this number"));
            }
            return Ok(match (self.prove(reset, &binding, proving, now).await?, mode) {
                (Proved::Whole(_), InboundMode::PageAdvances) => Received::Proved,
                (Proved::Whole(_), InboundMode::TypeBack | InboundMode::ContinueOnPhone) => Received::Heard,
                (Proved::Half(..) | Proved::Nothing, _) => {
                    Received::Ignored("the account is not as it was, or the gate refused")
                }
            });
        }
        Err(PortError::transient("too many changes of one reset at once"))
    }

    /// Looks the account up for a message that came before the worker. `None` when there is nobody, or when somebody
    /// else did it meanwhile.
    async fn issue_inbound(&self, reset: &Reset, now: DateTime<Utc>) -> Result<Option<Reset>, PortError> {
        let found = self.accounts.find(&reset.identifier()).await?;
        let known = self.known_of(&found, now).await?;
        let step = self.issue_or_hold(reset, &found, &known, Ok(None), now)?;
        match self.advance(&step).await? {
            Advanced::Moved | Advanced::Finished => Ok(Some(step.after().clone())),
            Advanced::Conflict | Advanced::StaleAccount => Ok(None),
        }
    }

    /// Replies cost money and trouble whom they reach; only messages of the owner cause them, so only these count
    /// (R131).
    async fn may_reply(&self, reset: &Reset, binding: &Binding, now: DateTime<Utc>) -> Result<bool, PortError> {
        let Some(account) = self.account_as_it_was(reset, binding, now).await? else { return Ok(false) };
        let Some(to) = self.contact(&account, reset) else { return Ok(false) };
        let bucket = self.reply_bucket(&account, to, now);
        Ok(matches!(self.store.take_token(&bucket).await?, TokenTaken::Taken { .. }))
    }

    fn reply_bucket(&self, account: &Account, to: &Contact, now: DateTime<Utc>) -> Bucket {
        let key = self.secrets.replies(account.id(), to);
        Bucket::new(key, self.limits.reply_burst, self.limits.reply_refill, now)
    }
}
