//! Server-sent events of a waiting page.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, StatusCode};
use futures_util::{FutureExt, StreamExt};
use password_reset::Inbound;
use password_reset_web::EdgeLimits;
use serde_json::Value;

use crate::support::{App, Browser, EMAIL, NUMBER, named};

struct Events(BodyDataStream);

impl Events {
    async fn open(browser: &mut Browser, path: &str) -> Self {
        let response = browser.raw(Method::GET, path, None, Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store, no-transform");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self(response.into_body().into_data_stream())
    }

    /// The data of the next event; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        let chunk = self.0.next().await?.unwrap();
        let text = std::str::from_utf8(&chunk).unwrap();
        assert!(text.starts_with("event: status\n"), "{text}");
        let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        Some(serde_json::from_str(data).unwrap())
    }

    async fn stage(&mut self) -> String {
        self.next().await.unwrap()["stage"].as_str().unwrap().to_owned()
    }
}

fn events(wait: &str) -> String {
    format!("/reset/events?reset={}", named(wait))
}

async fn asked(app: &App, browser: &mut Browser) -> (String, String) {
    let asked = browser.post("/reset", &[("by", "whatsapp"), ("identifier", "08120000 0001")]).await;
    let wait = asked.location().to_owned();
    app.worker.run_once().await.unwrap();
    let status = browser.get(&format!("/reset/api/status?reset={}", named(&wait))).await.json();
    (wait, status["challenge"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_stream_sends_the_present_status_and_each_change() {
    let app = App::with_inbound(Inbound::page_advances(NUMBER).unwrap());
    let mut browser = app.browser();
    let (wait, code) = asked(&app, &mut browser).await;
    let mut stream = Events::open(&mut browser, &events(&wait)).await;
    let first = stream.next().await.unwrap();
    assert_eq!((first["stage"].as_str(), first["challenge"]["code"].as_str()), (Some("waiting"), Some(code.as_str())));
    assert!(stream.next().now_or_never().is_none(), "nothing has happened yet");
    app.reset.receive(app.message(&code)).await.unwrap();
    assert_eq!(stream.stage().await, "proved");
    let mut late = Events::open(&mut browser, &events(&wait)).await;
    assert_eq!(late.stage().await, "proved", "a reopened stream misses nothing");
}

#[tokio::test]
async fn the_stream_ends_when_the_reset_expires() {
    let app = App::with_inbound(Inbound::page_advances(NUMBER).unwrap());
    let mut browser = app.browser();
    let (wait, _) = asked(&app, &mut browser).await;
    let mut stream = Events::open(&mut browser, &events(&wait)).await;
    assert_eq!(stream.stage().await, "waiting");
    let clock = app.clock.clone();
    let over = tokio::spawn(async move {
        let stage = stream.stage().await;
        (stage, stream.next().await.is_none())
    });
    clock.until_asleep(Duration::from_secs(2)).await;
    app.later(11);
    assert_eq!(over.await.unwrap(), ("expired".to_owned(), true));
    let mut gone = Events::open(&mut browser, &events(&wait)).await;
    assert_eq!(gone.stage().await, "expired");
    assert!(gone.next().await.is_none());
}

#[tokio::test]
async fn the_requester_token_can_be_a_bearer_token() {
    let app = App::new();
    let asked =
        app.browser().json("/reset/api/requests", serde_json::json!({"by": "email", "identifier": EMAIL})).await;
    let requester_token = asked.json()["requester_token"].as_str().unwrap().to_owned();
    let mut client = app.browser().with_header("authorization", &format!("Bearer {requester_token}"));
    assert_eq!(Events::open(&mut client, "/reset/api/events").await.stage().await, "waiting");
}

#[tokio::test]
async fn a_stream_needs_a_requester_token() {
    let app = App::new();
    for path in ["/reset/events", "/reset/events?reset=AAAAAAAAAAAAAAAA", "/reset/api/events"] {
        assert_eq!(app.browser().get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn open_streams_of_a_source_are_limited() {
    let app = App::with(|setup| {
        setup.web = Box::new(|web| {
            let mut limits = EdgeLimits::default();
            limits.streams_per_source = 2;
            web.limits(limits)
        });
    });
    let mut browser = app.browser();
    let (wait, _) = app.mailed(&mut browser).await;
    let first = Events::open(&mut browser, &events(&wait)).await;
    let _second = Events::open(&mut browser, &events(&wait)).await;
    let third = browser.get(&events(&wait)).await;
    assert_eq!((third.status, third.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
    let status = browser.get(&format!("/reset/api/status?reset={}", named(&wait))).await;
    assert_eq!(status.status, StatusCode::OK, "polling works");
    drop(first);
    let _again = Events::open(&mut browser, &events(&wait)).await;
}

#[tokio::test(start_paused = true)]
async fn comments_keep_an_idle_stream_open() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, _) = app.mailed(&mut browser).await;
    let mut stream = Events::open(&mut browser, &events(&wait)).await;
    assert_eq!(stream.stage().await, "waiting");
    let before = tokio::time::Instant::now();
    let comment = stream.0.next().await.unwrap().unwrap();
    assert!(comment.starts_with(b":"), "{comment:?}");
    assert!(before.elapsed() <= Duration::from_secs(26), "{:?}", before.elapsed());
}
