//! What is sent.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::account::Contact;
use crate::channel::Channel;
use crate::digest::Digest;
use crate::id::ResetId;
use crate::locale::Locale;
use crate::secret::Code;

/// The service as the person knows it: named in every message, and the one origin of every link.
#[derive(Clone, Debug)]
pub struct Site {
    name: String,
    base_url: String,
    realm: Option<String>,
}

impl Site {
    /// Names the service, and says where its reset pages are: an `https` URL without query or fragment (`http` for
    /// loopback alone). `build()` refuses anything else (R47).
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self { name: name.into(), base_url: base_url.into(), realm: None }
    }

    /// Names the realm that secrets are made for; the base URL unless said. Two applications, or two tenants, that
    /// share keys need two realms.
    #[must_use]
    pub fn with_realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// The name of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its reset pages are, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.trim_end_matches('/')
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.realm.as_deref().unwrap_or_else(|| self.base_url())
    }
}

/// A URL with a secret in its fragment.
pub struct SecretUrl(Zeroizing<String>);

impl SecretUrl {
    /// `{base}/{page}#{secret}`: a fragment is sent neither in a request nor in a `Referer` (R53).
    #[must_use]
    pub fn new(site: &Site, page: &str, secret: &str) -> Self {
        let base = site.base_url();
        let length = base.len().saturating_add(page.len()).saturating_add(secret.len()).saturating_add(2);
        let mut url = Zeroizing::new(String::with_capacity(length));
        for part in [base, "/", page, "#", secret] {
            url.push_str(part);
        }
        Self(url)
    }

    /// The URL.
    ///
    /// # Security
    /// Whoever has it has the secret: it belongs into the message, and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(…)")
    }
}

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
    /// A message; the service makes them, and tests of notifiers.
    #[must_use]
    pub fn new(id: Digest, reset: ResetId, to: Contact, locale: Locale, site: Site, body: MessageBody) -> Self {
        Self { id, reset, to, locale, site, body }
    }

    /// The same for the same message after a crash, and different for every other; no secret.
    #[must_use]
    pub fn id(&self) -> &Digest {
        &self.id
    }

    /// The reset that it belongs to; no secret. A transport that reports later what became of a message can carry it.
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

    /// The service.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What it says.
    #[must_use]
    pub fn body(&self) -> &MessageBody {
        &self.body
    }
}

/// What a message says.
#[derive(Debug)]
#[non_exhaustive]
pub enum MessageBody {
    /// "You asked for a new password": link, code, and what to do if it was not you.
    ResetLink(ResetLink),
    /// "An administrator asked that you set a new password": a link, and what to do if you know nothing of it.
    AdminLink(AdminLink),
    /// A code to be typed on the page that asked: by WhatsApp, whose templates can carry no link.
    Code(CodeMessage),
    /// The answer to an inbound message: a code to be typed on the page that asked.
    ReplyCode(CodeMessage),
    /// The answer to an inbound message: a link that goes on on the phone.
    ReplyLink(ReplyLink),
    /// A code for whoever brought a first proof, as the second.
    StepUpCode(StepUpCode),
    /// "A message from your WhatsApp number has just proved a reset": to the other contacts.
    ResetProved(ResetProved),
    /// "An administrator asked that you set a new password": to the contacts that got no link.
    AdminAsked(AdminAsked),
    /// "A code to reset your password was asked for": to the contacts that did not get it.
    CodeAsked(CodeAsked),
    /// "The reset was cancelled."
    ResetCancelled(ResetCancelled),
    /// "Your password was changed."
    PasswordChanged(PasswordChanged),
    /// "Your account is locked", because its owner disowned a password.
    AccountLocked(AccountLocked),
    /// "This address or number does not belong to your account any more": to the contact that was.
    ContactChanged(ContactChanged),
    /// "Is this address or number yours?", to the contact that an account is to have.
    ConfirmContact(ConfirmContact),
}

/// The parts of a reset message.
#[derive(Debug)]
#[non_exhaustive]
pub struct ResetLink {
    /// Opens the reset.
    pub link: SecretUrl,
    /// To be typed on the page that asked.
    pub code: Code,
    /// "This was not me."
    pub cancel: SecretUrl,
    /// How long the link lives, from when it was made.
    pub link_lives: Duration,
    /// How long the code lives, from when it was made.
    pub code_lives: Duration,
    /// When the reset was asked for.
    pub asked_at: DateTime<Utc>,
}

