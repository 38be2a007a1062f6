#![doc = include_str!("../README.md")]

mod api;
mod cookies;
mod error;
mod failure;
mod handlers;
mod headers;
mod health;
mod language;
mod limits;
mod middleware;
mod pages;
mod pasted;
mod paths;
mod post;
mod problem;
mod request_context;
mod respond;
mod routes;
mod serve;
mod shares;
mod source;
mod start;
mod state;
mod step_up;
mod web;
mod webhook;

pub use crate::error::WebError;
pub use crate::health::health;
pub use crate::limits::EdgeLimits;
pub use crate::pages::{
    Asset, Brand, BrandError, CancelPage, CancelledPage, ConfirmProblem, DefaultTemplates, DonePage, ExpiredPage,
    ExpiredPurpose, Language, Layout, LinkPage, LinkProblem, LockPage, LockedPage, MessageToSend, NewPasswordPage,
    NewPasswordProblem, Problem, ProblemPage, RenderError, ResetMethod, Sentence, StartPage, StartProblem, StepUpPage,
    StepUpProblem, Templates, Texts, Theme, ThemeError, WaitFor, WaitPage, WaitProblem, WaitStage,
};
pub use crate::pasted::secret_in_link;
pub use crate::serve::Server;
pub use crate::step_up::SecondFactor;
pub use crate::web::{Web, well_known, well_known_at};
