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
use crate::inbound::Sender;
use crate::message::{ConfirmContact, Message, MessageBody, SecretUrl};
use crate::ports::{Delivery, Opened, PermitTaken, Quota};
use crate::resets::Resets;
use crate::resets::delivering::Delivering;
use crate::secret::same;
use crate::service::Parts;

/// What the application calls where a user changes an address or a number, from
/// [`PasswordReset::contacts`](crate::PasswordReset::contacts).
///
/// The account table is the application's, which adds and removes contacts itself:
///
/// ```no_run
/// # use password_reset::contacts::ConfirmationError;
/// # use password_reset::message::SecretUrl;
/// # use password_reset::{Account, Contact, PasswordReset, Site};
/// // The page with the settings: the user has just typed a new address, and their password again.
/// async fn ask(reset: &PasswordReset, settings: &Site, user: &Account, new: &Contact) -> Result<(), ConfirmationError> {
///     let link = SecretUrl::new(settings, "confirm", &reset.contacts().token(user, new));
///     reset.contacts().send_confirmation(user, new, link, std::time::Duration::from_secs(3_600)).await
/// }
///
/// // The page that the link leads to: after a press, with the user as the table has them now.
/// fn may_add(reset: &PasswordReset, user: &Account, new: &Contact, token: &str) -> bool {
///     reset.contacts().confirms(user, new, token) // add it then, and call `changed`
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Contacts<'a> {
    pub(super) parts: &'a Parts,
}

impl Contacts<'_> {
    /// Makes a text for the message that confirms a *new* contact of an account, as it is now: 64 characters.
    ///
    /// It is good for this account and exactly this address or number, and for nothing any more as soon as the
    /// password or a confirmed contact changed, by a reset or otherwise. How long it may be used, and that only who is
    /// signed in may ask for one, is the application's to see to.
    ///
    /// # Security
    /// A reader of the text can confirm the contact. Compare it with [`confirms`](Self::confirms) alone.
    #[must_use]
    pub fn token(self, account: &Account, new: &Contact) -> String {
        self.parts.resets.secrets.digests.new_contact(account, new).to_string()
    }

    /// Sends the message that asks whether a *new* contact is its owner's, with a link to a page of the application, in the
    /// language of the account. It is sent now, and waited for: the page can say what became of it.
    ///
    /// Put the [`token`](Self::token) into the fragment of the link, and confirm on a press, never when the
    /// page is opened. Send it to whom is signed in and has just typed their password again, and answer the same
    /// where another account has the contact already.
    ///
    /// Each account and each new contact has so many such messages as one number has replies
    /// ([`Limits::reply_burst`](crate::Limits::reply_burst)) or one contact has messages
    /// ([`Limits::message_burst`](crate::Limits::message_burst)).
    ///
    /// # Errors
    /// [`ConfirmationError`].
    pub async fn send_confirmation(
        self,
        account: &Account,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), ConfirmationError> {
        let Parts { resets, changing_contacts, .. } = self.parts;
        let sending = changing_contacts.send_confirmation(account, new, link, lives);
        resets.contained("contacts.send_confirmation", sending).await
    }

    /// Whether a text is the [`token`](Self::token) of a new contact, for the account as it is now.
    ///
    /// Ask with the contact that the confirmation is *stored* with, in the transaction that adds it to the account.
    #[must_use]
    pub fn confirms(self, account: &Account, new: &Contact, text: &str) -> bool {
        let mut digests = self.parts.resets.secrets.digests.under_each_key();
        digests.any(|digests| same(digests.new_contact(account, new).to_string(), text))
    }

    /// Says that the application changed an account: its live resets are closed, and every contact of `before` that it has
    /// no more is notified.
    ///
    /// A courtesy: a reset that was issued for the account as it was refuses everything by itself. A password that
    /// was set during an attack stays locked. Call it after the change, once; each call sends one more notice.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn changed(self, account: &AccountId, before: &[Contact]) -> Result<(), PortError> {
        self.parts.resets.in_time("contacts.changed", self.parts.changing_contacts.changed(account, before)).await
    }

    /// Forgets what was known of a sender. For an application that has just confirmed a number anew: until then a number
    /// that comes with another of the platform's names than before proves nothing, since it may have a new owner.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_sender(self, sender: &Sender) -> Result<(), PortError> {
        self.parts.resets.in_time("contacts.forget_sender", self.parts.receiving.forget_sender(sender)).await
    }
}

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
    Unavailable(#[from] PortError),
}

/// Closes resets and sends notices when contacts change, and has new contacts confirmed.
#[derive(Debug)]
pub(crate) struct ChangingContacts {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
}

impl ChangingContacts {
    pub(crate) async fn changed(&self, account: &AccountId, before: &[Contact]) -> Result<(), PortError> {
        let now = self.resets.now();
        self.resets.close_live(account, CloseReason::AccountChanged, now, |_| true).await?;
        let Some(account) = self.resets.accounts.load(account).await? else { return Ok(()) };
        for contact in before.iter().filter(|contact| !account.contacts().contains(contact)) {
            self.notify_old(&account, contact, now).await?;
        }
        Ok(())
    }

    pub(crate) async fn send_confirmation(
        &self,
        account: &Account,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), ConfirmationError> {
        let now = self.resets.now();
        let transport = self.delivering.transport(new.kind()).ok_or(ConfirmationError::ChannelOff)?;
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
        match self.delivering.deliver(transport, &message).await {
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
                "previous contact not notified: the stored value is not an email address or phone number"
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
