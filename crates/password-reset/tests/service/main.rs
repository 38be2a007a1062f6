//! The service and its worker, on the in-memory store, with a fake clock and a cheap hash.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::needless_pass_by_value, reason = "test code")]

mod admin;
mod answers;
mod backlog;
mod build;
mod contacts;
mod corrections;
mod current_password;
mod deadlines;
mod delivery;
mod ending;
mod export;
mod fallback;
mod faults;
mod guards;
mod handover;
mod health;
mod inbound;
mod limits;
mod lines;
mod listing;
mod lock;
#[cfg(feature = "metrics")]
mod metrics;
mod more;
mod names;
mod observer;
mod one_writer;
mod own_pages;
mod panics;
mod races;
mod reading;
mod recovered;
mod refusals;
mod rules;
mod running;
mod said;
mod set_back;
mod setting;
mod sign_in;
mod silent;
mod step_up;
mod support;
mod tickets;
mod two_methods;
mod undelivered;
mod verifying;
mod watching;
mod worker;
