//! The source of requests, and its quotas.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use password_reset_web::{EdgeLimits, Web};
use tower::ServiceExt;

use crate::support::{App, Browser, EMAIL};

fn limits(change: impl FnOnce(&mut EdgeLimits)) -> EdgeLimits {
    let mut limits = EdgeLimits::default();
    change(&mut limits);
    limits
}

fn two_an_hour(web: Web) -> Web {
    web.trusted_proxies(["10.0.0.0/8"]).limits(limits(|limits| {
        limits.requests = 2;
        limits.requests_refill = Duration::from_secs(3600);
    }))
}

async fn status(browser: &mut Browser) -> StatusCode {
    browser.get("/reset").await.status
}

#[tokio::test]
async fn headers_of_an_untrusted_peer_change_no_quota() {
    let app = App::with(|setup| setup.web = Box::new(two_an_hour));
    let lies = ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "cf-connecting-ip"];
    let mut taken = 0;
    for (number, name) in lies.into_iter().enumerate() {
        let mut browser = app.browser().with_header(name, &format!("198.51.100.{number}"));
        taken += usize::from(status(&mut browser).await == StatusCode::OK);
    }
    assert_eq!(taken, 2, "all requests have one source");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_quota_and_cannot_escape_it() {
    let app = App::with(|setup| setup.web = Box::new(two_an_hour));
    let behind = |forwarded: &str| {
        let mut browser = app.browser().with_header("x-forwarded-for", forwarded);
        browser.peer.set_ip("10.1.2.3".parse().unwrap());
        browser
    };
    for _ in 0..2 {
        assert_eq!(status(&mut behind("198.51.100.1")).await, StatusCode::OK);
        assert_eq!(status(&mut behind("198.51.100.2")).await, StatusCode::OK);
    }
    assert_eq!(status(&mut behind("198.51.100.1")).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        status(&mut behind("1.1.1.1, 198.51.100.1")).await,
        StatusCode::TOO_MANY_REQUESTS,
        "an address that the client made up"
    );
    assert_eq!(status(&mut behind("198.51.100.1, 10.9.9.9")).await, StatusCode::TOO_MANY_REQUESTS, "two proxies");
}

#[tokio::test]
async fn a_source_over_its_quota_gets_retry_after() {
    let app = App::with(|setup| setup.web = Box::new(two_an_hour));
    for _ in 0..2 {
        app.browser().get("/reset").await;
    }
    let page = app.browser().get("/reset").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.header("content-type").starts_with("text/html") && !page.header("retry-after").is_empty());
    let document = app.browser().get("/reset/api/policy").await;
    assert_eq!(document.code(), "too_many");
    let file = app.browser().get("/reset/assets/none.css").await;
    assert_eq!(file.status, StatusCode::NOT_FOUND, "assets take no permit");
    let mut elsewhere = app.browser();
    elsewhere.peer.set_ip("203.0.113.8".parse().unwrap());
    assert_eq!(status(&mut elsewhere).await, StatusCode::OK);
}

#[tokio::test]
async fn password_checks_have_a_quota_of_their_own() {
    let app = App::with(|setup| {
        setup.web = Box::new(|web| {
            web.limits(limits(|limits| {
                limits.checks = 3;
                limits.checks_refill = Duration::from_secs(3600);
            }))
        });
    });
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let proved =
        browser.json("/reset/api/verify", serde_json::json!({"link": mail.link_secret().unwrap()})).await.json();
    let body = serde_json::json!({"grant": proved["grant"], "password": "x"});
    for _ in 0..3 {
        assert_eq!(browser.json("/reset/api/password-check", body.clone()).await.status, StatusCode::OK);
    }
    assert_eq!(browser.json("/reset/api/password-check", body).await.code(), "too_many");
    assert_eq!(status(&mut browser).await, StatusCode::OK);
}

#[tokio::test]
async fn without_the_peer_address_every_request_fails() {
    let app = App::new();
    let served = app.served.clone();
    for path in ["/reset", "/reset/api/policy", "/reset/link"] {
        let request = Request::get(path).header("x-forwarded-for", "198.51.100.1").body(Body::empty()).unwrap();
        let response = served.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    let form = format!("by=email&identifier={EMAIL}");
    let request =
        Request::post("/reset").header("content-type", "application/x-www-form-urlencoded").body(Body::from(form));
    let response = served.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(app.calls.calls().is_empty());
}
