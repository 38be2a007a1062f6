//! The page that the link of a message opens.

use crate::pages::layout::Layout;

/// The page that the link of a message opens. The secret is in the fragment, which browsers do not send: the script
/// or the user puts it into the form, and a press of the button posts it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LinkPage<'a> {
    /// The layout, with a form token.
    pub layout: Layout<'a>,
    /// Why the form is shown again.
    pub problem: Option<LinkProblem>,
}

/// Why the link page is shown again. A well-formed link that proves nothing leads to [`ExpiredPage`](super::ExpiredPage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkProblem {
    /// The field was empty, or not a link of this kind.
    Unreadable,
}
