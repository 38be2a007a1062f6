//! Where the link of a message lands.

use super::rendered_by;
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

/// Where the link of a message lands. Its secret is in the fragment, which never reaches the server by itself: a press
/// of the button posts it (R51), put into the form by the script, or pasted by the person.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LinkPage<'a> {
    /// What every page has; with a form token.
    pub shell: Shell<'a>,
    /// Why the page is shown again.
    pub problem: Option<LinkProblem>,
}

/// Why the link page is shown again. A link that is well formed and proves nothing leads to
/// [`ExpiredPage`](super::ExpiredPage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkProblem {
    /// Nothing was pasted, or no link of this kind.
    Unreadable,
}

rendered_by!(LinkPage, link);

impl<'a> LinkPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().link_title
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.problem.is_some()
    }
}
