//! The pages that come with the crate.

use askama::Template;

use super::{RenderError, Templates};
use crate::pages::shell::Shell;
use crate::pages::texts::Texts;
use crate::pages::views::{
    Ask, AskPage, CancelPage, CancelledPage, DonePage, ExpiredPage, LinkPage, LockPage, LockedPage, NewPasswordPage,
    ProblemPage, SecondPage, SureProblem, WaitFor, WaitPage, WaitStage,
};

/// The pages that come with the crate, for what an application's own templates leave to them.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTemplates;

impl DefaultTemplates {
    /// The pages.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Templates for DefaultTemplates {}

/// A page's template and the function that writes it.
macro_rules! page {
    ($function:ident, $html:ident, $view:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $html<'a> {
            page: &'a $view<'a>,
            shell: &'a Shell<'a>,
            t: &'a Texts,
        }

        pub(super) fn $function(page: &$view<'_>) -> Result<String, RenderError> {
            let html = $html { page, shell: &page.shell, t: page.shell.texts() };
            html.render().map_err(RenderError::new)
        }
    };
}

page!(ask, AskHtml, AskPage, "ask.html");
page!(wait, WaitHtml, WaitPage, "wait.html");
page!(link, LinkHtml, LinkPage, "link.html");
page!(second, SecondHtml, SecondPage, "second.html");
page!(new_password, NewPasswordHtml, NewPasswordPage, "new-password.html");
page!(done, DoneHtml, DonePage, "done.html");
page!(cancel, CancelHtml, CancelPage, "cancel.html");
page!(cancelled, CancelledHtml, CancelledPage, "cancelled.html");
page!(lock, LockHtml, LockPage, "lock.html");
page!(locked, LockedHtml, LockedPage, "locked.html");
page!(expired, ExpiredHtml, ExpiredPage, "expired.html");
page!(problem, ProblemHtml, ProblemPage, "problem.html");
