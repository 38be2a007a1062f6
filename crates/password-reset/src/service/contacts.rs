//! Changes of contacts: what the library does when the application has made one, and what it offers for confirming one.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Inner, PasswordReset};
use crate::error::PortError;
use crate::flow::Event;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::state::CloseReason;
use crate::identity::account::{Account, Contact, ContactKind};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::{CallingCode, Identifier};
use crate::message::{ConfirmContact, Message, MessageBody, SecretUrl};
use crate::ports::{Delivery, Opened, PermitTaken, Quota};

/// A message that asks somebody to confirm a new contact was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmationError {
    /// No notifier reaches contacts of this kind.
    #[error("contacts of this kind are not reached here")]
    ChannelOff,
    /// Too many were sent for this account, or to this contact.
    #[error("too many; ask again in {} seconds", retry_after.as_secs())]
    TooMany {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The transport refused it: there is no such mailbox or number, or it takes no such message. `why` is for logs.
    #[error("the message was refused: {why}")]
    NotSent {
        /// A short reason without an address.
        why: String,
    },
    /// The transport or another port failed; try again.
    #[error("this cannot be done now; try again")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for ConfirmationError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

/// How many live resets are closed with one read.
const CLOSED_AT_ONCE: u32 = 100;

impl PasswordReset {
    /// Says that the application changed an account: its live resets are closed, and every contact of `before` that it has
    /// no more is told (R109).
    ///
    /// A courtesy: a reset that was issued for the account as it was refuses everything by itself (I8). A password that
    /// was disowned stays frozen. Call it after the change, once; each call tells once more.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn account_changed(&self, account: &AccountId, before: &[Contact]) -> Result<(), PortError> {
        let inner = &self.inner;
        let now = inner.resets.now();
        for reset in inner.resets.store.live(account, now, CLOSED_AT_ONCE).await? {
            inner.resets.close(&reset, CloseReason::AccountChanged, now).await?;
        }
        let Some(account) = inner.resets.accounts.load(account).await? else { return Ok(()) };
        for contact in before.iter().filter(|contact| !account.contacts().contains(contact)) {
            inner.notify_old(&account, contact, now).await?;
        }
        Ok(())
    }

    /// A text to put into the message that confirms a *new* contact of an account, as it is now: 64 characters.
    ///
    /// It is good for this account and exactly this address or number (R111), and for nothing any more as soon as the
    /// password or a confirmed contact changed, by a reset or otherwise (R110). How long it may be used, and that only who is
    /// signed in may ask for one, is the application's to see to.
    ///
    /// # Security
    /// Whoever reads it can confirm the contact. Compare it with [`confirms`](Self::confirms) alone.
    #[must_use]
    pub fn contact_token(&self, account: &Account, new: &Contact) -> String {
        let digest = self.inner.resets.secrets.new_contact(account, new);
        super::hexadecimal(&digest)
    }

    /// Sends the message that asks whether a *new* contact is its owner's, with a link to a page of the application, in the
    /// language of the account. It is sent now, and waited for: the person is there, and is told what became of it.
    ///
    /// Put the [`contact_token`](Self::contact_token) into the fragment of the link, and confirm on a press, never when the
    /// page is opened (I3). Send it to whom is signed in and has just typed their password again (R109), and answer the same
    /// where another account has the contact already.
    ///
    /// Each account and each new contact has so many such messages as one number has replies
    /// ([`Limits::reply_burst`](crate::Limits::reply_burst)) or one contact has messages
    /// ([`Limits::message_burst`](crate::Limits::message_burst)) (R9).
    ///
    /// # Errors
    /// [`ConfirmationError`].
    pub async fn send_confirmation(
        &self,
        account: &Account,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), ConfirmationError> {
        let inner = &self.inner;
        let now = inner.resets.now();
        let notifier = inner.notifier(new.kind()).ok_or(ConfirmationError::ChannelOff)?;
        let limits = &inner.resets.limits;
        let (of_account, of_contact) = inner.resets.secrets.confirmations(account.id(), new);
        for quota in [
            Quota::new(of_account, limits.reply_burst, limits.reply_refill, now),
            Quota::new(of_contact, limits.message_burst, limits.message_refill, now),
        ] {
            if let PermitTaken::RateLimited { next_at } = inner.resets.store.take_permit(&quota).await? {
                return Err(ConfirmationError::TooMany { retry_after: crate::time::until(now, next_at) });
            }
        }
        let reset = ResetId::generate(now, inner.resets.random.as_ref())?;
        let body = MessageBody::ConfirmContact(ConfirmContact::new(link, lives, now));
        let (id, locale) = (inner.resets.secrets.confirmation(reset), account.locale().unwrap_or_default());
        let message = Message::new(id, reset, new.clone(), locale, inner.resets.site.clone(), body);
        match inner.deliver(notifier.as_ref(), &message).await {
            Delivery::Delivered => Ok(()),
            Delivery::NoSuchContact { why } | Delivery::Never { why } => Err(ConfirmationError::NotSent { why }),
            Delivery::Later { why, .. } => Err(ConfirmationError::Unavailable(why)),
        }
    }

    /// Whether a text is the [`contact_token`](Self::contact_token) of a new contact, for the account as it is now.
    ///
    /// Ask with the contact that the confirmation is *stored* with, in the transaction that adds it to the account.
    #[must_use]
    pub fn confirms(&self, account: &Account, new: &Contact, text: &str) -> bool {
        let right = self.contact_token(account, new);
        crate::secret::same(right.as_bytes(), text.as_bytes())
    }
}

impl Inner {
    /// Leaves a notice to a contact that the account had as a task of a row that is closed from the beginning.
    async fn notify_old(&self, account: &Account, old: &Contact, now: DateTime<Utc>) -> Result<(), PortError> {
        let (channel, named) = match old.kind() {
            ContactKind::Email => (Channel::EmailLink, Identifier::email(old.value())),
            ContactKind::Phone => (Channel::WhatsAppCode, Identifier::phone(old.value(), CallingCode::INDONESIA)),
        };
        let Ok(named) = named else {
            tracing::warn!("a contact that an account had cannot be told: it is no address or number");
            return Ok(());
        };
        let locale = account.locale().unwrap_or_default();
        let key_source = self.resets.secrets.account(account.id());
        let asked = self.resets.new_row(channel, named, locale, key_source, now)?;
        let binding = self.resets.binding(account, &asked, old.kind(), None, now)?;
        let issue = Event::Issue { binding, subject: self.resets.secrets.account(account.id()) };
        let notified = crate::flow::next(&asked, &issue, now)
            .and_then(|issued| crate::flow::next(&issued, &Event::Close(CloseReason::ContactChanged), now))
            .map_err(|illegal| PortError::permanent("a notice could not be stored").because(illegal))?;
        let audit = [AuditRow::new(now, AuditEvent::ContactChanged).of(&notified)];
        match self.resets.open(&notified, None, &audit, now).await? {
            Opened::Stored => Ok(()),
            Opened::RateLimited { .. } | Opened::DuplicateKey => {
                Err(PortError::permanent("a notice could not be stored"))
            }
        }
    }
}
