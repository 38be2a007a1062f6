#![doc = include_str!("../README.md")]

mod config;
mod connection;
mod mail;
mod notifier;
mod outcome;
mod starttls;

pub use password_reset_mail::{
    Bounce, BounceWebhook, BounceWebhookError, DefaultTemplates, MailConfigError, MailTemplates, RenderError,
    RenderedMail,
};

pub use crate::notifier::SmtpNotifier;
