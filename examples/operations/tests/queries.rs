//! The queries of the dashboard and of the alert rules ask for metrics and labels that exist.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use std::collections::BTreeSet;

use password_reset::metrics::{METRICS, Metric, MetricKind};

const DASHBOARD: &str = include_str!("../dashboard.json");
const ALERTS: &str = include_str!("../alerts.yml");

/// Every query of both files.
fn queries() -> Vec<String> {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut queries: Vec<String> = targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    let rules: Vec<&str> = ALERTS.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert_eq!(rules.len(), ALERTS.matches("- alert: ").count(), "each rule has its expression on one line");
    queries.extend(rules.into_iter().map(str::to_owned));
    queries
}

/// The words of a query that may be names, outside of quotes.
fn words(query: &str) -> Vec<&str> {
    let outside = query.split('"').step_by(2);
    outside.flat_map(|part| part.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')).collect()
}

/// The metric of a series: a histogram has three.
fn metric_of(series: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| match metric.kind {
        MetricKind::Histogram => {
            ["_bucket", "_count", "_sum"].iter().any(|end| series.strip_suffix(end) == Some(metric.name))
        }
        _ => metric.name == series,
    })
}

/// The parts of a query between these, such as the labels of a `by (…)`.
fn between<'a>(query: &'a str, open: &str, close: char) -> Vec<&'a str> {
    query.split(open).skip(1).map(|rest| rest.split(close).next().unwrap()).collect()
}

#[test]
fn every_query_asks_for_metrics_and_labels_that_exist() {
    let queries = queries();
    assert!(queries.len() > 20, "{}", queries.len());
    for query in &queries {
        let series: Vec<&str> = words(query).into_iter().filter(|word| word.starts_with("password_reset")).collect();
        assert!(!series.is_empty(), "{query}");
        let mut labels = BTreeSet::from(["le"]);
        for series in series {
            let metric = metric_of(series).unwrap_or_else(|| panic!("{series} does not exist: {query}"));
            labels.extend(metric.labels);
        }
        let grouped = between(query, "by (", ')').into_iter().flat_map(|list| list.split(',').map(str::trim));
        let selected = between(query, "{", '}').into_iter().map(|one| one.split(['=', '~', '!']).next().unwrap());
        for label in grouped.chain(selected) {
            assert!(labels.contains(label), "{label} is no label: {query}");
        }
    }
}

#[test]
fn every_metric_is_on_the_dashboard() {
    let dashboard: String = queries().join("\n");
    let asked: BTreeSet<&str> = words(&dashboard).into_iter().filter_map(metric_of).map(|metric| metric.name).collect();
    assert_eq!(asked, METRICS.iter().map(|metric| metric.name).collect());
}

/// Who is woken at night reads what happened and what to do.
#[test]
fn every_rule_says_what_to_do() {
    for rule in ALERTS.split("- alert: ").skip(1) {
        for part in ["expr: ", "severity: ", "summary: ", "action: "] {
            assert_eq!(rule.matches(part).count(), 1, "{part}: {rule}");
        }
    }
}
