//! Messages to the contacts of an account.
//!
//! A [`Message`] has one recipient, a language and a [`MessageBody`]: a link, a code, a notice, or the question that
//! confirms a new contact. Each body names its purpose with a `kind`, so that a template chooses its words by the kind
//! and fills in the same few fields.

mod code;
mod confirm;
mod link;
mod notice;
mod site;
mod zone;

pub use self::code::{CodeKind, CodeMessage};
pub use self::confirm::ConfirmContact;
pub use self::link::{LinkKind, LinkMessage};
pub use self::notice::{ActionLink, Notice, NoticeAction, NoticeKind};
pub use self::site::{SecretUrl, Site};
pub use self::zone::Zone;

use crate::digest::Digest;
use crate::identity::account::Contact;
use crate::identity::id::ResetId;
use crate::identity::locale::Locale;

/// One message to one contact.
#[derive(Debug)]
pub struct Message {
    id: Digest,
    reset: ResetId,
    to: Contact,
    locale: Locale,
    site: Site,
    body: MessageBody,
}

impl Message {
    /// A message. Only the service and tests of notifiers need this.
    #[must_use]
    pub fn new(id: Digest, reset: ResetId, to: Contact, locale: Locale, site: Site, body: MessageBody) -> Self {
        Self { id, reset, to, locale, site, body }
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

    /// The language.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
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

/// The content of a message.
#[derive(Debug)]
#[non_exhaustive]
pub enum MessageBody {
    /// A link that opens a reset.
    Link(LinkMessage),
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
            Self::Code(message) => message.kind.name(),
            Self::Notice(notice) => notice.kind.name(),
            Self::ConfirmContact(_) => "confirm_contact",
        }
    }
}
