//! What must hold for any bytes that a stranger sends: no panic, bounded time, and nothing changes that they do not name.
//!
//! Each target is a function of bytes that panics where one of these does not hold. `scripts/fuzz` searches for such bytes
//! with a nightly toolchain; `cargo test -p password-reset-fuzz` tries those in `corpus/`, each of them also cut and altered.
#![allow(clippy::panic, clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is what a target reports")]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "likewise")]

mod identifiers;
mod mails;
mod pages;
mod passwords;
mod policies;
mod rows;
mod secrets;
mod webhooks;

/// A target.
pub type Target = fn(&[u8]);

/// All targets, by the names of their folders in `corpus/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("identifiers", identifiers::check),
    ("mails", mails::check),
    ("pages", pages::check),
    ("passwords", passwords::check),
    ("policies", policies::check),
    ("rows", rows::check),
    ("secrets", secrets::check),
    ("webhooks", webhooks::check),
];
