//! Every way to a new password.

mod mail;
mod odd;
mod walk;
mod whatsapp;
