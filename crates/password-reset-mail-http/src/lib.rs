#![doc = include_str!("../README.md")]

mod json_api;
mod mailgun;
mod notifier;
mod outcome;
mod postmark;
mod request;
mod resend;
mod sendgrid;
mod service;
mod ses;
mod sigv4;

pub use crate::json_api::JsonApi;
pub use crate::mailgun::Mailgun;
pub use crate::notifier::HttpMailNotifier;
pub use crate::postmark::Postmark;
pub use crate::resend::Resend;
pub use crate::sendgrid::SendGrid;
pub use crate::service::MailService;
pub use crate::ses::AmazonSes;
pub use password_reset_mail::MailConfigError;
