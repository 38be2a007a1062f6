//! Webhooks, which providers call.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode};
use futures_util::{StreamExt, stream};
use password_reset_web::{Web, WebError};
use tokio::sync::mpsc;

use crate::support::{Answer, App};

/// Refuses a request by its head.
fn unless_told(head: &Parts) -> Option<Response<Bytes>> {
    let refusal = || Response::builder().status(StatusCode::UNAUTHORIZED).body(Bytes::new()).unwrap();
    head.headers.contains_key("x-refuse").then(refusal)
}

async fn echo(call: Request<Bytes>) -> Response<Bytes> {
    let said = format!("{} {} {}", call.method(), call.uri(), call.body().len());
    Response::builder().header("content-type", "text/plain").body(Bytes::from(said)).unwrap()
}

fn app() -> App {
    App::with(|setup| setup.web = Box::new(|web: Web| web.webhook("/webhooks/whatsapp", unless_told, echo)))
}

#[tokio::test]
async fn the_handler_receives_the_raw_call_without_checks_or_quota() {
    let app = app();
    let mut provider = app.browser().with_header("sec-fetch-site", "cross-site");
    let challenge = provider.get("/reset/webhooks/whatsapp?hub.mode=subscribe").await;
    assert_eq!(challenge.body, "GET /webhooks/whatsapp?hub.mode=subscribe 0");
    let body = vec![b'x'; 2 * 1024 * 1024];
    let call =
        provider.send(Method::POST, "/reset/webhooks/whatsapp", Some("application/json"), Body::from(body)).await;
    assert_eq!(call.body, "POST /webhooks/whatsapp 2097152");
    assert_eq!(call.header("content-type"), "text/plain");
    for _ in 0..1_000 {
        assert_eq!(provider.get("/reset/webhooks/whatsapp").await.status, StatusCode::OK);
    }
}

async fn where_from(call: Request<Bytes>) -> Response<Bytes> {
    let from = call.extensions().get::<IpAddr>().map(ToString::to_string);
    Response::new(Bytes::from(from.unwrap_or_default()))
}

#[tokio::test]
async fn the_handler_learns_the_source_of_a_call() {
    let app = App::with(|setup| {
        setup.web = Box::new(|web: Web| web.webhook("/from", unless_told, where_from).trusted_proxies(["10.0.0.0/8"]));
    });
    let mut provider = app.browser().with_header("x-forwarded-for", "198.51.100.1");
    assert_eq!(provider.get("/reset/from").await.body, "203.0.113.7", "a header that any client can send");
    provider.peer.set_ip("10.1.2.3".parse().unwrap());
    assert_eq!(provider.get("/reset/from").await.body, "198.51.100.1");
}

