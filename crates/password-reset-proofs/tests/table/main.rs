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

use crate::ways::Way;

/// What every way must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obligation {
    Rules,
    Sessions,
    Notices,
    MessageCap,
    OwnLifetime,
    Attempts,
    SprayLimit,
    FailureQuota,
    Fingerprint,
    PolicyAsked,
    PolicyDenies,
    Entropy,
    SourceOnRecord,
    Cookies,
    SourceOfPages,
}

impl Obligation {
    const ALL: [Self; 15] = [
        Self::Rules,
        Self::Sessions,
        Self::Notices,
        Self::MessageCap,
        Self::OwnLifetime,
        Self::Attempts,
        Self::SprayLimit,
        Self::FailureQuota,
        Self::Fingerprint,
        Self::PolicyAsked,
        Self::PolicyDenies,
        Self::Entropy,
        Self::SourceOnRecord,
        Self::Cookies,
        Self::SourceOfPages,
    ];

    async fn check(self, way: Way) {
        match self {
            Self::Rules => setting::rules(way).await,
            Self::Sessions => setting::sessions(way).await,
            Self::Notices => setting::notices(way).await,
            Self::MessageCap => limits::cap(way).await,
            Self::OwnLifetime => limits::lifetime(way).await,
            Self::Attempts => limits::attempts(way).await,
            Self::SprayLimit => limits::spray(way).await,
            Self::FailureQuota => limits::failures(way).await,
            Self::Fingerprint => setting::fingerprint(way).await,
            Self::PolicyAsked => policy::asked(way).await,
            Self::PolicyDenies => policy::denies(way).await,
            Self::Entropy => limits::entropy(way).await,
            Self::SourceOnRecord => setting::source(way).await,
            Self::Cookies => web::cookies(way).await,
            Self::SourceOfPages => web::source(way).await,
        }
    }
}

/// Why an obligation does not apply to a way.
const fn exempt(way: Way, obligation: Obligation) -> Option<&'static str> {
    match (way, obligation) {
        (Way::CurrentPassword, Obligation::MessageCap) => Some("nothing is sent before the password is set"),
        (Way::StepUpFactor, Obligation::MessageCap) => Some("the application's factor is not sent"),
        (Way::CurrentPassword, Obligation::Entropy) => Some("the owner chose it"),
        (Way::StepUpFactor, Obligation::Entropy) => Some("the application makes it"),
        (Way::CurrentPassword, Obligation::Cookies) => Some("the page of the signed-in user is the application's"),
        (Way::CurrentPassword, Obligation::SourceOfPages) => {
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
        for obligation in Obligation::ALL {
            if let Some(why) = exempt(way, obligation) {
                exempted.push(format!("  {way:?} × {obligation:?}: {why}"));
                continue;
            }
            ran += 1;
            let cell = || runtime.block_on(obligation.check(way));
            if let Err(panic) = catch_unwind(AssertUnwindSafe(cell)) {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                failed.push(format!("{way:?} × {obligation:?}: {}", said.unwrap_or_default()));
            }
        }
    }
    // Not through `println!`, which the harness would keep.
    let mut out = std::io::stdout();
    writeln!(out, "table: {ran} cells ran, {} do not apply:\n{}", exempted.len(), exempted.join("\n")).unwrap();
    assert!(failed.is_empty(), "{} cells of {ran} failed:\n{}", failed.len(), failed.join("\n"));
}
