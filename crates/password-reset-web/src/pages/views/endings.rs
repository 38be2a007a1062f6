//! The pages on which a reset ends.

use password_reset::texts::Sentence;

use crate::pages::layout::Layout;

/// The new password is in force.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DonePage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
}

/// The request is cancelled. The same for a request that was cancelled before.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CancelledPage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
}

/// The secret is invalid, expired, used, closed or unknown; the page is the same for all, and leads to a new start.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ExpiredPage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
    /// What the secret was for.
    pub purpose: ExpiredPurpose,
}

/// What an expired secret was for. It depends on the page that took the secret alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiredPurpose {
    /// Creating a new password.
    Reset,
    /// Cancelling a request: the reader did not ask for a new password.
    Cancel,
    /// Locking the account: the reader did not change the password.
    Lock,
}

impl ExpiredPurpose {
    /// The path of the page.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Reset => "/expired",
            Self::Cancel => "/expired?of=cancel",
            Self::Lock => "/expired?of=lock",
        }
    }

    /// Reads the query of [`path`](Self::path).
    pub(crate) fn from_query(of: Option<&str>) -> Self {
        match of {
            Some("cancel") => Self::Cancel,
            Some("lock") => Self::Lock,
            _ => Self::Reset,
        }
    }
}

impl<'a> ExpiredPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        match self.purpose {
            ExpiredPurpose::Reset => &texts.expired_title,
            ExpiredPurpose::Cancel => &texts.not_cancelled_title,
            ExpiredPurpose::Lock => &texts.not_locked_title,
        }
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        match self.purpose {
            ExpiredPurpose::Reset => &texts.expired_lead,
            ExpiredPurpose::Cancel => &texts.not_cancelled_lead,
            ExpiredPurpose::Lock => &texts.not_locked_lead,
        }
    }

    /// The button that leads to the start page; a reader who did not ask for a new password needs none.
    pub(in crate::pages) fn button(&self) -> Option<&'a Sentence> {
        let texts = self.layout.texts();
        match self.purpose {
            ExpiredPurpose::Reset => Some(&texts.start_again),
            ExpiredPurpose::Cancel => None,
            ExpiredPurpose::Lock => Some(&texts.not_locked_button),
        }
    }
}
