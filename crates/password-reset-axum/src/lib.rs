//! Web pages, JSON API, webhook mount and events of [`password_reset`] as one axum `Router`.

#[allow(dead_code, reason = "the router, which comes next, is what calls it")]
mod pages;

pub use crate::pages::{
    Ask, AskPage, AskProblem, Asset, Brand, BrandError, CancelPage, CancelProblem, CancelledPage, DefaultTemplates,
    DonePage, ExpiredPage, Language, LinkPage, LinkProblem, Look, LookError, MessageToSend, NewPasswordPage,
    NewPasswordProblem, Problem, ProblemPage, RenderError, Sentence, Shell, Templates, Texts, WaitFor, WaitPage,
    WaitProblem, WaitStage,
};
