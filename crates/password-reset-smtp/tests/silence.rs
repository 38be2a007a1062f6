//! Neither this crate nor its dependencies log any part of a message, at any level. The test enables lettre's feature
//! `tracing`, which logs whole conversations. It is a separate program, because it captures the log of the whole process.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[allow(dead_code, reason = "the other tests need more of it")]
#[path = "smtp"]
mod smtp {
    pub(crate) mod support;
}

use std::io::Write as _;
use std::sync::OnceLock;

use log::{LevelFilter, Metadata, Record};
use password_reset::ports::Notifier;
use password_reset_testkit::Log;
use password_reset_testkit::messages::{CANCEL_SECRET, CODE, LINK_SECRET, TO, reset};
use tracing_subscriber::layer::SubscriberExt;

use crate::smtp::support::server::{PASSWORD, Step};
use crate::smtp::support::{Site, assert_delivered, later, never};

/// Captures the records of `log`, except those of the test's server.
struct Listener(Log);

impl log::Log for Listener {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if !record.target().starts_with("mailin") {
            writeln!(self.0.clone(), "{} {} {}", record.level(), record.target(), record.args()).unwrap();
        }
    }

    fn flush(&self) {}
}

fn listen() -> Log {
    static LINES: OnceLock<Log> = OnceLock::new();
    LINES
        .get_or_init(|| {
            let lines = Log::default();
            log::set_boxed_logger(Box::new(Listener(lines.clone()))).unwrap();
            log::set_max_level(LevelFilter::Trace);
            let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(lines.clone());
            // Not `init()`: in some builds it would also capture `log`, which has a logger already.
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
            lines
        })
        .clone()
}

#[tokio::test]
async fn no_part_of_a_message_is_logged_in_success_or_failure() {
    let lines = listen();
    let site = Site::start().await;
    let notifier = site.notifier();
    assert_delivered(&notifier.deliver(&reset(1)).await);
    for (step, code) in [(Step::Mail, 451), (Step::Rcpt, 550), (Step::Content, 554)] {
        site.server.answer(step, code, "5.1.1 <budi@pelanggan.example> no");
        drop(notifier.deliver(&reset(2)).await);
    }
    site.proxy.hang_up().await;
    site.server.answer(Step::SignIn, 535, "5.7.8 no");
    later(notifier.deliver(&reset(3)).await);
    site.server.answer(Step::Rcpt, 550, "5.1.1 <budi@pelanggan.example> no");
    never(notifier.deliver(&reset(4)).await);
    let said = lines.text();
    // rustls does log at this level, so the capture works.
    assert!(said.contains("rustls"), "{said}");
    tracing_probe(&lines);
    for secret in [
        TO,
        "pelanggan",
        CODE,
        "4071 8265",
        LINK_SECRET,
        CANCEL_SECRET,
        PASSWORD,
        "Y29ycmVjdC1ob3JzZ",
        "RCPT TO",
        "MAIL FROM",
    ] {
        assert!(!said.contains(secret), "{secret} is in the log:\n{said}");
    }
}

/// The capture of `tracing` works as well.
fn tracing_probe(lines: &Log) {
    tracing::trace!("probe through tracing");
    assert!(lines.text().contains("probe through tracing"));
}
