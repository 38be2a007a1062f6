//! An account of the application's user table.

use std::fmt;

use crate::identity::id::AccountId;
use crate::identity::locale::Locale;
use crate::identity::password_hash::PasswordHash;

/// How many hashes before the present one any policy compares with a new password: each is one more hash for each attempt.
pub(crate) const MAX_EARLIER_HASHES: u8 = 5;

/// Whether an account may be reset.
///
/// A required argument of [`Account::new`], so that an adapter cannot forget it. A disabled, deleted, pending or externally
/// managed account (SSO, LDAP) is `Disabled`, and a reset never makes it active again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountStatus {
    /// The owner may sign in with a password.
    Active,
    /// No reset may set a password for this account.
    Disabled,
}

/// The transport that reaches a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ContactKind {
    /// A mailbox.
    Email,
    /// A phone number with WhatsApp.
    Phone,
}

/// An address or number that the owner of an account has *confirmed*.
///
/// Messages go to exactly these bytes, never to what a requester typed into a form. `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Contact {
    kind: ContactKind,
    value: String,
}

impl Contact {
    /// A confirmed e-mail address.
    #[must_use]
    pub fn email(address: impl Into<String>) -> Self {
        Self { kind: ContactKind::Email, value: address.into() }
    }

    /// A confirmed phone number, in E.164 form with the plus sign.
    #[must_use]
    pub fn phone(number: impl Into<String>) -> Self {
        Self { kind: ContactKind::Phone, value: number.into() }
    }

    /// Mailbox or phone.
    #[must_use]
    pub fn kind(&self) -> ContactKind {
        self.kind
    }

    /// The address or number as stored on the account.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({:?}, …)", self.kind)
    }
}

/// An account, as [`Accounts`](crate::ports::Accounts) returns it.
///
/// `Debug` shows neither contacts nor context words: names and usernames are personal, and often addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    id: AccountId,
    status: AccountStatus,
    contacts: Vec<Contact>,
    hash: Option<PasswordHash>,
    earlier_hashes: Vec<PasswordHash>,
    locale: Option<Locale>,
    zone: Option<String>,
    name: Option<String>,
    username: Option<String>,
    context_words: Vec<String>,
}

impl Account {
    /// An account without contacts and without a password; add them with the `with_` methods.
    #[must_use]
    pub fn new(id: impl Into<AccountId>, status: AccountStatus) -> Self {
        Self {
            id: id.into(),
            status,
            contacts: Vec::new(),
            hash: None,
            earlier_hashes: Vec::new(),
            locale: None,
            zone: None,
            name: None,
            username: None,
            context_words: Vec::new(),
        }
    }

    /// Adds a *confirmed* contact. The first of a kind is the one that a reset by username uses.
    #[must_use]
    pub fn with_contact(mut self, contact: Contact) -> Self {
        self.contacts.push(contact);
        self
    }

    /// Sets the current password hash. Without one the account has no password yet, and a reset sets the first.
    #[must_use]
    pub fn with_hash(mut self, hash: PasswordHash) -> Self {
        self.hash = Some(hash);
        self
    }

    /// Adds a hash of an earlier password, newest first, for the rule "not one of the last N".
    #[must_use]
    pub fn with_earlier_hash(mut self, hash: PasswordHash) -> Self {
        self.earlier_hashes.push(hash);
        self
    }

    /// Sets the language of notices to this account.
    #[must_use]
    pub fn with_locale(mut self, locale: Locale) -> Self {
        self.locale = Some(locale);
        self
    }

    /// Sets the zone in which messages to this account state times, by its name: `WIB`, `Asia/Jakarta`. Which zone that is says
    /// [`Site::zone_named`](crate::Site::zone_named); where it is none, messages use the zone of the site.
    #[must_use]
    pub fn with_zone(mut self, name: impl Into<String>) -> Self {
        self.zone = Some(name.into());
        self
    }

    /// Sets the name by which messages address the owner: "Ani", "Ani Wulandari". It is a word that the password must not be, too.
    ///
    /// People choose it themselves, so messages leave out what does not look like a name:
    /// [`Message::name`](crate::Message::name).
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.name = Some(name.clone());
        self.with_context_word(name)
    }

    /// Sets the name that tells the account apart from others of its owner, a username or a customer's number: messages say which
    /// account they are about. It is a word that the password must not be, too.
    #[must_use]
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        let username = username.into();
        self.username = Some(username.clone());
        self.with_context_word(username)
    }

    /// Adds a word that the password must not be: company, nickname. [`with_name`](Self::with_name) and
    /// [`with_username`](Self::with_username) add theirs.
    #[must_use]
    pub fn with_context_word(mut self, word: impl Into<String>) -> Self {
        let word = word.into();
        if !self.context_words.contains(&word) {
            self.context_words.push(word);
        }
        self
    }

    /// The application's identifier of the account.
    #[must_use]
    pub fn id(&self) -> &AccountId {
        &self.id
    }

    /// Whether the account may be reset.
    #[must_use]
    pub fn status(&self) -> AccountStatus {
        self.status
    }

    /// Confirmed contacts, in the application's order.
    #[must_use]
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// The current password hash.
    #[must_use]
    pub fn hash(&self) -> Option<&PasswordHash> {
        self.hash.as_ref()
    }

    /// Hashes of earlier passwords, newest first.
    #[must_use]
    pub fn earlier_hashes(&self) -> &[PasswordHash] {
        &self.earlier_hashes
    }

    /// The account's language.
    #[must_use]
    pub fn locale(&self) -> Option<Locale> {
        self.locale
    }

    /// The name of the account's zone, as the application stores it.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// The owner's name, as the application stores it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name that tells the account apart, as the application stores it.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Words that the password must not be.
    #[must_use]
    pub fn context_words(&self) -> &[String] {
        &self.context_words
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_personal_data() {
        let account = Account::new("7", AccountStatus::Active)
            .with_contact(Contact::email("ani@toko.example"))
            .with_hash(PasswordHash::new("$hash$"))
            .with_name("ani")
            .with_username("ani-2")
            .with_context_word("ani-the-owner");
        let shown = format!("{account:?}");
        assert!(shown.contains("\"7\"") && !shown.contains("ani") && !shown.contains("hash$"), "{shown}");
    }
}
