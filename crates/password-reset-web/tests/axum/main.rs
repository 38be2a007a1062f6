//! The pages in axum: the suite, and what belongs to routers and their server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::needless_pass_by_value, reason = "test code")]

mod mount;
mod routers;
mod serve;
#[cfg(unix)]
mod unix;

#[cfg(unix)]
#[path = "../web/over_unix.rs"]
mod over_unix;

include!("../web/suite.rs");
