//! The challenges against a stand-in for their services, on loopback.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod configuration;
mod stand_in;
mod verifying;
