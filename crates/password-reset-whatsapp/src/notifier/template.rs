//! Templates, which providers approve one by one.

use chrono::{DateTime, Utc};
use password_reset::{Locale, Message, MessageBody};

use super::Content;
use crate::error::WhatsAppConfigError;

/// A template in the languages in which it was approved.
///
/// A message in a language that it does not have is sent in the one that was named first.
#[derive(Clone, Debug)]
pub struct Template {
    first: (Locale, Version),
    others: Vec<(Locale, Version)>,
}

/// A template in one language, as the provider's API names it.
#[derive(Clone, Debug)]
pub(crate) enum Version {
    Meta { name: String, language: String },
    Twilio { content_sid: String },
}

impl Template {
    /// A template of Meta's, by its name and the code of its language: `id`, `en`, `en_US`.
    #[must_use]
    pub fn meta(name: &str, locale: Locale, language: &str) -> Self {
        Self { first: (locale, Version::meta(name, language)), others: Vec::new() }
    }

    /// The same in another language.
    #[must_use]
    pub fn and_meta(mut self, name: &str, locale: Locale, language: &str) -> Self {
        self.others.push((locale, Version::meta(name, language)));
        self
    }

    /// A content template of Twilio's: `HX…`.
    #[must_use]
    pub fn twilio(content_sid: &str, locale: Locale) -> Self {
        Self { first: (locale, Version::twilio(content_sid)), others: Vec::new() }
    }

    /// The same in another language.
    #[must_use]
    pub fn and_twilio(mut self, content_sid: &str, locale: Locale) -> Self {
        self.others.push((locale, Version::twilio(content_sid)));
        self
    }

    pub(super) fn check(&self, twilio: bool) -> Result<(), &'static str> {
        for (_, version) in self.versions() {
            let is_name = |text: &str, more: &str| {
                (1..=512).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.as_bytes().contains(&byte))
            };
            match version {
                Version::Meta { .. } if twilio => return Err("Twilio knows templates by content SIDs (HX…)"),
                Version::Twilio { .. } if !twilio => return Err("Meta knows templates by name and language"),
                Version::Meta { name, language } if !is_name(name, "_") || !is_name(language, "_") => {
                    return Err("name and language are letters, digits and underscores");
                }
                Version::Twilio { content_sid } if !content_sid.starts_with("HX") || !is_name(content_sid, "") => {
                    return Err("a content SID is HX and 32 characters");
                }
                Version::Meta { .. } | Version::Twilio { .. } => {}
            }
        }
        Ok(())
    }

    pub(super) fn version(&self, locale: Locale) -> &Version {
        self.versions().find(|(known, _)| *known == locale).map_or(&self.first.1, |(_, version)| version)
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

/// The notices that have a template of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// "Your password was changed."
    PasswordChanged,
    /// "A message from your WhatsApp number has just proved a reset."
    ResetProved,
    /// "An administrator asked that you set a new password."
    AdminAsked,
    /// "A code to reset your password went to another number of yours."
    CodeAsked,
    /// "A reset was cancelled."
    ResetCancelled,
    /// "This number does not belong to your account any more."
    ContactChanged,
    /// "Your account is locked."
    AccountLocked,
    /// "Is this number yours?", to the number that an account is to have. Without the template no number is confirmed.
    ConfirmContact,
    /// "An administrator asked that you set a new password", with the link: where there is no mailbox for it.
    AdminLink,
}

/// What a field of a notice's template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeField {
    /// The name of the service.
    Service,
    /// When it happened, in UTC.
    At,
    /// Where somebody starts a reset ([`Notice::PasswordChanged`], [`Notice::ResetCancelled`],
    /// [`Notice::ContactChanged`], [`Notice::AccountLocked`]).
    AskUrl,
    /// "This was not me" ([`Notice::ResetProved`], [`Notice::CodeAsked`], [`Notice::AdminAsked`],
    /// [`Notice::AdminLink`]). It has a secret in it.
    CancelUrl,
    /// Where it goes on ([`Notice::ConfirmContact`], [`Notice::AdminLink`]). It has a secret in it.
    LinkUrl,
    /// Where somebody locks the account who did not change the password ([`Notice::PasswordChanged`]); the same as
    /// [`AskUrl`](Self::AskUrl) where accounts cannot be locked. It has a secret in it.
    LockUrl,
}

