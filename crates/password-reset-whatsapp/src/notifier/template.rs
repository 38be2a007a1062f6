//! Message templates, which the provider approves one by one.

use password_reset::message::{LinkKind, MessageBody, NoticeKind, unlinked};
use password_reset::{Locale, Message};

use super::Content;
use super::texts::{account, device};
use crate::error::WhatsAppConfigError;

/// The value of a field of which nothing is known: providers refuse a template with an empty one.
const UNKNOWN: &str = "-";

/// A template in the languages for which it is approved.
///
/// A message in another language goes out in the first of them.
#[derive(Clone, Debug)]
pub struct Template {
    first: (Locale, Version),
    others: Vec<(Locale, Version)>,
}

/// A template in one language, as the provider's API identifies it.
#[derive(Clone, Debug)]
pub(crate) enum Version {
    Meta { name: String, language: String },
    Twilio { content_sid: String },
}

/// Where a template is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Meta,
    Twilio,
    Gateway,
}

impl Template {
    /// A template at Meta, by its name and the code of its language: `id`, `en`, `en_US`. At a gateway, by its id there and the
    /// code of its language.
    #[must_use]
    pub fn meta(name: &str, locale: Locale, language: &str) -> Self {
        Self { first: (locale, Version::meta(name, language)), others: Vec::new() }
    }

    /// Adds another language.
    #[must_use]
    pub fn and_meta(mut self, name: &str, locale: Locale, language: &str) -> Self {
        self.others.push((locale, Version::meta(name, language)));
        self
    }

    /// A content template at Twilio: `HX…`.
    #[must_use]
    pub fn twilio(content_sid: &str, locale: Locale) -> Self {
        Self { first: (locale, Version::twilio(content_sid)), others: Vec::new() }
    }

    /// Adds another language.
    #[must_use]
    pub fn and_twilio(mut self, content_sid: &str, locale: Locale) -> Self {
        self.others.push((locale, Version::twilio(content_sid)));
        self
    }

    pub(super) fn check(&self, at: At) -> Result<(), &'static str> {
        // Gateways have ids like 32b18403-e0ee-….
        let more = if at == At::Gateway { "_-" } else { "_" };
        for (_, version) in self.versions() {
            let is_name = |text: &str, more: &str| {
                (1..=512).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.as_bytes().contains(&byte))
            };
            match version {
                Version::Meta { .. } if at == At::Twilio => {
                    return Err("Twilio needs a content SID (HX…): use `Template::twilio`");
                }
                Version::Twilio { .. } if at != At::Twilio => {
                    return Err("Meta and gateways need a name and a language: use `Template::meta`");
                }
                Version::Meta { name, language } if !is_name(name, more) || !is_name(language, "_") => {
                    return Err("name and language must be letters, digits and underscores");
                }
                Version::Twilio { content_sid }
                    if content_sid.len() != 34 || !content_sid.starts_with("HX") || !is_name(content_sid, "") =>
                {
                    return Err("a content SID must be HX and 32 letters and digits");
                }
                Version::Meta { .. } | Version::Twilio { .. } => {}
            }
        }
        Ok(())
    }

    pub(super) fn version(&self, locale: Locale) -> &Version {
        &self.in_language(locale).1
    }

    fn in_language(&self, locale: Locale) -> &(Locale, Version) {
        self.versions().find(|(known, _)| *known == locale).unwrap_or(&self.first)
    }

    fn versions(&self) -> impl Iterator<Item = &(Locale, Version)> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Version {
    fn meta(name: &str, language: &str) -> Self {
        Self::Meta { name: name.to_owned(), language: language.to_owned() }
    }

    fn twilio(content_sid: &str) -> Self {
        Self::Twilio { content_sid: content_sid.to_owned() }
    }
}

/// A message that goes as a utility template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UtilityMessage {
    /// A notice about the account.
    Notice(NoticeKind),
    /// The question whether a new number is the owner's. Without this template no number is confirmed.
    ConfirmContact,
    /// The link to set a new password that an administrator asked for, where no mailbox gets it.
    AdminLink,
}

impl From<NoticeKind> for UtilityMessage {
    fn from(kind: NoticeKind) -> Self {
        Self::Notice(kind)
    }
}

