//! Headers of every response.

use axum::body::Body;
use axum::http::{Method, StatusCode};

use crate::methods::PATHS;
use crate::support::{Answer, App, EMAIL};

fn check(what: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(directives.contains(&directive), "{what}: {directive} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}");
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex, nofollow"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
        assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{what}: {name}");
    }
    let typed = ["text/html; charset=utf-8", "application/json", "application/problem+json", "text/event-stream"];
    let content_type = answer.header("content-type");
    assert!(content_type.is_empty() || typed.contains(&content_type), "{what}: {content_type}");
    assert_eq!(content_type.is_empty(), answer.body.is_empty(), "{what}");
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let app = App::new();
    for (path, _) in PATHS {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = app.browser().send(method.clone(), &format!("/reset{path}"), None, Body::empty()).await;
            let what = format!("{method} {path} {}", answer.status);
            check(&what, &answer);
            assert_eq!(answer.header("cache-control"), "no-store, no-transform", "{what}");
        }
    }
    let mut browser = app.browser();
    let asked = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    check("a redirect", &asked);
    assert_eq!(asked.header("cache-control"), "no-store, no-transform");
    check("too long", &browser.post("/reset", &[("by", &"x".repeat(100_000))]).await);
    check("another site", &browser.with_header("sec-fetch-site", "cross-site").post("/reset", &[]).await);
}

#[tokio::test]
async fn assets_are_immutable_and_the_pages_link_to_them() {
    let app = App::new();
    let page = app.browser().get("/reset").await.body;
    let mut found = 0;
    for part in page.split(['"', ' ']).filter(|part| part.starts_with("/reset/assets/")) {
        let file = app.browser().get(part).await;
        assert_eq!(file.status, StatusCode::OK, "{part}");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable, no-transform", "{part}");
        let expected =
            if part.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(file.header("content-type"), expected, "{part}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{part}");
        assert_eq!(file.header("set-cookie"), "", "{part}");
        found += 1;
    }
    assert!(found >= 2, "{page}");
    let gone = app.browser().get("/reset/assets/reset.0000.css").await;
    assert_eq!((gone.status, gone.header("cache-control")), (StatusCode::NOT_FOUND, "no-store, no-transform"));
}

#[tokio::test]
async fn hsts_is_sent_on_https_and_can_be_left_to_the_application() {
    let off = App::with(|setup| setup.web = Box::new(password_reset_web::Web::without_hsts));
    assert_eq!(off.browser().get("/reset").await.header("strict-transport-security"), "");
    let clear = App::with(|setup| setup.base_url = "http://localhost:3000/reset");
    assert_eq!(clear.browser().get("/reset").await.header("strict-transport-security"), "");
}
