#![doc = include_str!("../README.md")]

mod error;
mod gateway;
#[cfg(feature = "libphonenumber")]
mod lib_phone_number;
mod meta;
mod notifier;
mod provider;
mod qr;
mod secret;
mod sent;
mod signature;
mod twilio;
mod webhook;

pub use crate::error::WhatsAppConfigError;
pub use crate::gateway::{Authentication, Expected, Gateway, Reports, TimeFormat, WebhookPost};
#[cfg(feature = "libphonenumber")]
pub use crate::lib_phone_number::LibPhoneNumber;
pub use crate::meta::Meta;
pub use crate::notifier::{
    Countries, DefaultTexts, GatewayApi, MetaApi, PlainTexts, Refusal, ReplyTexts, SendingCaps, Template,
    TemplateField, TwilioApi, UtilityMessage, WhatsAppNotifier,
};
pub use crate::provider::{Event, Fact, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest};
pub use crate::qr::qr_svg;
pub use crate::sent::SentMessages;
pub use crate::signature::{Algorithm, Encoding};
pub use crate::twilio::Twilio;
pub use crate::webhook::{MAX_BODY_BYTES, Webhook};
