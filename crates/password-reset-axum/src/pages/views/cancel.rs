//! "This was not me".

use super::rendered_by;
use crate::pages::shell::Shell;

/// "This was not me": a ticked box and a press.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CancelPage<'a> {
    /// What every page has; with a form token.
    pub shell: Shell<'a>,
    /// The link that was posted, when the form is shown again because the box was not ticked; empty else.
    pub link: &'a str,
    /// Why it is shown again.
    pub problem: Option<CancelProblem>,
}

/// Why the cancel form is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelProblem {
    /// The box was not ticked.
    NotTicked,
    /// Nothing was pasted, or no link of this kind.
    Unreadable,
}

rendered_by!(CancelPage, cancel);
