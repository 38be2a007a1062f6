//! The default pages.

use askama::Template;

use crate::pages::layout::Layout;
use crate::pages::texts::Texts;
use crate::pages::views::{
    CancelPage, CancelledPage, ChallengePage, ConfirmProblem, DonePage, ExpiredPage, LinkPage, LockPage, LockedPage,
    NewPasswordPage, ProblemPage, ResetMethod, StartPage, StepUpPage, WaitFor, WaitPage, WaitStage,
};

/// Declares a page's template and the function that renders it.
macro_rules! page {
    ($function:ident, $html:ident, $view:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $html<'a> {
            #[allow(dead_code, reason = "some pages have a layout and nothing more")]
            page: &'a $view<'a>,
            layout: &'a Layout<'a>,
            t: &'a Texts,
        }

        pub(super) fn $function(page: &$view<'_>) -> askama::Result<String> {
            $html { page, layout: &page.layout, t: page.layout.texts() }.render()
        }
    };
}

page!(start, StartHtml, StartPage, "start.html");
page!(challenge, ChallengeHtml, ChallengePage, "challenge.html");
page!(wait, WaitHtml, WaitPage, "wait.html");
page!(link, LinkHtml, LinkPage, "link.html");
page!(step_up, StepUpHtml, StepUpPage, "step-up.html");
page!(new_password, NewPasswordHtml, NewPasswordPage, "new-password.html");
page!(done, DoneHtml, DonePage, "done.html");
page!(cancel, CancelHtml, CancelPage, "cancel.html");
page!(cancelled, CancelledHtml, CancelledPage, "cancelled.html");
page!(lock, LockHtml, LockPage, "lock.html");
page!(locked, LockedHtml, LockedPage, "locked.html");
page!(expired, ExpiredHtml, ExpiredPage, "expired.html");
page!(problem, ProblemHtml, ProblemPage, "problem.html");