impl ResetLink {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(
        link: SecretUrl,
        code: Code,
        cancel: SecretUrl,
        link_lives: Duration,
        code_lives: Duration,
        asked_at: DateTime<Utc>,
    ) -> Self {
        Self { link, code, cancel, link_lives, code_lives, asked_at }
    }
}

/// The parts of a message that an administrator asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct AdminLink {
    /// Opens the reset.
    pub link: SecretUrl,
    /// "I do not want this."
    pub cancel: SecretUrl,
    /// How long the link lives, from when it was made.
    pub link_lives: Duration,
    /// When the reset was asked for.
    pub asked_at: DateTime<Utc>,
}

impl AdminLink {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(link: SecretUrl, cancel: SecretUrl, link_lives: Duration, asked_at: DateTime<Utc>) -> Self {
        Self { link, cancel, link_lives, asked_at }
    }
}

/// The parts of a message with a code alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct CodeMessage {
    /// To be typed on the page that asked.
    pub code: Code,
    /// How long it lives, from when it was made.
    pub lives: Duration,
    /// When the reset was asked for.
    pub asked_at: DateTime<Utc>,
    /// "This was not me", for texts that can carry a link.
    pub cancel: Option<SecretUrl>,
}

impl CodeMessage {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(code: Code, lives: Duration, asked_at: DateTime<Utc>) -> Self {
        Self { code, lives, asked_at, cancel: None }
    }

    /// Adds "this was not me".
    #[must_use]
    pub fn with_cancel(mut self, cancel: SecretUrl) -> Self {
        self.cancel = Some(cancel);
        self
    }
}

/// The parts of a message with the code of a second proof.
#[derive(Debug)]
#[non_exhaustive]
pub struct StepUpCode {
    /// To be typed where the first proof was brought.
    pub code: Code,
    /// How long it lives, from when it was made.
    pub lives: Duration,
    /// When the reset was asked for.
    pub asked_at: DateTime<Utc>,
    /// "This was not me."
    pub cancel: SecretUrl,
}

impl StepUpCode {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(code: Code, lives: Duration, asked_at: DateTime<Utc>, cancel: SecretUrl) -> Self {
        Self { code, lives, asked_at, cancel }
    }
}

/// The parts of a reply with a link.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReplyLink {
    /// Opens the reset.
    pub link: SecretUrl,
    /// How long it lives, from when it was made.
    pub lives: Duration,
    /// When the reset was asked for.
    pub asked_at: DateTime<Utc>,
    /// "This was not me", for texts that can carry a link.
    pub cancel: Option<SecretUrl>,
}

impl ReplyLink {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(link: SecretUrl, lives: Duration, asked_at: DateTime<Utc>) -> Self {
        Self { link, lives, asked_at, cancel: None }
    }

    /// Adds "this was not me".
    #[must_use]
    pub fn with_cancel(mut self, cancel: SecretUrl) -> Self {
        self.cancel = Some(cancel);
        self
    }
}

/// The parts of a notice that a message proved a reset.
#[derive(Debug)]
#[non_exhaustive]
pub struct ResetProved {
    /// When.
    pub at: DateTime<Utc>,
    /// "This was not me."
    pub cancel: SecretUrl,
    /// How long that can be said.
    pub cancel_lives: Duration,
}

impl ResetProved {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(at: DateTime<Utc>, cancel: SecretUrl, cancel_lives: Duration) -> Self {
        Self { at, cancel, cancel_lives }
    }
}

/// The parts of a notice that an administrator asked for a reset.
#[derive(Debug)]
#[non_exhaustive]
pub struct AdminAsked {
    /// When.
    pub at: DateTime<Utc>,
    /// "I do not want this."
    pub cancel: SecretUrl,
    /// How long that can be said.
    pub cancel_lives: Duration,
}

impl AdminAsked {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(at: DateTime<Utc>, cancel: SecretUrl, cancel_lives: Duration) -> Self {
        Self { at, cancel, cancel_lives }
    }
}

