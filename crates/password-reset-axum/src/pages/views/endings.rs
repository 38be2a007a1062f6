//! Where the ways through the pages end.

use super::rendered_by;
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

/// The password is set.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DonePage<'a> {
    /// What every page has.
    pub shell: Shell<'a>,
}

/// The reset is cancelled. The same whether there was one to cancel or not (R67).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CancelledPage<'a> {
    /// What every page has.
    pub shell: Shell<'a>,
}

/// A secret that proves nothing: invalid, expired, used, closed or unknown, all alike (R67), with a way on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ExpiredPage<'a> {
    /// What every page has.
    pub shell: Shell<'a>,
}

rendered_by!(DonePage, done);
rendered_by!(CancelledPage, cancelled);
rendered_by!(ExpiredPage, expired);

impl<'a> DonePage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().done_title
    }
}

impl<'a> CancelledPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().cancelled_title
    }
}

impl<'a> ExpiredPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().expired_title
    }
}
