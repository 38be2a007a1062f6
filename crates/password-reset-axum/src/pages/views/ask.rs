//! "Forgot password": naming the account.

use super::rendered_by;
use crate::pages::shell::Shell;

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
