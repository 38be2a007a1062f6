//! Messages that users send to the service's WhatsApp number.

mod text;

use std::fmt;

use chrono::{DateTime, Utc};
use url::form_urlencoded::byte_serialize;

pub(crate) use self::text::code_in;
use crate::flow::channel::InboundMode;
use crate::identity::identifier::{BadIdentifier, Identifier};
use crate::identity::locale::Locale;
use crate::message::Site;
use crate::secret::InboundCode;
use crate::texts::Languages;

/// How reliably a provider identifies the sender of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Assurance {
    /// Not at all: an attacker who knows the webhook's address can send messages in any user's name.
    None,
    /// The provider sends a shared secret that is not bound to the message.
    SharedSecret,
    /// The provider signs all bytes of every message.
    Signed,
}

/// How inbound messages are handled. There is no default: the modes differ in what they protect against, so choose one
/// explicitly.
#[derive(Clone, Debug)]
pub struct Inbound {
    number: String,
    mode: InboundMode,
    least: Assurance,
    bare_code: bool,
    unmarked_forwards: bool,
}

impl Inbound {
    /// The message proves the number. The service sends no reply, and the waiting page moves on by itself.
    ///
    /// # Security
    /// Does not stop relay phishing: an attacker who talks the owner into sending the text on the *attacker's* page can set
    /// the password. The service notifies the owner's other contacts at once, with a link that cancels the reset. The other
    /// two modes stop relay phishing, for the price of a reply.
    ///
    /// # Errors
    /// When `number`, the service's own, is not a phone number in international form.
    pub fn page_advances(number: &str) -> Result<Self, BadIdentifier> {
        Self::new(number, InboundMode::PageAdvances, true)
    }

    /// The service replies with a code of six digits, to type on the page where the requester asked.
    ///
    /// # Errors
    /// As [`page_advances`](Self::page_advances).
    pub fn type_back(number: &str) -> Result<Self, BadIdentifier> {
        Self::new(number, InboundMode::TypeBack, false)
    }

    /// The service replies with a link, and the reset continues on the phone. Stops relay phishing best.
    ///
    /// # Errors
    /// As [`page_advances`](Self::page_advances).
    pub fn continue_on_phone(number: &str) -> Result<Self, BadIdentifier> {
        Self::new(number, InboundMode::ContinueOnPhone, false)
    }

    fn new(number: &str, mode: InboundMode, bare_code: bool) -> Result<Self, BadIdentifier> {
        // Kept as given: of the two forms of some numbers, links and users need the one that can be dialled.
        international(number)?;
        let number = format!("+{}", number.trim_start_matches('+'));
        Ok(Self { number, mode, least: Assurance::Signed, bare_code, unmarked_forwards: false })
    }

    /// Accepts messages of less assurance; the default is [`Assurance::Signed`].
    ///
    /// # Security
    /// With [`Assurance::None`], an attacker who finds the webhook can take over any account with a phone number.
    #[must_use]
    pub fn trusting(mut self, least: Assurance) -> Self {
        self.least = least;
        self
    }

    /// Accepts a provider that does not say whether a message was forwarded, although a message alone proves a reset
    /// ([`page_advances`](Self::page_advances)).
    ///
    /// # Security
    /// An attacker opens the page with an owner's number and sends the owner the drafted text. If the owner forwards it to the
    /// service, the attacker's page moves on and sets the password.
    #[must_use]
    pub fn with_unmarked_forwards(mut self) -> Self {
        self.unmarked_forwards = true;
        self
    }

    /// Sets whether `kodeXXXXXX` is enough without the sentence that states its purpose. The default is on for
    /// [`page_advances`](Self::page_advances), whose users are used to it, and off for the other modes.
    #[must_use]
    pub fn with_bare_code(mut self, accepted: bool) -> Self {
        self.bare_code = accepted;
        self
    }

    /// The service's number, in E.164 form.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The effect of a message.
    #[must_use]
    pub fn mode(&self) -> InboundMode {
        self.mode
    }

    /// The least assurance that is accepted.
    #[must_use]
    pub fn least_assurance(&self) -> Assurance {
        self.least
    }

    /// Whether the code is accepted without the sentence.
    #[must_use]
    pub fn takes_bare_code(&self) -> bool {
        self.bare_code
    }

    /// Whether a provider is accepted that does not say whether a message was forwarded.
    #[must_use]
    pub fn takes_unmarked_forwards(&self) -> bool {
        self.unmarked_forwards
    }
}

/// The instructions on a waiting page; the same each time it is loaded.
///
/// Not a secret: the code has an effect only in a message from the number that the requester typed, and only for the
/// browser with the requester token.
#[derive(Clone, Debug)]
pub struct Challenge {
    mode: InboundMode,
    number: String,
    code: String,
    bare_code: bool,
    site_name: String,
    languages: Languages,
}

impl Challenge {
    pub(crate) fn new(inbound: &Inbound, mode: InboundMode, site: &Site, code: &InboundCode) -> Self {
        Self {
            mode,
            number: inbound.number.clone(),
            code: format!("{}{}", text::PREFIX, code.as_str()),
            bare_code: inbound.bare_code,
            site_name: site.name().to_owned(),
            languages: site.languages().clone(),
        }
    }

