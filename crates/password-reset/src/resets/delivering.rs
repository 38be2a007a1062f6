//! Where messages go, and handing them over.

use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::channel::Channel;
use crate::flow::reset::{Binding, Reset};
use crate::identity::account::{Account, Contact, ContactKind};
use crate::identity::id::AccountId;
use crate::identity::identifier::IdentifierKind;
use crate::message::{Message, SecretUrl};
use crate::node::places::Places;
use crate::node::refusals::{NotifierHealth, Record};
use crate::ports::{AccountState, Delivery, Notifier};
use crate::resets::Resets;
use crate::resets::outcome_lines::OutcomeLines;

/// A notifier that has not answered by then is taken to have failed for now.
const LONGEST_DELIVERY: Duration = Duration::from_secs(90);

/// Contacts of one account that are known to fail, as digests.
#[derive(Debug, Default)]
pub(crate) struct Failing(Vec<Digest>);

/// What is known of the contacts of the account that was named, before anything is sent.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) failing: Failing,
    /// The contacts through which a password was set that its owner locked, as digests.
    locked: Vec<Digest>,
    /// When the quota of messages to each candidate contact is full again.
    pub(crate) full_at: Vec<Option<DateTime<Utc>>>,
}

/// Chooses the contacts that messages go to, and delivers through the application's notifiers.
#[derive(Debug)]
pub(crate) struct Delivering {
    pub(crate) resets: Arc<Resets>,
    /// At most one for each kind of contact.
    transports: Vec<Transport>,
    pub(crate) lines: OutcomeLines,
}

/// A notifier of the application, and what this node keeps of it.
#[derive(Debug)]
pub(crate) struct Transport {
    notifier: Arc<dyn Notifier>,
    places: Places,
    record: Record,
}

impl Delivering {
    pub(crate) fn new(resets: Arc<Resets>, notifiers: Vec<Arc<dyn Notifier>>) -> Self {
        let transport = |notifier| Transport { notifier, places: Places::default(), record: Record::default() };
        let transports = notifiers.into_iter().map(transport).collect();
        Self { resets, transports, lines: OutcomeLines::default() }
    }

    pub(crate) fn transport(&self, kind: ContactKind) -> Option<&Transport> {
        self.transports.iter().find(|transport| transport.notifier.reaches() == kind)
    }

