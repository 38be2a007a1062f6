//! Forms of other sites are refused; forms of this site are accepted, whatever `Origin` the browser sends.

use axum::http::StatusCode;

use crate::support::{App, Browser, EMAIL, ORIGIN};

async fn ask(mut browser: Browser, token: Option<&str>) -> StatusCode {
    let mut fields = vec![("by", "email"), ("identifier", EMAIL)];
    fields.extend(token.map(|token| ("form_token", token)));
    browser.post("/reset", &fields).await.status
}

/// A case; the fetch metadata, origin and form token that it sends; the expected answer.
type Case<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, StatusCode);

#[tokio::test]
async fn only_pages_of_this_site_may_post() {
    const YES: StatusCode = StatusCode::SEE_OTHER;
    const NO: StatusCode = StatusCode::FORBIDDEN;
    let app = App::new();
    let mut browser = app.browser();
    let token = browser.form_token().await;
    let other = "f".repeat(32);
    let table: [Case<'_>; 19] = [
        ("a form of this site", Some("same-origin"), Some(ORIGIN), None, YES),
        ("a form of this site, with no-referrer", Some("same-origin"), Some("null"), None, YES),
        ("the person", Some("none"), None, None, YES),
        ("an older browser", None, Some(ORIGIN), None, YES),
        ("an older browser, with no-referrer", None, Some("null"), Some(&token), YES),
        ("an old browser", None, None, Some(&token), YES),
        ("null alone", None, Some("null"), None, NO),
        ("null with another's token", None, Some("null"), Some(&other), NO),
        ("nothing at all", None, None, None, NO),
        ("an empty token", None, None, Some(""), NO),
        ("another site", Some("cross-site"), Some("https://evil.example"), None, NO),
        ("another site that knows a token", Some("cross-site"), Some("null"), Some(&token), NO),
        ("another site that names this one", Some("cross-site"), Some(ORIGIN), Some(&token), NO),
        ("no site at all", Some(""), Some(ORIGIN), Some(&token), NO),
        ("a sandboxed frame", Some("cross-site"), Some("null"), None, NO),
        ("a sibling host", Some("same-site"), Some("https://blog.toko.example"), Some(&token), NO),
        ("an origin that begins alike", None, Some("https://toko.example.evil.example"), Some(&token), NO),
        ("the same host in the clear", None, Some("http://toko.example"), Some(&token), NO),
        ("another port", None, Some("https://toko.example:8443"), Some(&token), NO),
    ];
    for (what, site, origin, token, expected) in table {
        let mut browser = browser.clone().without_header("sec-fetch-site");
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                browser = browser.with_header(name, value);
            }
        }
        assert_eq!(ask(browser, token).await, expected, "{what}");
    }
}

#[tokio::test]
async fn a_form_token_counts_only_with_its_cookie() {
    let app = App::new();
    let mut browser = app.browser();
    let token = browser.form_token().await;
    let mut stranger = app.browser().without_header("sec-fetch-site");
    assert_eq!(ask(stranger.clone(), Some(&token)).await, StatusCode::FORBIDDEN);
    stranger.get("/reset").await;
    assert_eq!(ask(stranger, Some(&token)).await, StatusCode::FORBIDDEN, "another browser's token");
    assert_eq!(ask(browser.without_header("sec-fetch-site"), Some(&token)).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_post_is_protected_and_a_refused_one_makes_no_store_call() {
    let app = App::new();
    for (path, takes) in crate::methods::PATHS {
        if !takes.contains("POST") {
            continue;
        }
        let mut browser = app.browser().with_header("sec-fetch-site", "cross-site");
        let fields = [("by", "email"), ("identifier", EMAIL), ("link", "x"), ("code", "12345678")];
        let as_form = browser.post(&format!("/reset{path}"), &fields).await;
        let as_json =
            browser.json(&format!("/reset{path}"), serde_json::json!({"by": "email", "identifier": EMAIL})).await;
        for answer in [as_form, as_json] {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    assert!(app.calls.calls().is_empty());
}

#[tokio::test]
async fn the_api_refuses_media_types_that_foreign_forms_can_send() {
    let app = App::new();
    let body = serde_json::json!({"by": "email", "identifier": EMAIL}).to_string();
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
    {
        let mut browser = app.browser();
        browser.headers.clear();
        let answer =
            browser.send(http::Method::POST, "/reset/api/requests", Some(media_type), body.clone().into()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type}");
    }
    let mut app_on_a_phone = app.browser();
    app_on_a_phone.headers.clear();
    let asked = app_on_a_phone.json("/reset/api/requests", serde_json::from_str(&body).unwrap()).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    let mut null = app_on_a_phone.with_header("origin", "null");
    let asked = null.json("/reset/api/requests", serde_json::from_str(&body).unwrap()).await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN, "an unknown origin");
}

#[tokio::test]
async fn host_headers_change_nothing() {
    let app = App::new();
    let mut plain = app.browser();
    let expected = plain.get("/reset").await.body.replace(&plain.cookies["__Host-pr-form"], "TOKEN");
    let lies = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "81"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.example;proto=http"),
        ("origin", "https://evil.example"),
        ("referer", "https://evil.example/"),
        ("x-original-url", "/evil"),
    ];
    for (name, value) in lies {
        let mut browser = app.browser().with_header(name, value);
        let page = browser.get("/reset").await;
        assert_eq!(page.body.replace(&browser.cookies["__Host-pr-form"], "TOKEN"), expected, "{name}");
        let asked = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
        assert!(asked.location().starts_with("/reset/wait?reset="), "{name}");
        app.worker.run_once().await.unwrap();
        let mail = app.mail.last().unwrap();
        assert!(mail.link().unwrap().starts_with("https://toko.example/reset/link#"), "{name}");
        app.later(24 * 60);
    }
}

#[tokio::test]
async fn no_request_chooses_the_redirect_target() {
    let app = App::new();
    for target in
        ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "%0d%0aset-cookie:x"]
    {
        for name in ["next", "return", "redirect_uri", "continue", "url"] {
            let mut browser = app.browser();
            let page = browser.get(&format!("/reset?{name}={target}")).await;
            assert!(!page.text().contains("evil.example"), "{name} {target}");
            let posted = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL), (name, target)]).await;
            assert_eq!(posted.status, StatusCode::BAD_REQUEST, "no form has such a field");
        }
    }
}
