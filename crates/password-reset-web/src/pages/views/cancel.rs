//! "This was not me".

use crate::pages::layout::Layout;

/// "This was not me": a ticked box and a press cancel the request.
///
/// No answer holds a secret, so a form that is shown again without its tick has lost the link; browsers require the
/// tick before they send the form.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CancelPage<'a> {
    /// The layout, with a form token.
    pub layout: Layout<'a>,
    /// Why the form is shown again.
    pub problem: Option<ConfirmProblem>,
}

/// Why a form with a link and a box to tick is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfirmProblem {
    /// The box was not ticked.
    NotTicked,
    /// The field was empty, or not a link of this kind.
    Unreadable,
}
