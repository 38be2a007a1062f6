//! "Forgot Password": names the account.

use password_reset::texts::Sentence;

use crate::pages::layout::Layout;
use crate::pages::texts::Texts;

/// A reset method: what the requester types, and how the proof travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResetMethod {
    /// By email address, to which the link is sent.
    Email,
    /// By username; the link is sent to the email address of the account.
    Username,
    /// By WhatsApp number, *from* which the requester sends a code to the service.
    WhatsApp,
    /// By WhatsApp number, to which a code is sent.
    WhatsAppCode,
}

impl ResetMethod {
    /// Every method.
    pub const ALL: &'static [Self] = &[Self::Email, Self::Username, Self::WhatsApp, Self::WhatsAppCode];

    /// The value of the form field `by`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::WhatsApp => "whatsapp",
            Self::WhatsAppCode => "whatsapp-code",
        }
    }

    /// Reads the form field `by`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.code() == code)
    }

    /// Its name on the page.
    pub(in crate::pages) fn name(self, texts: &Texts) -> &Sentence {
        match self {
            Self::Email => &texts.start_by_email,
            Self::Username => &texts.start_by_username,
            Self::WhatsApp => &texts.start_by_whatsapp,
            Self::WhatsAppCode => &texts.start_by_whatsapp_code,
        }
    }

    /// The button that starts a reset.
    pub(in crate::pages) fn button(self, texts: &Texts) -> &Sentence {
        match self {
            Self::Email | Self::Username => &texts.start_link_button,
            Self::WhatsApp => &texts.start_message_button,
            Self::WhatsAppCode => &texts.start_code_button,
        }
    }

    /// Whether the requester types a phone number.
    #[must_use]
    pub const fn is_phone(self) -> bool {
        matches!(self, Self::WhatsApp | Self::WhatsAppCode)
    }
}

/// "Forgot Password": one field that names the account, and links to the other methods.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StartPage<'a> {
    /// The layout, with a form token. Its path is `""` or `"?by=…"`.
    pub layout: Layout<'a>,
    /// The methods on offer, in the site's order.
    pub methods: &'a [ResetMethod],
    /// The method that the form is for; `?by=…` chooses it.
    pub chosen: ResetMethod,
    /// The typed identifier, when the form is shown again.
    pub typed: &'a str,
    /// Why the form is shown again.
    pub problem: Option<StartProblem>,
}

/// Why the start form is shown again. It depends on the typed text alone; no account was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartProblem {
    /// The field was empty.
    Empty,
    /// The text is too long, or not of the form that the method needs.
    Unreadable,
}

impl<'a> StartPage<'a> {
    pub(in crate::pages) fn failed(&self) -> bool {
        self.problem.is_some()
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        match self.chosen {
            ResetMethod::Email => &texts.start_email_lead,
            ResetMethod::Username => &texts.start_username_lead,
            ResetMethod::WhatsApp => &texts.start_whatsapp_lead,
            ResetMethod::WhatsAppCode => &texts.start_whatsapp_code_lead,
        }
    }

    pub(in crate::pages) fn label(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        match self.chosen {
            ResetMethod::Email => &texts.start_email_label,
            ResetMethod::Username => &texts.start_username_label,
            ResetMethod::WhatsApp | ResetMethod::WhatsAppCode => &texts.start_phone_label,
        }
    }

    pub(in crate::pages) fn button(&self) -> &'a Sentence {
        self.chosen.button(self.layout.texts())
    }

    pub(in crate::pages) fn problem_text(&self) -> Option<&'a Sentence> {
        let texts = self.layout.texts();
        Some(match (self.problem?, self.chosen) {
            (StartProblem::Empty, ResetMethod::Email) => &texts.start_empty_email,
            (StartProblem::Empty, ResetMethod::Username) => &texts.start_empty_username,
            (StartProblem::Empty, ResetMethod::WhatsApp | ResetMethod::WhatsAppCode) => &texts.start_empty_phone,
            (StartProblem::Unreadable, ResetMethod::Email) => &texts.start_bad_email,
            (StartProblem::Unreadable, ResetMethod::Username) => &texts.start_bad_username,
            (StartProblem::Unreadable, ResetMethod::WhatsApp | ResetMethod::WhatsAppCode) => &texts.start_bad_phone,
        })
    }

    /// The ids of the elements that describe the field.
    pub(in crate::pages) fn described_by(&self) -> Option<&'static str> {
        match (self.chosen.is_phone(), self.failed()) {
            (true, true) => Some("identifier-hint identifier-error"),
            (true, false) => Some("identifier-hint"),
            (false, true) => Some("identifier-error"),
            (false, false) => None,
        }
    }
}
