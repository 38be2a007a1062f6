#![doc = include_str!("../README.md")]

mod address;
mod bounce;
mod config;
mod connection;
mod error;
mod mail;
mod notifier;
mod outcome;
mod starttls;
mod templates;
mod whose;

pub use crate::bounce::Bounce;
pub use crate::bounce::webhook::{BounceWebhook, BounceWebhookError};
pub use crate::error::SmtpConfigError;
pub use crate::notifier::SmtpNotifier;
pub use crate::templates::{DefaultTemplates, MailTemplates, RenderError, RenderedMail};
