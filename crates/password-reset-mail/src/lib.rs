#![doc = include_str!("../README.md")]

mod address;
mod bounce;
mod error;
mod mail;
mod templates;
mod whose;

pub use crate::address::{Address, Mailbox, host_name};
pub use crate::bounce::Bounce;
pub use crate::bounce::error::BounceWebhookError;
pub use crate::bounce::webhook::BounceWebhook;
pub use crate::error::MailConfigError;
pub use crate::mail::{Mail, MailWriter};
pub use crate::templates::{DefaultTemplates, MailTemplates, RenderError, RenderedMail};
pub use crate::whose::{Whose, enhanced_code, whose};
