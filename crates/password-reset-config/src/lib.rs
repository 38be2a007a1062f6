#![doc = include_str!("../README.md")]

mod accounts;
mod app_links;
mod canary;
mod challenge;
mod database;
mod error;
mod hash;
mod languages;
mod limits;
mod mail;
mod pages;
mod reader;
mod secret;
mod settings;
#[cfg(feature = "pages")]
mod web;
mod whatsapp;

pub use crate::app_links::AppNames;
pub use crate::canary::{Canary, Catcher};
pub use crate::database::Database;
pub use crate::error::{Fault, SettingsError};
pub use crate::hash::HashSettings;
pub use crate::secret::Secret;
pub use crate::settings::Settings;
pub use crate::whatsapp::WhatsAppSettings;
