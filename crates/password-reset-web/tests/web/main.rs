//! The pages on the in-memory store, with a fake clock. Every request is one call of the function; no server runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::needless_pass_by_value, reason = "test code")]

mod mount;

include!("suite.rs");
