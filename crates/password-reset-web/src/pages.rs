//! The HTML pages.
//!
//! A handler fills a view ([`StartPage`], [`WaitPage`], …) and passes it to the site's [`Templates`], which render it.
//! A view holds everything that its page needs; nothing here loads anything.
//!
//! Every form posts `form_token` and, where the page is of a reset, `reset`. The other fields are:
//!
//! | form | posts to | fields |
//! | --- | --- | --- |
//! | start | the mount path | `by`: [`ResetMethod::code`]; `identifier` |
//! | challenge | the mount path | as start, and the answer in the field of its [`Widget`](crate::Widget) |
//! | code | `/code` | `code` |
//! | claim | `/claim` | – |
//! | link | `/link` | `link`: a whole link, or its secret alone |
//! | step-up | `/step-up` | `code`: what the user typed |
//! | new password | `/new` | `username` (for password managers; ignored), `password`, `again` where the policy requires it |
//! | cancel | `/cancel` | `link` as above; `confirm`: `yes` when ticked |
//! | lock | `/lock` | as cancel |
//!
//! Scripts call, with the cookies of the page:
//!
//! * `GET {mount}/events?reset=…`: server-sent events named `status`, whose data is the JSON of the next line
//! * `GET {mount}/api/status?reset=…`: `{"stage": "waiting" | "message_received" | "partially_proved" | "proved" | "done" | "expired"}`, more fields allowed
//! * `POST {mount}/api/password-check` with `{"password", "form_token", "reset"}`:
//!   `{"violations": [{"code", "text"}], "score": 0-4, "feedback": ["…"]}`

mod assets;
mod brand;
mod layout;
mod qr;
mod templates;
mod texts;
mod theme;
mod views;

pub use self::brand::{Brand, BrandError};
pub use self::layout::{LanguageLink, Layout};
pub use self::templates::{DefaultTemplates, RenderError, Templates};
pub use self::texts::Texts;
pub use self::theme::{Theme, ThemeError};
pub use self::views::{
    CancelPage, CancelledPage, ChallengePage, ConfirmProblem, DonePage, ExpiredPage, ExpiredPurpose, LinkPage,
    LinkProblem, LockPage, LockedPage, MessageToSend, NewPasswordPage, NewPasswordProblem, Problem, ProblemPage,
    ResetMethod, StartPage, StartProblem, StepUpPage, StepUpProblem, WaitFor, WaitPage, WaitProblem, WaitStage,
};

#[cfg(test)]
mod tests;
