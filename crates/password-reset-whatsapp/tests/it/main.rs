//! The crate as an application uses it: a whole service in memory, and a stand-in for the provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

mod app;
mod provider;
mod receiving;
mod sending;
mod statuses;
mod strangers;
mod waha;
mod webhook;
