//! Behaviour that only SQLite has, beside the conformance suites.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "test code"
)]

mod accounts;
mod cancel;
mod common;
mod damage;
mod disable;
mod faults;
mod group;
mod migrate;
mod plans;
mod start;
