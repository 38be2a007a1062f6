#![doc = include_str!("../README.md")]

mod api;
mod app_links;
mod body;
mod challenge;
mod contained;
mod cookies;
mod cors;
mod device;
mod error;
mod failure;
mod handlers;
mod headers;
mod health;
mod language;
mod limits;
mod middleware;
mod mount;
mod pages;
mod pasted;
mod paths;
mod post;
mod problem;
mod request_context;
mod respond;
mod routes;
#[cfg(feature = "server")]
mod server;
mod shares;
mod source;
mod start;
mod state;
mod step_up;
mod web;
mod webhook;
mod well_known;

pub use crate::app_links::AppLinks;
pub use crate::body::Body;
pub use crate::challenge::{Challenge, Directive, ProofOfWork, Widget};
pub use crate::error::WebError;
pub use crate::health::health;
pub use crate::limits::EdgeLimits;
pub use crate::mount::{Mount, Pages};
pub use crate::pages::{
    Brand, BrandError, CancelPage, CancelledPage, ChallengePage, ConfirmProblem, DefaultTemplates, DonePage,
    ExpiredPage, ExpiredPurpose, LanguageLink, Layout, LinkPage, LinkProblem, LockPage, LockedPage, MessageToSend,
    NewPasswordPage, NewPasswordProblem, Problem, ProblemPage, RenderError, ResetMethod, StartPage, StartProblem,
    StepUpPage, StepUpProblem, Templates, Texts, Theme, ThemeError, WaitFor, WaitPage, WaitProblem, WaitStage,
};
pub use crate::pasted::secret_in_link;
#[cfg(feature = "server")]
pub use crate::server::HttpServer;
pub use crate::source::Peer;
pub use crate::step_up::SecondFactor;
pub use crate::web::Settings;
pub use crate::well_known::{well_known, well_known_at};

/// The settings of a site, which build its [`Pages`].
pub type Web = Settings<Pages>;

/// A server with bounds, for the pages alone.
#[cfg(feature = "server")]
pub type Server = HttpServer<Pages>;
