//! The pages on which a reset ends.

use crate::pages::layout::Layout;
use crate::pages::texts::Sentence;

/// The new password is in force.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DonePage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
}

/// The request is cancelled. The same for a request that was cancelled before (R67).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CancelledPage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
}

/// The secret is invalid, expired, used, closed or unknown; the page is the same for all (R67), and leads to a new start.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ExpiredPage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
}

impl<'a> DonePage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.layout.texts().done_title
    }
}

impl<'a> CancelledPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.layout.texts().cancelled_title
    }
}

impl<'a> ExpiredPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.layout.texts().expired_title
    }
}
