//! Whole resets by every method.

mod around;
mod mail;
mod nodes;
mod odd;
mod walk;
mod whatsapp;
