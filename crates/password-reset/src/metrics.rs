//! What is counted and measured, through the façade `metrics`, behind the feature `metrics`.
//!
//! Every name stands here once, in [`METRICS`], and each event has one function. Without the feature the functions are empty.
//! No label is personal data, and each has a small set of values: none of them comes from a request.

use std::time::Duration;

use crate::identity::locale::Locale;

/// One metric, for documents, dashboards and their tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// The name under which the recorder gets it.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// The keys of its labels.
    pub labels: &'static [&'static str],
    /// What it says, in one sentence.
    pub meaning: &'static str,
}

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricKind {
    /// It only grows.
    Counter,
    /// The last value counts.
    Gauge,
    /// A distribution, of seconds.
    Histogram,
}

const fn counter(name: &'static str, labels: &'static [&'static str], meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Counter, labels, meaning }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Gauge, labels, meaning }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Histogram, labels, meaning }
}

pub(crate) const ASKED: Metric =
    counter("password_reset_asked_total", &["channel", "language"], "Resets that were asked for and stored.");
pub(crate) const ISSUED: Metric = counter(
    "password_reset_issued_total",
    &["channel", "language"],
    "Resets for which one usable account was found: a message goes out, or one of the owner is awaited.",
);
pub(crate) const SENT: Metric = counter(
    "password_reset_sent_total",
    &["channel", "language"],
    "Links and codes that a transport accepted, once recorded.",
);
const DELIVERED: Metric = counter(
    "password_reset_delivered_total",
    &["channel"],
    "Messages that, as the provider reports, are on the recipient's device.",
);
const OPENED: Metric =
    counter("password_reset_opened_total", &[], "Link pages that were loaded; also by programs that check mail.");
pub(crate) const PROVED: Metric = counter(
    "password_reset_proved_total",
    &["channel", "language"],
    "Right proofs that were carried out; the same link twice counts twice.",
);
pub(crate) const SET: Metric =
    counter("password_reset_set_total", &["channel", "language"], "Passwords that were set, once each.");
const REFUSED: Metric = counter(
    "password_reset_refused_total",
    &["channel", "why"],
    "What a reset met that did not lead on; `why` is one of the words below.",
);
const ERRORS: Metric = counter(
    "password_reset_errors_total",
    &["verb", "why"],
    "Calls of `request`, `verify` and `set_password` that were answered with an error; `why` is its variant.",
);
const MESSAGES: Metric = counter(
    "password_reset_messages_total",
    &["contact", "language", "message", "outcome"],
    "Deliveries that were tried, of messages of every kind; `outcome` is `sent`, `later`, `no_such_contact` or `never`.",
);
const LIMIT_HITS: Metric = counter(
    "password_reset_limit_hits_total",
    &["limit"],
    "How often a limit or another alarm was hit on this node: also those times that have no line in the log.",
);
const PENDING: Metric = gauge(
    "password_reset_pending_rows",
    &[],
    "Rows with tasks that this node's worker has in hand, as it last looked.",
);
const OLDEST_DUE: Metric = gauge(
    "password_reset_oldest_due_seconds",
    &[],
    "How late the oldest task was that the worker's last look into the store found; 0 when none was due.",
);
const WORKER_TURN: Metric = gauge(
    "password_reset_worker_last_turn_timestamp_seconds",
    &[],
    "When this node's worker last looked into the store with success, in seconds since 1970.",
);
const OBSERVER_BEHIND: Metric = gauge(
    "password_reset_observer_behind_seconds",
    &["observer"],
    "Age of the oldest audit row that an observer has not got; 0 when it has all, or another node hands them over.",
);
const HASH_CALLERS: Metric =
    gauge("password_reset_hash_callers", &[], "Callers with a place in the hash pool: their job runs or waits.");
const HASH_WAIT: Metric =
    histogram("password_reset_hash_wait_seconds", &[], "How long a job waited for a thread of the hash pool.");
const STORE_CALL: Metric =
    histogram("password_reset_store_call_seconds", &["call", "outcome"], "How long a call of the store took.");
const WEBHOOK_POSTS: Metric = counter(
    "password_reset_webhook_posts_total",
    &["outcome"],
    "Posts to a webhook: `taken`, `refused` before the body was read or by the provider's checks, or `failed`.",
);

/// Every metric.
pub const METRICS: [Metric; 19] = [
    ASKED,
    ISSUED,
    SENT,
    DELIVERED,
    OPENED,
    PROVED,
    SET,
    REFUSED,
    ERRORS,
    MESSAGES,
    LIMIT_HITS,
    PENDING,
    OLDEST_DUE,
    WORKER_TURN,
    OBSERVER_BEHIND,
    HASH_CALLERS,
    HASH_WAIT,
    STORE_CALL,
    WEBHOOK_POSTS,
];

/// The channel and the language of a reset, as labels. A label without a value is empty, which is the same as none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels {
    pub(crate) channel: &'static str,
    pub(crate) language: Option<Locale>,
}

