//! `docs/operations.md` lists what an operator can see, and lists nothing else.
#![allow(clippy::unwrap_used, reason = "test code")]

use password_reset::ContactKind;
use password_reset::flow::{AuditEvent, Tasks};
use password_reset::metrics::{METRICS, Metric, MetricKind};
use password_reset::operations::HealthProblem;

const TEXT: &str = include_str!("../../operations.md");

fn row(metric: &Metric) -> String {
    let kind = match metric.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
        _ => "another kind",
    };
    let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
    format!("| `{}` | {kind} | {labels} | {} |", metric.name, metric.meaning)
}

#[test]
fn the_document_lists_every_metric_and_no_other() {
    let listed: Vec<&str> =
        TEXT.lines().filter(|line| line.starts_with("| `password_reset_") && line.ends_with(". |")).collect();
    assert_eq!(listed, METRICS.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_document_lists_every_problem() {
    for problem in [
        HealthProblem::StoreUnavailable,
        HealthProblem::StoreUnusable,
        HealthProblem::WorkerBehind,
        HealthProblem::WorkerStuck,
        HealthProblem::ClocksDiffer,
        HealthProblem::ObserverBehind,
        HealthProblem::KeyMissing,
        HealthProblem::NotifierFails(ContactKind::Email),
        HealthProblem::NotifierFails(ContactKind::Phone),
    ] {
        let row = |line: &&str| line.starts_with('|') && line.contains(&format!("`{}`", problem.code()));
        assert!(TEXT.lines().any(|line| row(&line)), "{problem:?}");
    }
}

#[test]
fn the_document_names_every_task() {
    let span = TEXT.lines().find(|line| line.starts_with("| `task` |")).unwrap();
    for task in (0..9).filter_map(|bit| Tasks::from_bits(1 << bit)) {
        let name = format!("{task:?}");
        let name = name.trim_matches(['{', '}', '"']);
        assert!(span.contains(&format!("`{name}`")), "{name}");
    }
    assert_eq!(Tasks::from_bits(1 << 9), None, "there are no others");
}

#[test]
fn the_document_names_every_word_for_a_refusal() {
    let (_, words) = TEXT.split_once("| `why` of `password_reset_refused_total` |").unwrap();
    let words = words.split("\n\n").next().unwrap();
    // These are counted under names of their own, or refuse nothing.
    let others = [
        AuditEvent::Requested,
        AuditEvent::CorrectionRequested,
        AuditEvent::Suppressed,
        AuditEvent::Issued,
        AuditEvent::Sent,
        AuditEvent::Arrived,
        AuditEvent::Proved,
        AuditEvent::PasswordSet,
        AuditEvent::Locked,
        AuditEvent::ContactChanged,
        AuditEvent::SessionsEnded,
        AuditEvent::NoticeSent,
    ];
    for event in AuditEvent::ALL.iter().copied().filter(|event| !others.contains(event)) {
        assert!(words.contains(&format!("`{}`", event.code())), "{event:?}");
    }
}
