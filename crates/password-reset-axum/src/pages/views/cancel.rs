//! "This was not me".

use super::rendered_by;
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

/// "This was not me": a ticked box and a press.
///
/// No answer holds a secret (R39), so a form that comes back without its tick has lost the link; browsers ask for the
/// tick before they send it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CancelPage<'a> {
    /// What every page has; with a form token.
    pub shell: Shell<'a>,
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

impl<'a> CancelPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().cancel_title
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.problem.is_some()
    }

    pub(in crate::pages) fn not_ticked(&self) -> bool {
        self.problem == Some(CancelProblem::NotTicked)
    }

    pub(in crate::pages) fn unreadable(&self) -> bool {
        self.problem == Some(CancelProblem::Unreadable)
    }
}
