//! A small application with its own table of users and its own sign-in, and the reset beside them.
//!
//! Read [`Demo::start`] first: it puts everything together. [`users`], [`sessions`] and [`web`] are parts that every
//! application has; [`dev`] stands in for mail and WhatsApp on a developer's machine.

#![forbid(unsafe_code)]

pub mod clock;
pub mod contacts;
pub mod database;
mod demo;
pub mod dev;
pub mod keys;
pub mod risk_policy;
pub mod sessions;
mod settings;
pub mod throttle;
pub mod users;
pub mod web;
pub mod whatsapp;

pub use self::demo::Demo;
pub use self::settings::{Mail, Settings, WhatsApp};
