//! What each page needs to know, one view a page.

use super::texts::Texts;

mod ask;
mod cancel;
mod endings;
mod link;
mod lock;
mod new_password;
mod problem;
mod second;
mod wait;

pub use self::ask::{Ask, AskPage, AskProblem};
pub use self::cancel::{CancelPage, SureProblem};
pub use self::endings::{CancelledPage, DonePage, ExpiredPage};
pub use self::link::{LinkPage, LinkProblem};
pub use self::lock::{LockPage, LockedPage};
pub use self::new_password::{NewPasswordPage, NewPasswordProblem};
pub use self::problem::{Problem, ProblemPage};
pub use self::second::{SecondPage, SecondProblem};
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

/// How often a code may still be typed, in words.
fn attempts_text(texts: &Texts, left: u32) -> Option<String> {
    match left {
        0 => None,
        1 => Some(texts.code_one_attempt_left.to_string()),
        attempts => Some(texts.code_attempts_left.with("n", attempts)),
    }
}
