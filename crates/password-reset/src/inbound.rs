//! Messages that people send to the service's own WhatsApp number.

mod text;

use std::fmt;

use chrono::{DateTime, Utc};

pub(crate) use self::text::code_in;
use crate::channel::InboundMode;
use crate::identifier::{BadIdentifier, CallingCode, Identifier};
use crate::locale::Locale;
use crate::message::Site;
use crate::secret::InboundCode;

/// How well it is known who sent a message; the provider's adapter says so of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Assurance {
    /// Anybody who knows the address of the webhook can pretend to be anybody.
    None,
    /// The provider sends a shared secret along, which is not bound to the message.
    SharedSecret,
    /// The provider signs every message over all its bytes.
    Signed,
}

/// How the service hears messages. Chosen in so many words, for each mode stops less or more.
#[derive(Clone, Debug)]
pub struct Inbound {
    number: String,
    mode: InboundMode,
    least: Assurance,
    bare_code: bool,
}

impl Inbound {
    /// The message proves the number, no reply comes, and the waiting page moves on by itself.
    ///
    /// # Security
    /// Does not stop relay phishing: whoever talks an owner into sending the text that *their* page shows gets to set
    /// the password. The owner's other contacts are told at once, with a way to cancel. The other two modes stop it,
    /// for the price of a reply.
    ///
    /// # Errors
    /// When `number`, the service's own, is not a phone number in international form.
    pub fn page_advances(number: &str) -> Result<Self, BadIdentifier> {
        Self::new(number, InboundMode::PageAdvances, true)
    }

    /// The service answers with a code of six digits, to be typed on the page that asked.
    ///
    /// # Errors
    /// As [`page_advances`](Self::page_advances).
    pub fn type_back(number: &str) -> Result<Self, BadIdentifier> {
        Self::new(number, InboundMode::TypeBack, false)
    }

    /// The service answers with a link, and the reset goes on where the phone is. Stops relay phishing best.
    ///
    /// # Errors
    /// As [`page_advances`](Self::page_advances).
    pub fn continue_on_phone(number: &str) -> Result<Self, BadIdentifier> {
        Self::new(number, InboundMode::ContinueOnPhone, false)
    }

    fn new(number: &str, mode: InboundMode, bare_code: bool) -> Result<Self, BadIdentifier> {
        // As it was given: of two forms of one telephone, links and people need the one that can be dialled.
        international(number)?;
        let number = format!("+{}", number.trim_start_matches('+'));
        Ok(Self { number, mode, least: Assurance::Signed, bare_code })
    }

    /// Takes messages of less assurance; [`Assurance::Signed`] unless said.
    ///
    /// # Security
    /// With [`Assurance::None`] anybody who finds the webhook can take over any account that has a phone number.
    #[must_use]
    pub fn trusting(mut self, least: Assurance) -> Self {
        self.least = least;
        self
    }

    /// Whether `kodeXXXXXX` by itself is enough, without the sentence that says what it is for. On for
    /// [`page_advances`](Self::page_advances), whose users know it so; off for the other modes.
    #[must_use]
    pub fn with_bare_code(mut self, accepted: bool) -> Self {
        self.bare_code = accepted;
        self
    }

    /// The service's own number, in E.164 form.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// What a message is worth.
    #[must_use]
    pub fn mode(&self) -> InboundMode {
        self.mode
    }

    /// The least assurance that a message must have.
    #[must_use]
    pub fn least_assurance(&self) -> Assurance {
        self.least
    }

    /// Whether the code is accepted without its sentence.
    #[must_use]
    pub fn takes_bare_code(&self) -> bool {
        self.bare_code
    }
}

/// What a waiting page shows: the same each time it is loaded.
///
/// No secret: the code is worth nothing but from the number that was typed, and to the browser that has the handle.
#[derive(Clone, Debug)]
pub struct Challenge {
    mode: InboundMode,
    number: String,
    code: String,
    bare_code: bool,
    site_name: String,
}

impl Challenge {
    pub(crate) fn new(inbound: &Inbound, mode: InboundMode, site: &Site, code: &InboundCode) -> Self {
        Self {
            mode,
            number: inbound.number.clone(),
            code: format!("{}{}", text::PREFIX, code.as_str()),
            bare_code: inbound.bare_code,
            site_name: site.name().to_owned(),
        }
    }