#[tokio::test]
async fn long_bodies_and_other_methods_are_refused() {
    let app = app();
    let body = vec![b'x'; 3 * 1024 * 1024 + 1];
    let call = app.browser().send(Method::POST, "/reset/webhooks/whatsapp", None, Body::from(body)).await;
    assert_eq!((call.status, call.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large".to_owned()));
    let call = app.browser().send(Method::PUT, "/reset/webhooks/whatsapp", None, Body::empty()).await;
    assert_eq!((call.status, call.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD,POST"));
}

#[tokio::test]
async fn a_call_that_its_head_refuses_is_answered_before_its_body_is_read() {
    let app = app();
    let unread =
        || Body::from_stream(stream::poll_fn(|_| -> Poll<Option<Result<Bytes, axum::Error>>> { panic!("read") }));
    let mut provider = app.browser().with_header("x-refuse", "1");
    let call = provider.send(Method::POST, "/reset/webhooks/whatsapp", None, unread()).await;
    assert_eq!(call.status, StatusCode::UNAUTHORIZED);
    let with_body = app.browser().send(Method::GET, "/reset/webhooks/whatsapp", None, Body::from("x")).await;
    assert_eq!(with_body.status, StatusCode::PAYLOAD_TOO_LARGE, "a GET has no body");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_times_out() {
    let never = Body::from_stream(stream::pending::<Result<Bytes, axum::Error>>());
    let began = tokio::time::Instant::now();
    let call = app().browser().send(Method::POST, "/reset/webhooks/whatsapp", None, never).await;
    assert_eq!((call.status, call.code()), (StatusCode::REQUEST_TIMEOUT, "too_slow".to_owned()));
    assert_eq!(began.elapsed().as_secs(), 10);
}

/// Sends bodies of nearly 3 MiB from as many sources, and finishes none. Returns the bytes that were read of those that
/// are not answered, how many were answered, and the tasks that keep the others open.
async fn unfinished(app: &App, sources: &[IpAddr]) -> (usize, usize, tokio::task::JoinSet<()>) {
    static PART: [u8; 64 * 1024] = [b'x'; 64 * 1024];
    let (said, mut says) = mpsc::unbounded_channel();
    let mut open = tokio::task::JoinSet::new();
    for source in sources {
        let mut attacker = app.browser();
        attacker.peer.set_ip(*source);
        let read = Arc::new(AtomicUsize::new(0));
        let (stuck, counted) = (said.clone(), Arc::clone(&read));
        let parts = stream::iter(0..47).map(move |_| {
            counted.fetch_add(PART.len(), Ordering::SeqCst);
            Ok::<_, axum::Error>(Bytes::from_static(&PART))
        });
        let end = stream::poll_fn(move |_| {
            stuck.send(Ok(read.load(Ordering::SeqCst))).unwrap();
            Poll::Pending
        });
        let said = said.clone();
        open.spawn(async move {
            let body = Body::from_stream(parts.chain(end));
            let call = attacker.send(Method::POST, "/reset/webhooks/whatsapp", None, body).await;
            said.send(Err((call.status, call.header("retry-after").to_owned()))).unwrap();
        });
    }
    let (mut bytes, mut answered) = (0, 0);
    for _ in sources {
        match says.recv().await.unwrap() {
            Ok(read) => bytes += read,
            Err(refused) => {
                assert_eq!(refused, (StatusCode::SERVICE_UNAVAILABLE, "10".to_owned()));
                answered += 1;
            }
        }
    }
    (bytes, answered, open)
}

#[tokio::test]
async fn unfinished_bodies_of_one_source_leave_room_for_the_provider() {
    let app = app();
    let (bytes, answered, _open) = unfinished(&app, &["198.51.100.1".parse().unwrap(); 200]).await;
    assert!(bytes <= 8 * 1024 * 1024 && answered >= 197, "{bytes} bytes, {answered} answered");
    let mut provider = app.browser();
    let call: Answer =
        provider.send(Method::POST, "/reset/webhooks/whatsapp", None, Body::from(vec![b'x'; 3 * 1024 * 1024])).await;
    assert_eq!(call.status, StatusCode::OK);
}

#[tokio::test]
async fn unfinished_bodies_of_many_sources_take_a_bounded_amount_of_memory() {
    let app = app();
    let sources: Vec<IpAddr> = (0..200).map(|number| IpAddr::from([198, 51, 100, number])).collect();
    let (bytes, answered, open) = unfinished(&app, &sources).await;
    assert!(bytes <= 32 * 1024 * 1024 && answered >= 189, "{bytes} bytes, {answered} answered");
    drop(open);
    let (bytes, ..) = unfinished(&app, &sources[..2]).await;
    assert_eq!(bytes, 2 * 47 * 64 * 1024, "what is broken off is given back");
}

#[test]
fn unusable_paths_are_named() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let app = runtime.block_on(async { App::new() });
    for path in
        ["", "webhook", "/{id}", "/*rest", "/", "/wait", "/api/status", "/api/hook", "/assets/x", "/a?b", "/a#b"]
    {
        let built = Web::new(app.reset.clone()).webhook(path, unless_told, echo).build();
        assert_eq!(built.unwrap_err(), WebError::WebhookPath(path.to_owned()), "{path}");
    }
    let twice = Web::new(app.reset.clone()).webhook("/a", unless_told, echo).webhook("/a", unless_told, echo).build();
    assert_eq!(twice.unwrap_err(), WebError::WebhookPath("/a".to_owned()));
}
