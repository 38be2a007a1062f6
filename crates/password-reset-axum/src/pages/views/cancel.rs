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
    pub problem: Option<SureProblem>,
}

/// Why a form with a link and a box to tick is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SureProblem {
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
}
