//! Changes of contacts: what the library does when the application has made one, and what it offers for confirming one.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::Event;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::state::CloseReason;
use crate::identity::account::{Account, Contact, ContactKind};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::Identifier;
use crate::identity::locale::Locale;
use crate::message::{ConfirmContact, Message, MessageBody, SecretUrl};
use crate::ports::{Delivery, Opened, PermitTaken, Quota};
use crate::resets::Resets;
use crate::resets::delivering::Delivering;

/// A message that asks for the confirmation of a new contact was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmationError {
    /// No notifier reaches contacts of this kind.
    #[error("no notifier for this contact kind")]
    ChannelOff,
    /// Too many were sent for this account, or to this contact.
    #[error("rate limit reached: retry in {} s", retry_after.as_secs())]
    TooMany {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The transport refused it: there is no such mailbox or number, or it takes no such message. `why` is for logs.
    #[error("message rejected: {why}")]
    NotSent {
        /// A short reason without an address.
        why: String,
    },
    /// The transport or another port failed; try again.
    #[error("storage or another port is unavailable")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for ConfirmationError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

/// How many live resets are closed with one read.
const CLOSED_AT_ONCE: u32 = 100;

/// Closes resets and sends notices when contacts change, and has new contacts confirmed.
#[derive(Debug)]
pub(crate) struct Contacts {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
}

impl Contacts {
    pub(crate) async fn account_changed(&self, account: &AccountId, before: &[Contact]) -> Result<(), PortError> {
        let now = self.resets.now();
        for reset in self.resets.store.live(account, now, CLOSED_AT_ONCE).await? {
            self.resets.close(&reset, CloseReason::AccountChanged, now).await?;
        }
        let Some(account) = self.resets.accounts.load(account).await? else { return Ok(()) };
        for contact in before.iter().filter(|contact| !account.contacts().contains(contact)) {
            self.notify_old(&account, contact, now).await?;
        }
        Ok(())
    }

    pub(crate) fn contact_token(&self, account: &Account, new: &Contact) -> String {
        let digest = self.resets.secrets.digests.new_contact(account, new);
        digest.to_string()
    }

    pub(crate) async fn send_confirmation(
        &self,
        account: &Account,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), ConfirmationError> {
        let now = self.resets.now();
        let notifier = self.delivering.notifier(new.kind()).ok_or(ConfirmationError::ChannelOff)?;
        let limits = &self.resets.limits;
        let (of_account, of_contact) = self.resets.secrets.digests.quotas().confirmations(account.id(), new);
        for quota in [
            Quota::new(of_account, limits.reply_burst, limits.reply_refill, now),
            Quota::new(of_contact, limits.message_burst, limits.message_refill, now),
        ] {
            if let PermitTaken::RateLimited { next_at } = self.resets.store.take_permit(&quota).await? {
                return Err(ConfirmationError::TooMany { retry_after: crate::time::until(now, next_at) });
            }
        }
        let reset = ResetId::generate(now, self.resets.random.as_ref())?;
        let body = MessageBody::ConfirmContact(ConfirmContact::new(link, lives, now));
        let (id, locale) = (self.resets.secrets.digests.confirmation(reset), self.language_of(account));
        let message = Message::new(id, reset, new.clone(), locale, self.resets.site.clone(), body);
        match self.delivering.deliver(notifier.as_ref(), &message).await {
            Delivery::Delivered => Ok(()),
            Delivery::NoSuchContact { why } | Delivery::Never { why } => Err(ConfirmationError::NotSent { why }),
            Delivery::Later { why, .. } => Err(ConfirmationError::Unavailable(why)),
        }
    }

    /// No page of the request says another language.
    fn language_of(&self, account: &Account) -> Locale {
        self.resets.language_of(account, self.resets.site.languages().first().locale())
    }

    /// Leaves a notice to a contact that the account had as a task of a row that is closed from the beginning.
    async fn notify_old(&self, account: &Account, old: &Contact, now: DateTime<Utc>) -> Result<(), PortError> {
        let (channel, named) = match old.kind() {
            ContactKind::Email => (Channel::EmailLink, Identifier::email(old.value())),
            ContactKind::Phone => (Channel::WhatsAppCode, Identifier::phone(old.value(), None)),
        };
        let Ok(named) = named else {
            crate::log_bounded!(
                warn,
                "previous contact not notified: the stored value is not an email address or phone \
                 number"
            );
            let changed = AuditRow::new(now, AuditEvent::ContactChanged).account(account.id());
            return self.resets.store.record(&changed).await;
        };
        let locale = self.language_of(account);
        let key_source = self.resets.secrets.digests.account(account.id());
        let asked = crate::flow::Reset::open(self.resets.new_row(channel, named, locale, key_source, now)?);
        let binding = self.resets.binding(account, &asked, old, None, now)?;
        let issue = Event::Issue { binding, subject: self.resets.secrets.digests.account(account.id()) };
        let notified = crate::flow::next(&asked, &issue, now)
            .and_then(|issued| crate::flow::next(&issued, &Event::Close(CloseReason::ContactChanged), now))
            .map_err(|illegal| PortError::permanent("notification not stored").because(illegal))?;
        let audit = [AuditRow::new(now, AuditEvent::ContactChanged).of(&notified)];
        match self.resets.open(&notified, None, &audit, now).await? {
            Opened::Stored => Ok(()),
            Opened::RateLimited { .. } | Opened::DuplicateKey => Err(PortError::permanent("notification not stored")),
        }
    }
}
