//! Every way to a new password.

mod mail;
mod nodes;
mod odd;
mod walk;
mod whatsapp;
