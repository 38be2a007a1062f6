//! The notifier against an independent SMTP server, behind a proxy that injects faults.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code"
)]

mod addresses;
mod conformance;
mod content;
mod faults;
mod replies;
mod sending;
mod support;
