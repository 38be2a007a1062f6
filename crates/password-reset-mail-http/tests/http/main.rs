//! The notifier against a stand-in for the services' APIs, on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code"
)]

mod answers;
mod configuration;
mod conformance;
mod faults;
mod requests;
mod services;
mod stand_in;
