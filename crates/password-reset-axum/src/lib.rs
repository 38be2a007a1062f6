#![doc = include_str!("../README.md")]

mod api;
mod asking;
mod body;
mod cookies;
mod dress;
mod error;
mod factor;
mod failure;
mod fields;
mod forgery;
mod form;
mod handlers;
mod headers;
mod language;
mod limits;
mod pages;
mod paths;
mod problem;
mod respond;
mod routes;
mod second;
mod shared;
mod source;
mod visit;
mod ways;
mod web;
mod webhook;

pub use crate::error::WebError;
pub use crate::factor::SecondFactor;
pub use crate::limits::EdgeLimits;
pub use crate::pages::{
    Ask, AskPage, AskProblem, Asset, Brand, BrandError, CancelPage, CancelledPage, DefaultTemplates, DonePage,
    ExpiredPage, Language, LinkPage, LinkProblem, LockPage, LockedPage, Look, LookError, MessageToSend,
    NewPasswordPage, NewPasswordProblem, Problem, ProblemPage, RenderError, SecondPage, SecondProblem, Sentence, Shell,
    SureProblem, Templates, Texts, WaitFor, WaitPage, WaitProblem, WaitStage,
};
pub use crate::web::{Web, router, well_known, well_known_at};
pub use crate::webhook::Webhook;
