//! What the recorder of an application gets, of a whole reset and of each failure.

use std::collections::{BTreeMap, BTreeSet};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use password_reset::inbound::DeliveryReport;
use password_reset::metrics::{METRICS, MetricKind};
use password_reset::ports::{AuditEntry, Observer};
use password_reset::{Account, AccountStatus, Contact, Limits, Locale, PortError, ResetRequest};
use password_reset_testkit::{Fault, Faults, MemoryStore};

use crate::faults::faulty;
use crate::support::{App, EMAIL, NEW, cancel, email, source, start, wrong};

/// Every metric of the present thread: of its test alone.
struct Recorded {
    snapshotter: Snapshotter,
    _guard: metrics::LocalRecorderGuard<'static>,
}

impl Recorded {
    fn new() -> Self {
        let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
        Self { snapshotter: recorder.snapshotter(), _guard: metrics::set_default_local_recorder(recorder) }
    }

    /// What came since the last look, as `name{key=value …}` without the common beginning.
    fn take(&self) -> BTreeMap<String, DebugValue> {
        let short = |key: &metrics::Key| {
            let labels: BTreeSet<String> =
                key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let labels = labels.into_iter().collect::<Vec<_>>().join(" ");
            format!("{}{{{labels}}}", key.name().strip_prefix("password_reset_").expect("our own"))
        };
        let all = self.snapshotter.snapshot().into_vec().into_iter();
        all.map(|(key, _, _, value)| (short(key.key()), value)).collect()
    }

    /// The counters that grew since the last look, but for those of the names.
    fn counted(&self, without: &[&str]) -> Vec<String> {
        let grew = |(name, value)| match value {
            DebugValue::Counter(0) | DebugValue::Gauge(_) | DebugValue::Histogram(_) => None,
            DebugValue::Counter(1) => Some(name),
            DebugValue::Counter(more) => Some(format!("{name} {more}")),
        };
        let counted = self.take().into_iter().filter_map(grew);
        counted.filter(|name: &String| !without.iter().any(|without| name.starts_with(without))).collect()
    }
}

/// All that a request adds before the worker runs.
const ASKED: &str = "asked_total";

#[tokio::test]
async fn a_whole_reset_is_counted_once_at_each_step() {
    let recorded = Recorded::new();
    let app = App::new();
    app.reset.request(ResetRequest::email_link(email(EMAIL), source()).locale(Locale::INDONESIAN)).await.unwrap();
    assert_eq!(recorded.counted(&[]), ["asked_total{channel=email_link language=id}"]);
    app.worker.run_once().await.unwrap();
    let sent = [
        "issued_total{channel=email_link language=id}",
        "messages_total{contact=email language=id message=reset_link outcome=sent}",
        "sent_total{channel=email_link language=id}",
    ];
    assert_eq!(recorded.counted(&[]), sent);
    let mail = app.mail.last().unwrap();
    app.reset.reports().delivery(app.store.resets().unwrap()[0].id(), DeliveryReport::Delivered).await.unwrap();
    assert_eq!(recorded.counted(&[]), ["delivered_total{channel=email_link}"]);
    let grant = app.verify_link(&mail).await.unwrap();
    assert_eq!(recorded.counted(&[]), ["proved_total{channel=email_link language=id}"]);
    app.set(grant, NEW).await.unwrap();
    assert_eq!(recorded.counted(&[]), ["set_total{channel=email_link language=id}"]);
    app.worker.run_once().await.unwrap();
    assert_eq!(
        recorded.counted(&[]),
        ["messages_total{contact=email language=id message=password_changed outcome=sent}"]
    );
    password_reset::metrics::opened();
    assert_eq!(recorded.counted(&[]), ["opened_total{}"]);
}

#[tokio::test]
async fn a_store_that_writes_the_password_itself_counts_the_same() {
    let recorded = Recorded::new();
    for app in App::both() {
        let grant = app.proved().await;
        drop(recorded.take());
        app.set(grant, NEW).await.unwrap();
        assert_eq!(recorded.counted(&[]), ["set_total{channel=email_link language=en}"]);
    }
}

#[tokio::test]
async fn every_suppressed_message_is_counted_with_its_reason() {
    let recorded = Recorded::new();
    let app = App::new();
    app.accounts.add(Account::new("8", AccountStatus::Disabled).with_contact(Contact::email("disabled@toko.example")));
    for id in ["9", "10"] {
        app.accounts.add(Account::new(id, AccountStatus::Active).with_contact(Contact::email("shared@toko.example")));
    }
    for (name, why) in [("nobody", "unknown"), ("disabled", "disabled"), ("shared", "ambiguous")] {
        app.mailed_for(email(&format!("{name}@toko.example"))).await;
        assert_eq!(recorded.counted(&[ASKED]), [format!("refused_total{{channel=email_link why={why}}}")]);
    }
    for _ in 0..3 {
        app.mailed().await;
    }
    drop(recorded.take());
    app.mailed_now().await;
    assert_eq!(recorded.counted(&[ASKED]), ["refused_total{channel=email_link why=capped}"]);
}

