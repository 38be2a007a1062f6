//! The router on the in-memory store, with a fake clock. Every request is one call of the router; no server runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::needless_pass_by_value, reason = "test code")]

mod answers;
mod api;
mod bodies;
mod cookies;
mod events;
mod flow;
mod forgery;
mod hammer;
mod headers;
mod health;
mod inbound;
mod load;
mod lock;
mod methods;
mod metrics;
mod openapi;
mod serve;
mod settings;
mod silence;
mod source;
mod step_up;
mod support;
mod webhook;
