#![doc = include_str!("../README.md")]

mod error;
mod hcaptcha;
mod siteverify;
mod turnstile;

pub use crate::error::CaptchaConfigError;
pub use crate::hcaptcha::HCaptcha;
pub use crate::turnstile::Turnstile;