#[tokio::test]
async fn every_refused_message_is_counted_by_its_outcome() {
    type Queue = fn(&App);
    let refused = "refused_total{channel=email_link why=";
    let cases: [(Queue, &str, &str); 4] = [
        (|app| app.mail.later(None), "later", "send_delayed}"),
        (|app| app.mail.no_such_contact("550 5.1.1"), "no_such_contact", "no_such_contact}"),
        (|app| app.mail.never("552 5.2.2"), "never", "send_failed}"),
        (|app| app.mail.later_until_corrected("535"), "later", "send_delayed}"),
    ];
    for (queue, outcome, why) in cases {
        let recorded = Recorded::new();
        let app = App::new();
        queue(&app);
        app.mailed_now().await;
        let message = format!("messages_total{{contact=email language=en message=reset_link outcome={outcome}}}");
        let mut counted = recorded.counted(&[ASKED, "issued_total", "limit_hits_total"]);
        counted.sort();
        assert_eq!(counted, [message, format!("{refused}{why}")]);
    }
}

#[tokio::test]
async fn every_error_of_a_verb_is_counted_with_its_reason() {
    let recorded = Recorded::new();
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().requests_per_source(2)));
    let (requester_token, mail) = app.mailed().await;
    drop(recorded.take());
    assert!(app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.is_err());
    let wrong_code = ["errors_total{verb=verify why=refused}", "refused_total{channel=email_link why=wrong_code}"];
    assert_eq!(recorded.counted(&[]), wrong_code);
    let grant = app.verify_link(&mail).await.unwrap();
    drop(recorded.take());
    let rejected = app.set(grant, "short").await.unwrap_err();
    let weak =
        ["errors_total{verb=set_password why=rejected}", "refused_total{channel=email_link why=password_refused}"];
    assert_eq!(recorded.counted(&[]), weak);
    app.reset.cancel(&cancel(&mail)).await.unwrap();
    assert_eq!(recorded.counted(&[]), ["refused_total{channel=email_link why=closed}"]);
    assert!(app.set(rejected.into_grant().unwrap(), NEW).await.is_err());
    assert_eq!(recorded.counted(&[]), ["errors_total{verb=set_password why=refused}"]);
    app.ask().await;
    drop(recorded.take());
    assert!(app.reset.request(ResetRequest::email_link(email(EMAIL), source())).await.is_err());
    let limited = ["errors_total{verb=request why=too_many}", "limit_hits_total{limit=requests_of_source}"];
    assert_eq!(recorded.counted(&[]), limited);
    let (failing, _worker) = faulty(&app, &Faults::from_call(1, Fault::FailBefore));
    assert!(failing.request(ResetRequest::email_link(email(EMAIL), source())).await.is_err());
    assert_eq!(recorded.counted(&[]), ["errors_total{verb=request why=unavailable}"]);
}

/// The write that failed is not counted; the call is, as one that failed.
#[tokio::test]
async fn what_was_not_written_is_not_counted() {
    let recorded = Recorded::new();
    let app = App::new();
    let (reset, _worker) = faulty(&app, &Faults::at_nth("store.open", 1, Fault::FailBefore));
    assert!(reset.request(ResetRequest::email_link(email(EMAIL), source())).await.is_err());
    let seen = recorded.take();
    assert!(seen.contains_key("store_call_seconds{call=open outcome=error}"), "{seen:?}");
    assert!(!seen.keys().any(|name| name.starts_with(ASKED)), "{seen:?}");
}

