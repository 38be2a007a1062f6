//! What each page needs to know, one view a page.

mod ask;
mod cancel;
mod endings;
mod link;
mod new_password;
mod problem;
mod wait;

pub use self::ask::{Ask, AskPage, AskProblem};
pub use self::cancel::{CancelPage, CancelProblem};
pub use self::endings::{CancelledPage, DonePage, ExpiredPage};
pub use self::link::{LinkPage, LinkProblem};
pub use self::new_password::{NewPasswordPage, NewPasswordProblem};
pub use self::problem::{Problem, ProblemPage};
pub use self::wait::{MessageToSend, WaitFor, WaitPage, WaitProblem, WaitStage};

/// `render` of a view: hands it to the site's templates.
macro_rules! rendered_by {
    ($view:ident, $method:ident) => {
        impl $view<'_> {
            /// Writes the page with the site's templates.
            ///
            /// # Errors
            /// When the templates cannot write it.
            pub fn render(&self) -> Result<String, $crate::pages::RenderError> {
                self.shell.look.templates().$method(self)
            }
        }
    };
}
use rendered_by;