    /// The contact that a reset goes to, or is proved by: the one that was typed if an address or number was typed, else the first of
    /// the channel's kind. Always the account's own bytes.
    pub(crate) fn contact<'a>(&self, account: &'a Account, reset: &Reset) -> Option<&'a Contact> {
        let kind = contact_kind(reset.channel())?;
        let typed = reset.identifier();
        let names_contact = match typed.kind() {
            IdentifierKind::Email => kind == ContactKind::Email,
            IdentifierKind::Phone => kind == ContactKind::Phone,
            IdentifierKind::Username => false,
        };
        account
            .contacts()
            .iter()
            .find(|contact| contact.kind() == kind && (!names_contact || typed.names(contact.value())))
    }

    /// Where the message of a reset goes: to [the contact](Self::contact) that was named or comes first, or, if that one
    /// fails, to the next that does not and whose proof is worth no less. If all fail, to the first again: it may
    /// work again, and a success takes the mark away.
    ///
    /// A link can be followed by another mailbox, or by its code on the phone; a code on the phone by none in a mailbox. What
    /// an administrator asks for has no code: it goes to a phone as a link.
    pub(crate) fn destination<'a>(
        &self,
        account: &'a Account,
        reset: &Reset,
        failing: &Failing,
    ) -> Option<&'a Contact> {
        let kinds: &[ContactKind] = match reset.channel() {
            // A phone gets a code, and no page shows where to type it.
            Channel::EmailLink if reset.is_of_one_account() => &[ContactKind::Email],
            Channel::EmailLink | Channel::AdminLink => &[ContactKind::Email, ContactKind::Phone],
            Channel::WhatsAppCode => &[ContactKind::Phone],
            // The number that sent the message is the one that is answered.
            Channel::WhatsAppInbound(_) | Channel::CurrentPassword => return self.contact(account, reset),
        };
        let contacts = |kind| account.contacts().iter().filter(move |contact: &&Contact| contact.kind() == kind);
        let reached = kinds.iter().filter(|kind| self.transport(**kind).is_some());
        let mut others = reached.flat_map(|kind| contacts(*kind));
        // An administrator names no contact; an owner without a mailbox gets it on the phone.
        let first = match reset.channel() {
            Channel::AdminLink => others.clone().next()?,
            _ => self.contact(account, reset)?,
        };
        if !self.fails(failing, account, first) {
            return Some(first);
        }
        others.find(|contact| !self.fails(failing, account, contact)).or(Some(first))
    }

    /// The contact of the first proof, as it was when the reset was issued: contacts that fail, or work again, change
    /// nothing about it. `None` where no contact takes part, or the account has it no more.
    pub(crate) fn first_contact<'a>(
        &self,
        account: &'a Account,
        reset: &Reset,
        binding: &Binding,
    ) -> Result<Option<&'a Contact>, PortError> {
        let Some(by) = binding.contact() else { return Ok(None) };
        for contact in account.contacts() {
            if self.resets.secrets.first_contact(reset, contact)? == *by {
                return Ok(Some(contact));
            }
        }
        Ok(None)
    }

    /// A confirmed contact of another kind than the first proof came by, so that the methods are two. None where that
    /// one cannot be told.
    pub(crate) async fn step_up_contact<'a>(
        &self,
        reset: &Reset,
        account: &'a Account,
    ) -> Result<Option<&'a Contact>, PortError> {
        let Some(binding) = reset.binding() else { return Ok(None) };
        let first = self.first_contact(account, reset, binding)?.map(Contact::kind);
        if first.is_none() && contact_kind(reset.channel()).is_some() {
            return Ok(None);
        }
        let failing = self.failing(account.id(), self.resets.now()).await?;
        let reached = |contact: &&Contact| Some(contact.kind()) != first && self.transport(contact.kind()).is_some();
        Ok(account.contacts().iter().filter(reached).find(|contact| !self.fails(&failing, account, contact)))
    }

    /// Which contacts of an account fail.
    pub(crate) async fn failing(&self, account: &AccountId, now: DateTime<Utc>) -> Result<Failing, PortError> {
        Ok(Failing(self.resets.store.account_state(account, &[], now).await?.failing))
    }

    /// What is known of the contacts of the one account that was found, and of the quotas of messages to them: the same work
    /// whether there is one or not (I5).
    pub(crate) async fn known_of(
        &self,
        found: &[Account],
        quotas: &[Digest],
        now: DateTime<Utc>,
    ) -> Result<Known, PortError> {
        let no_account = AccountId::new("");
        let id = match found {
            [account] => account.id(),
            _ => &no_account,
        };
        let AccountState { failing, locked, full_at } = self.resets.store.account_state(id, quotas, now).await?;
        let mut contacts = Vec::new();
        if let [account] = found {
            for reset in &locked {
                let Some(binding) = reset.binding() else { continue };
                let contact = self.first_contact(account, reset, binding)?;
                contacts.extend(contact.map(|contact| self.resets.secrets.digests.contact(account.id(), contact)));
            }
        }
        Ok(Known { locked: contacts, failing: Failing(failing), full_at })
    }

    pub(crate) fn is_locked(&self, known: &Known, account: &Account, contact: &Contact) -> bool {
        known.locked.contains(&self.resets.secrets.digests.contact(account.id(), contact))
    }

    pub(crate) fn fails(&self, failing: &Failing, account: &Account, contact: &Contact) -> bool {
        let mut digests = self.resets.secrets.digests.under_each_key();
        digests.any(|digests| failing.0.contains(&digests.contact(account.id(), contact)))
    }

    /// "This was not me", in every message of a live reset that can carry a link.
    pub(crate) fn cancel_url(&self, reset: &Reset, binding: &Binding) -> Result<SecretUrl, PortError> {
        let cancel = self.resets.secrets.cancel(reset, binding)?;
        Ok(SecretUrl::new(&self.resets.site, "cancel", cancel.expose()))
    }

    /// Delivers, but does not wait for ever; logs the outcome.
    pub(crate) async fn deliver(&self, transport: &Transport, message: &Message) -> Delivery {
        let Transport { notifier, places, record } = transport;
        let Some(place) = places.take(self.resets.clock.as_ref()).await else {
            // No line for each: there may be many, and one said it for all.
            let why = PortError::transient("the notifier does not answer others").with_code("silent");
            return Delivery::Later { after: None, why };
        };
        let delivering = pin!(self.resets.contained("a notifier", async { Ok(notifier.deliver(message).await) }));
        let delivery = match select(delivering, self.resets.clock.sleep(LONGEST_DELIVERY)).await {
            Either::Left((delivery, _)) => {
                place.answered();
                delivery.unwrap_or_else(|why| Delivery::Later { after: None, why })
            }
            Either::Right(((), _)) => Delivery::Later { after: None, why: PortError::transient("notifier timed out") },
        };
        drop(place);
        self.lines.log(message, &delivery);
        let (to, now) = (message.to(), self.resets.now());
        match &delivery {
            Delivery::Delivered => record.accepted(),
            Delivery::Later { why, .. } if why.is_transient() => {}
            Delivery::Later { why, .. } => record.refused(to, now, why.code().unwrap_or_default(), true),
            Delivery::NoSuchContact { why } | Delivery::Never { why } => record.refused(to, now, why, false),
        }
        delivery
    }

    /// What is known of each notifier.
    pub(crate) fn health(&self) -> Vec<NotifierHealth> {
        self.transports.iter().map(|transport| transport.record.health(transport.notifier.reaches())).collect()
    }
}

/// The kind of contact that a channel sends to or receives from; `None` where there is none.
pub(crate) fn contact_kind(channel: Channel) -> Option<ContactKind> {
    match channel {
        Channel::EmailLink | Channel::AdminLink => Some(ContactKind::Email),
        Channel::WhatsAppCode | Channel::WhatsAppInbound(_) => Some(ContactKind::Phone),
        Channel::CurrentPassword => None,
    }
}
