//! Every way to a new password.

mod around;
mod mail;
mod nodes;
mod odd;
mod walk;
mod whatsapp;
