//! "Forgot password": naming the account.

use super::rendered_by;
use crate::pages::shell::Shell;
use crate::pages::texts::{Sentence, Texts};

/// A way to ask for a reset, as the ask page offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ask {
    /// An e-mail address is typed, and the link goes there.
    Email,
    /// A username is typed, and the link goes to the address on record.
    Username,
    /// A WhatsApp number is typed, and a code is sent *from* it to the service.
    WhatsApp,
    /// A WhatsApp number is typed, and a code is sent to it.
    WhatsAppCode,
}

impl Ask {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Email, Self::Username, Self::WhatsApp, Self::WhatsAppCode];

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
        Self::ALL.into_iter().find(|ask| ask.code() == code)
    }

    /// What the page calls it.
    pub(in crate::pages) fn name(self, texts: &Texts) -> &Sentence {
        match self {
            Self::Email => &texts.ask_by_email,
            Self::Username => &texts.ask_by_username,
            Self::WhatsApp => &texts.ask_by_whatsapp,
            Self::WhatsAppCode => &texts.ask_by_whatsapp_code,
        }
    }

    /// Whether a phone number is typed.
    #[must_use]
    pub const fn is_phone(self) -> bool {
        matches!(self, Self::WhatsApp | Self::WhatsAppCode)
    }
}

/// "Forgot password": one field that names the account, and links to the other ways.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AskPage<'a> {
    /// What every page has; with a form token. Its path is `""` or `"?by=…"`.
    pub shell: Shell<'a>,
    /// The ways on offer, in the site's order.
    pub ways: &'a [Ask],
    /// The way that the form is for; `?by=…` chooses it.
    pub chosen: Ask,
    /// What was typed, when the form is shown again.
    pub typed: &'a str,
    /// Why it is shown again.
    pub problem: Option<AskProblem>,
}

/// Why the ask form is shown again. About what was typed alone; nothing was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskProblem {
    /// Nothing was typed.
    Empty,
    /// It is too long, or not of the kind that is asked for.
    Unreadable,
}

rendered_by!(AskPage, ask);

impl<'a> AskPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().ask_title
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.problem.is_some()
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        match self.chosen {
            Ask::Email => &texts.ask_email_lead,
            Ask::Username => &texts.ask_username_lead,
            Ask::WhatsApp => &texts.ask_whatsapp_lead,
            Ask::WhatsAppCode => &texts.ask_whatsapp_code_lead,
        }
    }

    pub(in crate::pages) fn shown_ways(&self) -> Vec<ShownWay<'a>> {
        let texts = self.shell.texts();
        let shown = |way: &Ask| ShownWay { code: way.code(), name: way.name(texts), chosen: *way == self.chosen };
        self.ways.iter().map(shown).collect()
    }

    pub(in crate::pages) fn label(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        match self.chosen {
            Ask::Email => &texts.ask_email_label,
            Ask::Username => &texts.ask_username_label,
            Ask::WhatsApp | Ask::WhatsAppCode => &texts.ask_phone_label,
        }
    }

    pub(in crate::pages) fn button(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        match self.chosen {
            Ask::Email | Ask::Username => &texts.ask_link_button,
            Ask::WhatsApp => &texts.continue_button,
            Ask::WhatsAppCode => &texts.ask_code_button,
        }
    }

    pub(in crate::pages) fn problem_text(&self) -> Option<&'a Sentence> {
        let texts = self.shell.texts();
        Some(match (self.problem?, self.chosen) {
            (AskProblem::Empty, Ask::Email) => &texts.ask_empty_email,
            (AskProblem::Empty, Ask::Username) => &texts.ask_empty_username,
            (AskProblem::Empty, Ask::WhatsApp | Ask::WhatsAppCode) => &texts.ask_empty_phone,
            (AskProblem::Unreadable, Ask::Email) => &texts.ask_bad_email,
            (AskProblem::Unreadable, Ask::Username) => &texts.ask_bad_username,
            (AskProblem::Unreadable, Ask::WhatsApp | Ask::WhatsAppCode) => &texts.ask_bad_phone,
        })
    }

    /// The ids of what describes the field.
    pub(in crate::pages) fn described_by(&self) -> Option<&'static str> {
        match (self.chosen.is_phone(), self.failed()) {
            (true, true) => Some("identifier-hint identifier-error"),
            (true, false) => Some("identifier-hint"),
            (false, true) => Some("identifier-error"),
            (false, false) => None,
        }
    }
}

/// A way as the page links to it.
pub(in crate::pages) struct ShownWay<'a> {
    pub(in crate::pages) code: &'static str,
    pub(in crate::pages) name: &'a Sentence,
    pub(in crate::pages) chosen: bool,
}
