//! Webhooks, which providers call.

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, Response, StatusCode};
use password_reset_axum::{Web, WebError};

use crate::support::App;

async fn echo(call: Request<Bytes>) -> Response<Bytes> {
    let said = format!("{} {} {}", call.method(), call.uri(), call.body().len());
    Response::builder().header("content-type", "text/plain").body(Bytes::from(said)).unwrap()
}

fn app() -> App {
    App::with(|setup| setup.web = Box::new(|web: Web| web.webhook("/webhooks/whatsapp", echo)))
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
    let from = call.extensions().get::<std::net::IpAddr>().map(ToString::to_string);
    Response::new(Bytes::from(from.unwrap_or_default()))
}

#[tokio::test]
async fn the_handler_learns_the_source_of_a_call() {
    let app = App::with(|setup| {
        setup.web = Box::new(|web: Web| web.webhook("/from", where_from).trusted_proxies(["10.0.0.0/8"]));
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

#[test]
fn unusable_paths_are_named() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let app = runtime.block_on(async { App::new() });
    for path in
        ["", "webhook", "/{id}", "/*rest", "/", "/wait", "/api/status", "/api/hook", "/assets/x", "/a?b", "/a#b"]
    {
        let built = Web::new(app.reset.clone()).webhook(path, echo).build();
        assert_eq!(built.unwrap_err(), WebError::WebhookPath(path.to_owned()), "{path}");
    }
    let twice = Web::new(app.reset.clone()).webhook("/a", echo).webhook("/a", echo).build();
    assert_eq!(twice.unwrap_err(), WebError::WebhookPath("/a".to_owned()));
}
