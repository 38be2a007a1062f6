//! Messages to the contacts of an account.
//!
//! A [`Message`] has one recipient, a language and a [`MessageBody`]: a link, a code, a notice, or the question that
//! confirms a new contact. Each body names its purpose with a `kind`, so that a template chooses its words by the kind
//! and fills in the same few fields.

mod code;
mod confirm;
mod link;
mod links;
mod notice;
mod site;
mod zone;

pub use self::code::CodeMessage;
pub use self::confirm::ConfirmContact;
pub use self::link::{LinkKind, LinkMessage};
pub use self::links::{AccountLink, AccountLinks};
pub use self::notice::{ActionLink, Notice, NoticeAction, NoticeKind};
pub use self::site::{SecretUrl, Site};
pub use self::zone::Zone;
pub use crate::identity::shown::unlinked;
pub use crate::secret::code::CodeKind;

use std::fmt;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::identity::account::{Account, Contact};
use crate::identity::id::ResetId;
use crate::identity::locale::Locale;
use crate::identity::shown;
use crate::texts::Language;

/// One message to one contact.
pub struct Message {
    id: Digest,
    reset: ResetId,
    to: Contact,
    locale: Locale,
    site: Site,
    body: MessageBody,
    name: Option<String>,
    username: Option<String>,
    zone: Option<Zone>,
}

impl Message {
    /// A message. Only the service and tests of notifiers need this.
    #[must_use]
    pub fn new(id: Digest, reset: ResetId, to: Contact, locale: Locale, site: Site, body: MessageBody) -> Self {
        Self { id, reset, to, locale, site, body, name: None, username: None, zone: None }
    }

    /// Says which account the message is about: whom it addresses, by what the account is told apart, and in which zone it states
    /// times, as far as the account says it. Without, the message has no name and the zone of the site: so it is where the recipient
    /// may not be the owner.
    #[must_use]
    pub fn about(mut self, account: &Account) -> Self {
        self.name = account.name().and_then(shown::name);
        self.username = account.username().and_then(shown::username);
        self.zone = account.zone().and_then(|name| self.site.zone_named(name));
        self
    }

    /// Identifies the message: a delivery that is repeated after a crash has the same id, any other message another.
    /// Not a secret.
    #[must_use]
    pub fn id(&self) -> &Digest {
        &self.id
    }

    /// The reset that the message belongs to. Not a secret. A transport that reports later whether a message was
    /// delivered can carry it along.
    #[must_use]
    pub fn reset(&self) -> ResetId {
        self.reset
    }

    /// The one recipient.
    #[must_use]
    pub fn to(&self) -> &Contact {
        &self.to
    }

    /// The name of the owner: at most 50 letters, in one line, with single spaces and `-'’.,`, and nothing that looks like a host or an
    /// address. `None` where the account has none, or has one that does not look like a name: say nothing in its place.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name that tells the account apart from others of the same owner: at most 64 characters, in one line and of at most three
    /// words, without controls, invisible characters and those of markup and URLs. `None` where the account has none, or another.
    ///
    /// It may be an address or have full stops: let no program make a link of it, with [`unlinked`].
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The language.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The sentences in the language, or in the site's first where it does not have that language.
    #[must_use]
    pub fn language(&self) -> &Language {
        self.site.languages().get(self.locale)
    }

    /// The zone in which the message states times: the account's, or that of the site.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        self.zone.as_ref().unwrap_or(self.site.zone())
    }

    /// A time as the message states it, in its language and its zone.
    #[must_use]
    pub fn time(&self, at: DateTime<Utc>) -> String {
        self.zone().text(at, self.language())
    }

    /// The service that sends the message.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The content.
    #[must_use]
    pub fn body(&self) -> &MessageBody {
        &self.body
    }
}

/// Shows neither the names nor the address.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("reset", &self.reset)
            .field("to", &self.to)
            .field("locale", &self.locale)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// The content of a message.
#[derive(Debug)]
#[non_exhaustive]
pub enum MessageBody {
    /// A link that opens a reset.
    Link(LinkMessage),
    /// Links that open the resets of several accounts with one mailbox.
    Links(AccountLinks),
    /// A code to type on the page where the requester asked.
    Code(CodeMessage),
    /// Tells the owner what happened to the account. Opens nothing.
    Notice(Notice),
    /// Asks whether a new address or number is the owner's.
    ConfirmContact(ConfirmContact),
}

impl MessageBody {
    /// The name of the kind of message, such as `reset_link` or `password_changed`: for logs and tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Link(message) => message.kind.name(),
            Self::Links(_) => "reset_links",
            Self::Code(message) => message.kind.name(),
            Self::Notice(notice) => notice.kind.name(),
            Self::ConfirmContact(_) => "confirm_contact",
        }
    }
}
