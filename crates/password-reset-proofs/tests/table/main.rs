//! Every way to prove an account meets every obligation.
//!
//! One cell for each pair. A cell that does not apply says why in [`exempt`]; all others run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::needless_pass_by_value, clippy::unreachable, reason = "test code")]
#![allow(clippy::future_not_send, clippy::large_futures, reason = "every cell runs on one thread")]

mod app;
mod limits;
mod policy;
mod setting;
mod ways;
mod web;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::future::LocalBoxFuture;

use crate::ways::Way;

type Check = fn(Way) -> LocalBoxFuture<'static, ()>;

/// What every way must do.
const OBLIGATIONS: [(&str, Check); 15] = [
    ("rules", |way| Box::pin(setting::rules(way))),
    ("sessions", |way| Box::pin(setting::sessions(way))),
    ("notices", |way| Box::pin(setting::notices(way))),
    ("message cap", |way| Box::pin(limits::cap(way))),
    ("own lifetime", |way| Box::pin(limits::lifetime(way))),
    ("attempts", |way| Box::pin(limits::attempts(way))),
    ("spray limit", |way| Box::pin(limits::spray(way))),
    ("failure quota", |way| Box::pin(limits::failures(way))),
    ("fingerprint", |way| Box::pin(setting::fingerprint(way))),
    ("policy asked", |way| Box::pin(policy::asked(way))),
    ("policy denies", |way| Box::pin(policy::denies(way))),
    ("entropy", |way| Box::pin(limits::entropy(way))),
    ("source on record", |way| Box::pin(setting::source(way))),
    ("cookies", |way| Box::pin(web::cookies(way))),
    ("source of pages", |way| Box::pin(web::source(way))),
];

/// Why an obligation does not apply to a way.
fn exempt(way: Way, obligation: &str) -> Option<&'static str> {
    match (way, obligation) {
        (Way::CurrentPassword, "message cap") => Some("nothing is sent before the password is set"),
        (Way::StepUpFactor, "message cap") => Some("the application's factor is not sent"),
        (Way::CurrentPassword, "entropy") => Some("the owner chose it"),
        (Way::StepUpFactor, "entropy") => Some("the application makes it"),
        (Way::CurrentPassword, "cookies" | "source of pages") => {
            Some("the page of the signed-in user is the application's")
        }
        _ => None,
    }
}

#[test]
fn every_way_meets_every_obligation() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (mut ran, mut exempted, mut failed) = (0, Vec::new(), Vec::new());
    for way in Way::ALL {
        for (obligation, check) in OBLIGATIONS {
            if let Some(why) = exempt(way, obligation) {
                exempted.push(format!("  {way:?} × {obligation}: {why}"));
                continue;
            }
            ran += 1;
            let cell = || runtime.block_on(check(way));
            if let Err(panic) = catch_unwind(AssertUnwindSafe(cell)) {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                failed.push(format!("{way:?} × {obligation}: {}", said.unwrap_or_default()));
            }
        }
    }
    // Not through `println!`, which the harness would keep.
    let mut out = std::io::stdout();
    writeln!(out, "table: {ran} cells ran, {} do not apply:\n{}", exempted.len(), exempted.join("\n")).unwrap();
    assert!(failed.is_empty(), "{} cells of {ran} failed:\n{}", failed.len(), failed.join("\n"));
}
