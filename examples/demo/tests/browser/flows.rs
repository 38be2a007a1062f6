//! Whole resets by every method.

mod around;
mod challenge;
mod letters;
mod mail;
mod nodes;
mod odd;
mod walk;
mod whatsapp;
