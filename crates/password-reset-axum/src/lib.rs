#![doc = include_str!("../README.md")]

mod api;
mod asking;
mod body;
mod cookies;
mod dress;
mod failure;
mod fields;
mod forgery;
mod form;
mod handlers;
mod headers;
mod language;
mod limits;
mod pages;
mod problem;
mod respond;
mod routes;
mod source;
mod visit;
mod ways;
mod web;
mod webhook;

pub use crate::limits::EdgeLimits;
pub use crate::pages::{
    Ask, AskPage, AskProblem, Asset, Brand, BrandError, CancelPage, CancelProblem, CancelledPage, DefaultTemplates,
    DonePage, ExpiredPage, Language, LinkPage, LinkProblem, Look, LookError, MessageToSend, NewPasswordPage,
    NewPasswordProblem, Problem, ProblemPage, RenderError, Sentence, Shell, Templates, Texts, WaitFor, WaitPage,
    WaitProblem, WaitStage,
};
pub use crate::web::{Web, WebError, router, well_known, well_known_at};
pub use crate::webhook::Webhook;
