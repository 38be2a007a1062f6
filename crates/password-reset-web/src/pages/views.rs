//! The views: the data of each page.

mod cancel;
mod challenge;
mod endings;
mod link;
mod lock;
mod new_password;
mod problem;
mod start;
mod step_up;
mod wait;

pub use self::cancel::{CancelPage, ConfirmProblem};
pub use self::challenge::ChallengePage;
pub use self::endings::{CancelledPage, DonePage, ExpiredPage, ExpiredPurpose};
pub use self::link::{LinkPage, LinkProblem};
pub use self::lock::{LockPage, LockedPage};
pub use self::new_password::{NewPasswordPage, NewPasswordProblem};
pub use self::problem::{Problem, ProblemPage};
pub use self::start::{ResetMethod, StartPage, StartProblem};
pub use self::step_up::{StepUpPage, StepUpProblem};
pub use self::wait::{MessageToSend, WaitFor, WaitPage, WaitProblem, WaitStage};
