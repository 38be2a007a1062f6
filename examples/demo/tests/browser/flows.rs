//! Whole resets by every method.

mod around;
mod challenge;
mod mail;
mod nodes;
mod odd;
mod walk;
mod whatsapp;
