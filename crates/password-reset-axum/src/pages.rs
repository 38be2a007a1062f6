//! What people see.
//!
//! A handler fills a view ([`AskPage`], [`WaitPage`], …) and calls its `render`, which hands it to the site's
//! [`Templates`]. Everything that a page needs is in the view; nothing here looks anything up.
//!
//! Every form posts `form_token` and, where the page is of a reset, `reset`. The other fields are:
//!
//! | form | posts to | fields |
//! | --- | --- | --- |
//! | ask | the mount path | `by`: [`Ask::code`]; `identifier` |
//! | code | `/code` | `code` |
//! | claim | `/claim` | – |
//! | link | `/link` | `link`: a whole link, or its secret alone |
//! | second proof | `/second` | `code`: whatever is typed |
//! | new password | `/new` | `username` (for password managers; to be ignored), `password`, `again` where asked for |
//! | cancel | `/cancel` | `link` as above; `sure`: `yes` when ticked |
//! | undo | `/lock` | as cancel |
//!
//! Scripts use, with the cookies of the page:
//!
//! * `GET {mount}/events?reset=…`: server-sent events named `status`, whose data is the JSON of the next line
//! * `GET {mount}/api/status?reset=…`: `{"stage": "waiting" | "message_received" | "partially_proved" | "proved" | "done" | "expired"}`, more fields allowed
//! * `POST {mount}/api/password-check` with `{"password", "form_token", "reset"}`:
//!   `{"violations": [{"code", "text"}], "score": 0-4, "feedback": ["…"]}`

mod assets;
mod brand;
mod look;
mod qr;
mod shell;
mod templates;
mod texts;
mod views;

pub use self::assets::Asset;
pub use self::brand::{Brand, BrandError};
pub use self::look::{Look, LookError};
pub use self::shell::{Language, Shell};
pub use self::templates::{DefaultTemplates, RenderError, Templates};
pub use self::texts::{Sentence, Texts};
pub use self::views::{
    Ask, AskPage, AskProblem, CancelPage, CancelledPage, DonePage, ExpiredPage, LinkPage, LinkProblem, LockPage,
    LockedPage, MessageToSend, NewPasswordPage, NewPasswordProblem, Problem, ProblemPage, SecondPage, SecondProblem,
    SureProblem, WaitFor, WaitPage, WaitProblem, WaitStage,
};

#[cfg(test)]
mod tests;
