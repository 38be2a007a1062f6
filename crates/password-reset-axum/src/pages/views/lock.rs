//! "I did not change this password".

use super::{Ask, SureProblem, rendered_by};
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

/// "I did not change this password", after it was changed: a ticked box and a press freeze the account. As on
/// [`CancelPage`](super::CancelPage), no answer holds the secret.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LockPage<'a> {
    /// What every page has; with a form token.
    pub shell: Shell<'a>,
    /// Why it is shown again.
    pub problem: Option<SureProblem>,
}

/// The account is frozen, or will be in a moment.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LockedPage<'a> {
    /// What every page has.
    pub shell: Shell<'a>,
    /// The ways to ask for a new password that do not lead to where the disowned one was proved. They are those of the
    /// site, and say nothing of the account. There may be none.
    pub ways: &'a [Ask],
}

rendered_by!(LockPage, lock);
rendered_by!(LockedPage, locked);

impl<'a> LockPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().lock_title
    }
}

impl<'a> LockedPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().locked_title
    }
}