/// The value of a template's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateField {
    /// The name of the service.
    Service,
    /// When the event happened, or when the link was requested, in [`Message::zone`]:
    /// `21 November 2026 at 06:50 UTC`.
    At,
    /// Which account it is: its username, or the name of its owner; `-` where the account has neither. In
    /// [`UtilityMessage::AdminLink`] and in notices, but not in [`NoticeKind::ContactChanged`], which may be read by a stranger.
    Account,
    /// The device that set the password or requested the reset, `-` where it is unknown. In [`NoticeKind::PasswordChanged`],
    /// [`NoticeKind::ResetProved`] and [`NoticeKind::CodeRequested`].
    Device,
    /// The page that starts a reset. In notices, unless they carry a [`CancelUrl`](Self::CancelUrl).
    AskUrl,
    /// Cancels the reset. In [`UtilityMessage::AdminLink`] and in notices about a live reset
    /// ([`NoticeKind::can_cancel`]). Contains a secret.
    CancelUrl,
    /// The link of [`UtilityMessage::ConfirmContact`] and [`UtilityMessage::AdminLink`]. Contains a secret.
    LinkUrl,
    /// Locks the account, in [`NoticeKind::PasswordChanged`]; the same as [`AskUrl`](Self::AskUrl) where the
    /// application cannot lock accounts. Contains a secret.
    LockUrl,
}

/// The template of a utility message, and the values of its fields.
#[derive(Debug)]
pub(super) struct UtilityTemplate {
    message: UtilityMessage,
    template: Template,
    fields: Vec<TemplateField>,
}

impl UtilityTemplate {
    pub(super) fn new(
        message: UtilityMessage,
        template: Template,
        fields: &[TemplateField],
    ) -> Result<Self, WhatsAppConfigError> {
        use UtilityMessage::{AdminLink, ConfirmContact, Notice};
        let has = |field: &TemplateField| match (field, message) {
            (TemplateField::Service | TemplateField::At, _) => true,
            (TemplateField::Account, Notice(kind)) => kind != NoticeKind::ContactChanged,
            (TemplateField::Device, Notice(kind)) => {
                matches!(kind, NoticeKind::PasswordChanged | NoticeKind::ResetProved | NoticeKind::CodeRequested)
            }
            (TemplateField::AskUrl, Notice(kind)) => !kind.can_cancel(),
            (TemplateField::CancelUrl, Notice(kind)) => kind.can_cancel(),
            (TemplateField::LockUrl, Notice(kind)) => kind == NoticeKind::PasswordChanged,
            (TemplateField::Account | TemplateField::CancelUrl, AdminLink)
            | (TemplateField::LinkUrl, AdminLink | ConfirmContact) => true,
            _ => false,
        };
        if !fields.iter().all(has) {
            return Err(WhatsAppConfigError::new("utility template", "this message has no such field"));
        }
        Ok(Self { message, template, fields: fields.to_vec() })
    }

    pub(super) fn message(&self) -> UtilityMessage {
        self.message
    }

    /// The filled-in template, if this is the template of the message.
    pub(super) fn content<'a>(&'a self, message: &Message) -> Option<Content<'a>> {
        let site = message.site();
        let (at, link, action) = match (self.message, message.body()) {
            (UtilityMessage::Notice(kind), MessageBody::Notice(notice)) if notice.kind == kind => {
                (notice.at, "", notice.action.expose_url(site))
            }
            (UtilityMessage::ConfirmContact, MessageBody::ConfirmContact(body)) => {
                (body.asked_at, body.link.expose(), "")
            }
            (UtilityMessage::AdminLink, MessageBody::Link(body)) if matches!(body.kind, LinkKind::Admin) => {
                (body.asked_at, body.link.expose(), body.cancel.expose())
            }
            _ => return None,
        };
        let (locale, version) = self.template.in_language(message.locale());
        let value = |field: &TemplateField| match field {
            TemplateField::Service => site.name().to_owned(),
            TemplateField::At => message.zone().text(at, site.languages().get(*locale)),
            TemplateField::Account => account(message).map_or_else(|| UNKNOWN.to_owned(), unlinked),
            TemplateField::Device => device(message).map_or_else(|| UNKNOWN.to_owned(), unlinked),
            TemplateField::AskUrl => site.start_page().to_owned(),
            TemplateField::CancelUrl | TemplateField::LockUrl => action.to_owned(),
            TemplateField::LinkUrl => link.to_owned(),
        };
        let fields = self.fields.iter().map(value).collect();
        Some(Content::Fields { version, fields })
    }
}
