//! Texts, bounces and the webhooks of mail services.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code"
)]

mod bounces;
mod names;
mod texts;
mod webhooks;
mod writing;

const FROM: &str = "no-reply@toko.example";