impl Labels {
    fn pairs(&self) -> [(&'static str, &str); 2] {
        [("channel", self.channel), ("language", self.language.as_ref().map_or("", Locale::tag))]
    }
}

/// One more reset got so far.
pub(crate) fn reset(metric: Metric, of: Labels) {
    count(metric, &of.pairs());
}

pub(crate) fn delivered(of: Labels) {
    count(DELIVERED, &[("channel", of.channel)]);
}

pub(crate) fn refused(of: Labels, why: &'static str) {
    count(REFUSED, &[("channel", of.channel), ("why", why)]);
}

pub(crate) fn error(verb: &'static str, why: &'static str) {
    count(ERRORS, &[("verb", verb), ("why", why)]);
}

pub(crate) fn message(message: &'static str, contact: &'static str, language: Locale, outcome: &'static str) {
    count(MESSAGES, &[("contact", contact), ("language", language.tag()), ("message", message), ("outcome", outcome)]);
}

/// A limit was hit: for this crate, and the ones beside it that have limits of their own.
pub fn limit_hit(limit: &'static str) {
    count(LIMIT_HITS, &[("limit", limit)]);
}

pub(crate) fn pending(rows: usize) {
    put(PENDING, &[], || u32::try_from(rows).map_or(f64::INFINITY, f64::from));
}

/// The worker looked into the store, and its oldest task was this late.
pub(crate) fn worker_turn(unix_millis: i64, oldest_due: Duration) {
    put(WORKER_TURN, &[], || Duration::from_millis(u64::try_from(unix_millis).unwrap_or(0)).as_secs_f64());
    put(OLDEST_DUE, &[], || oldest_due.as_secs_f64());
}

/// The oldest row is so old that the observer of this name, which the application chose, has not got.
pub(crate) fn observer_behind(name: &str, behind: Duration) {
    put(OBSERVER_BEHIND, &[("observer", name)], || behind.as_secs_f64());
}

/// One more caller of the hash pool, or one fewer.
pub(crate) fn hash_callers(change: f64) {
    #[cfg(feature = "metrics")]
    ::metrics::gauge!(HASH_CALLERS.name).increment(change);
    #[cfg(not(feature = "metrics"))]
    let _off = change;
}

pub(crate) fn hash_waited(wait: Duration) {
    observe(HASH_WAIT, &[], wait);
}

pub(crate) fn store_call(call: &'static str, timer: Timer, is_ok: bool) {
    observe(STORE_CALL, &[("call", call), ("outcome", if is_ok { "ok" } else { "error" })], timer.elapsed());
}

/// A page was loaded to which a link leads: for the crate that shows it.
pub fn opened() {
    count(OPENED, &[]);
}

/// A webhook got a post, and answered with this status: for the crate that mounts it.
pub fn webhook_post(status: u16) {
    let outcome = match status {
        200..400 => "taken",
        400..500 => "refused",
        _ => "failed",
    };
    count(WEBHOOK_POSTS, &[("outcome", outcome)]);
}

/// Measures how long something takes; nothing without the feature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer(#[cfg(feature = "metrics")] std::time::Instant);

impl Timer {
    #[cfg_attr(
        feature = "metrics",
        expect(clippy::disallowed_methods, reason = "measures, and decides nothing; a test's clock stands still")
    )]
    pub(crate) fn start() -> Self {
        Self(
            #[cfg(feature = "metrics")]
            std::time::Instant::now(),
        )
    }

    pub(crate) fn elapsed(self) -> Duration {
        #[cfg(feature = "metrics")]
        return self.0.elapsed();
        #[cfg(not(feature = "metrics"))]
        Duration::ZERO
    }
}

/// Gives the recorder the kind and the meaning of every metric.
pub(crate) fn describe() {
    #[cfg(feature = "metrics")]
    for Metric { name, kind, meaning, .. } in METRICS {
        match kind {
            MetricKind::Counter => ::metrics::describe_counter!(name, meaning),
            MetricKind::Gauge => ::metrics::describe_gauge!(name, meaning),
            MetricKind::Histogram => ::metrics::describe_histogram!(name, ::metrics::Unit::Seconds, meaning),
        }
    }
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "the feature `metrics` is off"))]
fn count(metric: Metric, labels: &[(&'static str, &str)]) {
    #[cfg(feature = "metrics")]
    ::metrics::counter!(metric.name, owned(labels)).increment(1);
}

#[cfg(feature = "metrics")]
fn owned(labels: &[(&'static str, &str)]) -> Vec<::metrics::Label> {
    labels.iter().map(|(key, value)| ::metrics::Label::new(*key, (*value).to_owned())).collect()
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "the feature `metrics` is off"))]
fn put(metric: Metric, labels: &[(&'static str, &str)], value: impl FnOnce() -> f64) {
    #[cfg(feature = "metrics")]
    ::metrics::gauge!(metric.name, owned(labels)).set(value());
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "the feature `metrics` is off"))]
fn observe(metric: Metric, labels: &[(&'static str, &'static str)], took: Duration) {
    #[cfg(feature = "metrics")]
    ::metrics::histogram!(metric.name, labels).record(took.as_secs_f64());
}