fn gauge(seen: &BTreeMap<String, DebugValue>, name: &str) -> f64 {
    match seen.get(name) {
        Some(DebugValue::Gauge(value)) => value.into_inner(),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn the_worker_says_when_it_looked_and_how_late_it_is() {
    let recorded = Recorded::new();
    let app = App::new();
    app.mail.later(None);
    app.mailed_now().await;
    let seen = recorded.take();
    let now = std::time::Duration::from_millis(u64::try_from(start().timestamp_millis()).unwrap()).as_secs_f64();
    let turn = "worker_last_turn_timestamp_seconds{}";
    assert!((gauge(&seen, turn) - now).abs() < 0.5, "{seen:?}");
    assert!(gauge(&seen, "oldest_due_seconds{}") < 0.5, "{seen:?}");
    // The message is due again in five seconds, and no worker runs for ten minutes.
    app.later(10);
    let _stall = app.mail.stall();
    let running = app.worker.run_once();
    let mut running = std::pin::pin!(running);
    assert!(futures_util::poll!(&mut running).is_pending(), "the notifier does not answer");
    let seen = recorded.take();
    assert!((gauge(&seen, "oldest_due_seconds{}") - 595.0).abs() < 0.5, "{seen:?}");
    assert!((gauge(&seen, "pending_rows{}") - 1.0).abs() < 0.5, "{seen:?}");
    assert!((gauge(&seen, turn) - now - 600.0).abs() < 0.5, "{seen:?}");
}

/// An observer that takes nothing.
#[derive(Debug)]
struct Away;

#[async_trait::async_trait]
impl Observer for Away {
    async fn observe(&self, _rows: &[AuditEntry]) -> Result<(), PortError> {
        Err(PortError::transient("the receiver is away"))
    }
}

#[tokio::test]
async fn how_far_an_observer_is_behind_is_measured() {
    let recorded = Recorded::new();
    let app = App::new();
    let (reset, worker) = app.rebuilt(|builder| builder.observer("siem", Away));
    let behind = "observer_behind_seconds{observer=siem}";
    worker.run_once().await.unwrap();
    assert!(gauge(&recorded.take(), behind) < 0.5);
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    worker.run_once().await.unwrap();
    app.later(10);
    worker.run_once().await.unwrap();
    assert!((gauge(&recorded.take(), behind) - 600.0).abs() < 0.5);
}

#[tokio::test]
async fn a_look_for_missing_keys_is_measured_as_a_call_of_the_store() {
    let recorded = Recorded::new();
    let app = App::new();
    assert!(app.reset.operations().missing_keys().await.unwrap().is_empty());
    assert!(recorded.take().contains_key("store_call_seconds{call=keys_in_use outcome=ok}"));
}

#[tokio::test]
async fn the_hash_pool_says_who_waits_and_how_long() {
    let recorded = Recorded::new();
    let app = App::new();
    let grant = app.proved().await;
    let slot = app.reset.login().hash_pool().slot().unwrap();
    assert!((gauge(&recorded.take(), "hash_callers{}") - 1.0).abs() < 0.5);
    drop(slot);
    drop(recorded.take());
    app.set(grant, NEW).await.unwrap();
    let seen = recorded.take();
    assert!(gauge(&seen, "hash_callers{}").abs() < 0.5, "the place is free again: {seen:?}");
    let Some(DebugValue::Histogram(waits)) = seen.get("hash_wait_seconds{}") else { panic!("{seen:?}") };
    assert_eq!(waits.len(), 1, "the rules, the comparison and the hash are one job: {waits:?}");
}

#[test]
fn a_post_to_a_webhook_is_counted_by_its_outcome() {
    let recorded = Recorded::new();
    for (status, outcome) in [(200, "taken"), (303, "taken"), (401, "refused"), (503, "failed")] {
        password_reset::metrics::webhook_post(status);
        assert_eq!(recorded.counted(&[]), [format!("webhook_posts_total{{outcome={outcome}}}")]);
    }
}

/// What was recorded by all that a test can do stands in the list, with its labels, and none of it is personal.
#[tokio::test]
async fn what_is_recorded_is_listed_and_no_label_is_personal() {
    let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
    let _guard = metrics::set_default_local_recorder(recorder);
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    assert!(app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.is_err());
    let grant = app.verify_link(&mail).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    app.mailed_for(email("nobody@toko.example")).await;
    let mut seen = BTreeSet::new();
    for (key, _, meaning, value) in recorder.snapshotter().snapshot().into_vec() {
        let key = key.key();
        let metric = METRICS.iter().find(|metric| metric.name == key.name()).expect("listed");
        let kind = match value {
            DebugValue::Counter(_) => MetricKind::Counter,
            DebugValue::Gauge(_) => MetricKind::Gauge,
            DebugValue::Histogram(_) => MetricKind::Histogram,
        };
        assert_eq!((kind, meaning.as_deref()), (metric.kind, Some(metric.meaning)), "{key:?}");
        let labels: BTreeSet<&str> = key.labels().map(metrics::Label::key).collect();
        assert_eq!(labels, metric.labels.iter().copied().collect(), "{key:?}");
        let is_word =
            |value: &str| value.len() < 32 && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(key.labels().all(|label| is_word(label.value())), "{key:?}");
        seen.insert(metric.name);
    }
    assert!(seen.len() >= 11, "{seen:?}");
}