/// A template for a notice.
#[derive(Debug)]
pub(super) struct NoticeTemplate {
    notice: Notice,
    template: Template,
    fields: Vec<NoticeField>,
}

impl NoticeTemplate {
    pub(super) fn new(notice: Notice, template: Template, fields: &[NoticeField]) -> Result<Self, WhatsAppConfigError> {
        let has = |field: &NoticeField| match (field, notice) {
            (NoticeField::Service | NoticeField::At, _) => true,
            (NoticeField::CancelUrl, Notice::ResetProved | Notice::CodeAsked) => true,
            (NoticeField::CancelUrl, Notice::AdminAsked | Notice::AdminLink) => true,
            (NoticeField::AskUrl, Notice::PasswordChanged | Notice::ResetCancelled) => true,
            (NoticeField::AskUrl, Notice::ContactChanged | Notice::AccountLocked) => true,
            (NoticeField::LockUrl, Notice::PasswordChanged) => true,
            (NoticeField::LinkUrl, Notice::ConfirmContact | Notice::AdminLink) => true,
            (NoticeField::CancelUrl | NoticeField::AskUrl | NoticeField::LockUrl | NoticeField::LinkUrl, _) => false,
        };
        if !fields.iter().all(has) {
            return Err(WhatsAppConfigError::new("notice template", "this notice has no such field"));
        }
        Ok(Self { notice, template, fields: fields.to_vec() })
    }

    pub(super) fn notice(&self) -> Notice {
        self.notice
    }

    /// What to send, if this is the template of the message.
    pub(super) fn content<'a>(&'a self, message: &Message, body: &MessageBody) -> Option<Content<'a>> {
        let (at, url, more) = match (self.notice, body) {
            (Notice::PasswordChanged, MessageBody::PasswordChanged(notice)) => {
                let lock = notice.lock.as_ref().map_or(notice.ask_url.as_str(), |lock| lock.url.expose());
                (notice.at, notice.ask_url.as_str(), lock)
            }
            (Notice::ResetProved, MessageBody::ResetProved(notice)) => (notice.at, notice.cancel.expose(), ""),
            (Notice::CodeAsked, MessageBody::CodeAsked(notice)) => (notice.at, notice.cancel.expose(), ""),
            (Notice::AdminAsked, MessageBody::AdminAsked(notice)) => (notice.at, notice.cancel.expose(), ""),
            (Notice::ResetCancelled, MessageBody::ResetCancelled(notice)) => {
                (notice.asked_at, notice.ask_url.as_str(), "")
            }
            (Notice::ContactChanged, MessageBody::ContactChanged(notice)) => (notice.at, notice.ask_url.as_str(), ""),
            (Notice::AccountLocked, MessageBody::AccountLocked(notice)) => (notice.at, notice.ask_url.as_str(), ""),
            (Notice::ConfirmContact, MessageBody::ConfirmContact(asked)) => (asked.asked_at, "", asked.link.expose()),
            (Notice::AdminLink, MessageBody::AdminLink(asked)) => {
                (asked.asked_at, asked.cancel.expose(), asked.link.expose())
            }
            _ => return None,
        };
        let field = |field: &NoticeField| match field {
            NoticeField::Service => message.site().name().to_owned(),
            NoticeField::At => written(at),
            NoticeField::AskUrl | NoticeField::CancelUrl => url.to_owned(),
            NoticeField::LockUrl | NoticeField::LinkUrl => more.to_owned(),
        };
        let fields = self.fields.iter().map(field).collect();
        Some(Content::Fields { version: self.template.version(message.locale()), fields })
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
