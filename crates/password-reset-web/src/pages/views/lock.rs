//! "I did not change this password".

use super::cancel::ConfirmProblem;
use super::start::ResetMethod;
use crate::pages::layout::Layout;

/// "I did not change this password": a ticked box and a press lock the account. As on
/// [`CancelPage`](super::CancelPage), no answer holds the secret.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LockPage<'a> {
    /// The layout, with a form token.
    pub layout: Layout<'a>,
    /// Why the form is shown again.
    pub problem: Option<ConfirmProblem>,
}

/// The account is locked, or about to be.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LockedPage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
    /// The site's reset methods other than those of the channel that the reported reset used. They reveal nothing about
    /// the account. There may be none.
    pub methods: &'a [ResetMethod],
}