    /// What the message will be worth.
    #[must_use]
    pub fn mode(&self) -> InboundMode {
        self.mode
    }

    /// The number to send it to, in E.164 form.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// `kodeXXXXXX`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether sending [`code`](Self::code) by itself is enough; else it must be all of [`text`](Self::text).
    #[must_use]
    pub fn takes_bare_code(&self) -> bool {
        self.bare_code
    }

    /// The text to send: it names the service and the purpose, and ends in the code (R129).
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        format!("{}{}", text::sentence(locale, &self.site_name), self.code)
    }

    /// Opens WhatsApp with the text drafted: `https://wa.me/…`, short enough for a QR code.
    #[must_use]
    pub fn wa_me(&self, locale: Locale) -> String {
        let digits = self.number.trim_start_matches('+');
        format!("https://wa.me/{digits}?text={}", text::percent_encoded(&self.text(locale)))
    }
}

/// Who sent a message, as the provider says.
#[derive(Clone)]
pub struct Sender {
    pub(crate) phone: Option<Identifier>,
    pub(crate) id: Option<String>,
}

impl Sender {
    /// Longest name that a platform gives a user: WhatsApp's have a country and up to 128 characters.
    const MAX_ID_BYTES: usize = 160;

    /// A number: digits with or without a plus, always with the country.
    ///
    /// # Errors
    /// When it is no phone number.
    pub fn phone(number: &str) -> Result<Self, BadIdentifier> {
        Ok(Self { phone: Some(international(number)?), id: None })
    }

    /// A number, and the name that the platform gives its user for this business.
    ///
    /// # Errors
    /// When the first is no phone number, or the second no such name.
    pub fn phone_and_id(number: &str, id: &str) -> Result<Self, BadIdentifier> {
        Ok(Self { phone: Some(international(number)?), id: Some(platform_id(id)?) })
    }

    /// Only the platform's name: the number is withheld. It counts if an earlier accepted message carried both (R125).
    ///
    /// # Errors
    /// When it is no such name.
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

/// Reads a number that has its country, with or without a plus.
fn international(number: &str) -> Result<Identifier, BadIdentifier> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return Err(BadIdentifier::NotAPhone);
    }
    Identifier::phone(&format!("+{digits}"), CallingCode::INDONESIA)
}

fn platform_id(id: &str) -> Result<String, BadIdentifier> {
    match id {
        "" => Err(BadIdentifier::Empty),
        id if id.len() > Sender::MAX_ID_BYTES => Err(BadIdentifier::TooLong),
        id if !id.bytes().all(|byte| byte.is_ascii_graphic()) => Err(BadIdentifier::Invisible),
        id => Ok(id.to_owned()),
    }
}

/// A message as a provider's adapter hands it over: authenticated, direct, from a user, sent to the service's own
/// number, and a text (R117, R123, R134).
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
    /// A message; `sent_at` is the provider's time, not that of arrival (R122).
    #[must_use]
    pub fn new(assurance: Assurance, sender: Sender, sent_at: DateTime<Utc>, text: impl Into<String>) -> Self {
        Self { assurance, sender, sent_at, text: text.into(), forwarded: false, identity: None }
    }

    /// Says that it was forwarded: somebody else wrote it, and it is refused.
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }

    /// Adds the platform's hash of the sender's keys. It changes with the phone, and with whoever took the number over;
    /// the [`RiskPolicy`](crate::ports::RiskPolicy) is told.
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

/// What became of a message. For logs: whoever sent it is answered the same in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// It proved its reset; the waiting page moves on.
    Proved,
    /// It was heard; a reply is owed.
    MessageReceived,
    /// It is ordinary chat; nothing was looked up.
    NoCode,
    /// It changed nothing; why.
    Ignored(&'static str),
}

/// What a provider says later of a message that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryReport {
    /// It is on the recipient's phone.
    Delivered,
    /// It will never be, and no other will: there is no such number or mailbox.
    NoSuchContact {
        /// As for [`Failed`](Self::Failed).
        why: String,
    },
    /// It will never be.
    Failed {
        /// A short reason without a number or an address, such as `131026`.
        why: String,
    },
}

#[cfg(test)]
mod tests;