/// The parts of a notice that a code was sent to the account's WhatsApp number: the message there has a fixed text, which
/// does not say what the code is for (R138).
#[derive(Debug)]
#[non_exhaustive]
pub struct CodeAsked {
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// "I do not want this."
    pub cancel: SecretUrl,
    /// How long that can be said.
    pub cancel_lives: Duration,
}

impl CodeAsked {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(at: DateTime<Utc>, cancel: SecretUrl, cancel_lives: Duration) -> Self {
        Self { at, cancel, cancel_lives }
    }
}

/// The parts of a notice that a reset was cancelled. No secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct ResetCancelled {
    /// When the reset was asked for.
    pub asked_at: DateTime<Utc>,
    /// Where somebody starts another.
    pub ask_url: String,
}

impl ResetCancelled {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(asked_at: DateTime<Utc>, ask_url: impl Into<String>) -> Self {
        Self { asked_at, ask_url: ask_url.into() }
    }
}

/// The parts of a notice that a contact was changed, to the one that was. No secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct ContactChanged {
    /// When.
    pub at: DateTime<Utc>,
    /// Where the service is: who did not change it must turn to the people behind it.
    pub ask_url: String,
}

impl ContactChanged {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(at: DateTime<Utc>, ask_url: impl Into<String>) -> Self {
        Self { at, ask_url: ask_url.into() }
    }
}

/// The parts of the message that asks whether a new contact is whose account it is for. Applications have it sent by
/// [`PasswordReset::send_confirmation`](crate::PasswordReset::send_confirmation).
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfirmContact {
    /// Leads to a page of the application that asks, and confirms on a press.
    pub link: SecretUrl,
    /// How long it lives, from when it was made.
    pub lives: Duration,
    /// When the change was asked for.
    pub asked_at: DateTime<Utc>,
}

impl ConfirmContact {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(link: SecretUrl, lives: Duration, asked_at: DateTime<Utc>) -> Self {
        Self { link, lives, asked_at }
    }
}

/// The parts of a notice that an account is frozen. No secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct AccountLocked {
    /// When its owner said that they did not set the password.
    pub at: DateTime<Utc>,
    /// How the password was proved that they disowned. For a while nothing goes that way, so the way on is another.
    pub by: Channel,
    /// Where somebody starts a reset.
    pub ask_url: String,
}

impl AccountLocked {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(at: DateTime<Utc>, by: Channel, ask_url: impl Into<String>) -> Self {
        Self { at, by, ask_url: ask_url.into() }
    }
}

/// A link that freezes an account whose owner did not set its password.
#[derive(Debug)]
#[non_exhaustive]
pub struct LockLink {
    /// Leads to a page that asks, and freezes on a press.
    pub url: SecretUrl,
    /// How long it lives, from when the password was changed.
    pub lives: Duration,
}

impl LockLink {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(url: SecretUrl, lives: Duration) -> Self {
        Self { url, lives }
    }
}

/// The parts of a notice that the password was changed (R101).
#[derive(Debug)]
#[non_exhaustive]
pub struct PasswordChanged {
    /// When.
    pub at: DateTime<Utc>,
    /// Where somebody starts a reset who did not change it.
    pub ask_url: String,
    /// How it was proved whose account it is.
    pub by: Option<Channel>,
    /// "This was not me": freezes the account, without a login.
    pub lock: Option<LockLink>,
    /// From where, in a few words of the application: letters, digits, spaces and `-,()` only, at most 80. Part of it may
    /// be what a browser says of itself.
    pub device: Option<String>,
}

impl PasswordChanged {
    /// What every such notice has; see the fields.
    #[must_use]
    pub fn new(at: DateTime<Utc>, ask_url: impl Into<String>) -> Self {
        Self { at, ask_url: ask_url.into(), by: None, lock: None, device: None }
    }

    /// Says how it was proved whose account it is.
    #[must_use]
    pub fn by(mut self, channel: Channel) -> Self {
        self.by = Some(channel);
        self
    }

    /// Carries a way to disown it.
    #[must_use]
    pub fn lock(mut self, lock: LockLink) -> Self {
        self.lock = Some(lock);
        self
    }

    /// Says from where.
    #[must_use]
    pub fn from_device(mut self, words: Option<&str>) -> Self {
        self.device = words.map(str::to_owned);
        self
    }
}
