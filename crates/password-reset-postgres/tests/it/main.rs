//! What the conformance suites cannot ask, because it is Postgres's own.
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
mod clock;
mod common;
mod damage;
mod disable;
mod faults;
mod feed;
mod full;
mod hints;
mod idle_connections;
mod locks;
mod migrate;
mod plans;
mod pooler;
#[path = "../pooler/mod.rs"]
mod pooling;
mod refused;
mod service;
mod start;