    /// The effect of the message.
    #[must_use]
    pub fn mode(&self) -> InboundMode {
        self.mode
    }

    /// The number to send the message to, in E.164 form.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The code: `kodeXXXXXX`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether [`code`](Self::code) is enough; otherwise the message must be the whole [`text`](Self::text).
    #[must_use]
    pub fn takes_bare_code(&self) -> bool {
        self.bare_code
    }

    /// The text to send: names the service and the purpose, and ends with the code.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        format!("{} {}", text::sentence(self.languages.get(locale), &self.site_name), self.code)
    }

    /// The link that opens WhatsApp with the drafted text: `https://wa.me/…`, short enough for a QR code.
    #[must_use]
    pub fn wa_me(&self, locale: Locale) -> String {
        let digits = self.number.trim_start_matches('+');
        let text: String = byte_serialize(self.text(locale).as_bytes()).collect();
        // Not every phone reads a plus as a space.
        format!("https://wa.me/{digits}?text={}", text.replace('+', "%20"))
    }
}

/// The sender of a message, as the provider identifies them.
#[derive(Clone)]
pub struct Sender {
    pub(crate) phone: Option<Identifier>,
    pub(crate) id: Option<String>,
}

impl Sender {
    /// WhatsApp's user ids have a country code and up to 128 characters.
    const MAX_ID_BYTES: usize = 160;

    /// A number: digits with or without a plus, always with the country code.
    ///
    /// # Errors
    /// When it is not a phone number.
    pub fn phone(number: &str) -> Result<Self, BadIdentifier> {
        Ok(Self { phone: Some(international(number)?), id: None })
    }

    /// A number, and the platform's id of its user for this business.
    ///
    /// # Errors
    /// When the first is not a phone number, or the second not a user id.
    pub fn phone_and_id(number: &str, id: &str) -> Result<Self, BadIdentifier> {
        Ok(Self { phone: Some(international(number)?), id: Some(platform_id(id)?) })
    }

    /// Only the platform's user id, because the platform withholds the number. The service accepts it if an earlier
    /// accepted message carried both.
    ///
    /// # Errors
    /// When it is not a user id.
    pub fn id(id: &str) -> Result<Self, BadIdentifier> {
        Ok(Self { phone: None, id: Some(platform_id(id)?) })
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("phone", &self.phone.is_some())
            .field("id", &self.id.is_some())
            .finish_non_exhaustive()
    }
}

/// Reads a number with its country code, with or without a plus.
fn international(number: &str) -> Result<Identifier, BadIdentifier> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return Err(BadIdentifier::NotAPhone);
    }
    Identifier::phone(&format!("+{digits}"), None)
}

fn platform_id(id: &str) -> Result<String, BadIdentifier> {
    match id {
        "" => Err(BadIdentifier::Empty),
        id if id.len() > Sender::MAX_ID_BYTES => Err(BadIdentifier::TooLong),
        id if !id.bytes().all(|byte| byte.is_ascii_graphic()) => Err(BadIdentifier::Invisible),
        id => Ok(id.to_owned()),
    }
}

/// A text message from a provider's adapter, which has checked that it is authentic, direct, from a user and to the
/// service's number.
#[derive(Clone)]
pub struct InboundMessage {
    pub(crate) assurance: Assurance,
    pub(crate) sender: Sender,
    pub(crate) sent_at: DateTime<Utc>,
    pub(crate) text: String,
    pub(crate) forwarded: bool,
    pub(crate) identity: Option<String>,
}

impl InboundMessage {
    /// A message; `sent_at` is the provider's time of sending, not the time of arrival.
    #[must_use]
    pub fn new(assurance: Assurance, sender: Sender, sent_at: DateTime<Utc>, text: impl Into<String>) -> Self {
        Self { assurance, sender, sent_at, text: text.into(), forwarded: false, identity: None }
    }

    /// Marks the message as forwarded. The service refuses it, because its sender did not write it.
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }

    /// Adds the platform's hash of the sender's keys. It changes with the phone, and when another user takes over the
    /// number; the [`RiskPolicy`](crate::ports::RiskPolicy) learns of the change.
    #[must_use]
    pub fn with_identity(mut self, hash: impl Into<String>) -> Self {
        self.identity = Some(hash.into());
        self
    }
}

impl fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMessage")
            .field("assurance", &self.assurance)
            .field("sender", &self.sender)
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

/// The effect of a message. For logs only: the sender gets the same answer in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// The message proved its reset; the waiting page moves on.
    Proved,
    /// The message belongs to a reset, and the worker will reply.
    MessageReceived,
    /// Ordinary chat; nothing was looked up.
    NoCode,
    /// The message had no effect, for this reason.
    Ignored(&'static str),
}

/// The delivery status that a provider reports after it accepted a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryReport {
    /// The message is on the recipient's phone.
    Delivered,
    /// No message to this contact can be delivered: there is no such number or mailbox.
    NoSuchContact {
        /// As for [`Failed`](Self::Failed).
        why: String,
    },
    /// The message will not be delivered.
    Failed {
        /// A short reason without a number or an address, such as `131026`. Administrators read `complaint`, `suppressed`,
        /// `blocked` and enhanced status codes (`5.2.2`) in words.
        why: String,
    },
}

#[cfg(test)]
mod tests;
