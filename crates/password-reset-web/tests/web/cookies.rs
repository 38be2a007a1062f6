//! Cookies: attributes, lifetimes and number.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use password_reset_web::Peer;
use tower::ServiceExt;

use crate::support::{App, EMAIL, NEW, named};

fn attributes(cookie: &str) -> Vec<&str> {
    cookie.split(';').skip(1).map(str::trim).collect()
}

#[tokio::test]
async fn cookies_are_http_only_secure_and_bound_to_the_host() {
    let app = App::new();
    let mut browser = app.browser();
    let page = browser.get("/reset?lang=id").await;
    let asked = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    app.worker.run_once().await.unwrap();
    let mail = app.mail.last().unwrap();
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location());
    let mut seen = 0;
    for answer in [&page, &asked, &opened] {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let attributes = attributes(cookie);
            assert!(cookie.starts_with("__Host-pr-"), "{cookie}");
            for attribute in ["HttpOnly", "Secure", "Path=/"] {
                assert!(attributes.contains(&attribute), "{cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
            let same_site = if cookie.contains("-pr-lang") || cookie.contains("-pr-form") { "Lax" } else { "Strict" };
            assert!(attributes.contains(&format!("SameSite={same_site}").as_str()), "{cookie}");
            seen += 1;
        }
    }
    assert_eq!(seen, 6, "language, form token, requester token; requester token and partial grant deleted, grant");
    let requester_token = asked.header("set-cookie");
    assert!(
        attributes(requester_token).contains(&"Max-Age=1800"),
        "as long as the browser may wait: {requester_token}"
    );
    let cookies: Vec<_> = opened.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(
        cookies[0].starts_with(&format!("__Host-pr-r-{reset}=;")) && cookies[0].contains("Max-Age=0"),
        "{cookies:?}"
    );
    assert!(
        cookies[2].starts_with(&format!("__Host-pr-g-{reset}=")) && cookies[2].contains("Max-Age=900"),
        "{cookies:?}"
    );
}

#[tokio::test]
async fn cookies_over_plain_http_on_loopback_have_no_prefix() {
    let app = App::with(|setup| setup.base_url = "http://localhost:3000/reset");
    let mut browser = app.browser();
    let asked = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    let cookie = asked.header("set-cookie");
    assert!(cookie.starts_with("pr-r-") && !cookie.contains("Secure"), "{cookie}");
    assert!(browser.get(asked.location()).await.body.contains(EMAIL));
}

#[tokio::test]
async fn a_hundred_requests_keep_only_the_newest_cookies() {
    let app = App::new();
    let mut browser = app.browser();
    let mut waits = Vec::new();
    for number in 0..100 {
        app.clock.advance(Duration::from_secs(1));
        let address = format!("user{number}@toko.example");
        let asked = browser.post("/reset", &[("by", "email"), ("identifier", &address)]).await;
        waits.push(asked.location().to_owned());
        let size: usize = browser.cookies.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
        assert!(size < 1024, "{size} bytes after {number}");
    }
    for (number, wait) in waits.iter().enumerate() {
        let expected = if number >= 94 { "" } else { "/reset/expired" };
        assert_eq!(browser.get(wait).await.location(), expected, "{number}");
    }
}

#[tokio::test]
async fn hundreds_of_cookies_are_reduced_to_the_newest() {
    let app = App::new();
    let mut hoarder = app.browser();
    for number in 0..50 {
        app.clock.advance(Duration::from_secs(1));
        let mut browser = app.browser();
        browser.post("/reset", &[("by", "email"), ("identifier", &format!("user{number}@toko.example"))]).await;
        hoarder.cookies.extend(browser.cookies);
    }
    assert_eq!(hoarder.cookies.len(), 50);
    hoarder.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert_eq!(hoarder.cookies.len(), 6);
}

#[tokio::test]
async fn each_proof_makes_a_new_grant_that_works_nowhere_else() {
    let app = App::new();
    let mut attacker = app.browser();
    let (wait, mail) = app.mailed(&mut attacker).await;
    // The attacker knows the requester token; the owner proves the account in another browser.
    let mut owner = app.browser();
    let opened = owner.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    assert_eq!(reset, named(&wait));
    let requester_token = attacker.cookies[&format!("__Host-pr-r-{reset}")].clone();
    let form = [("reset", reset.as_str()), ("password", NEW), ("again", NEW)];
    assert_eq!(attacker.post("/reset/new", &form).await.location(), "/reset/expired");
    assert!(attacker.post("/reset/claim", &form[..1]).await.location().starts_with("/reset/wait?problem=not_yet"));
    let mut planted = app.browser();
    planted.cookies.insert(format!("__Host-pr-g-{reset}"), requester_token);
    assert_eq!(planted.post("/reset/new", &form).await.location(), "/reset/expired");
    assert_eq!(owner.post("/reset/new", &form).await.location(), "/reset/done");
}

#[tokio::test]
async fn misnamed_and_broken_cookies_are_ignored() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, _) = app.mailed(&mut browser).await;
    let reset = named(&wait).to_owned();
    let requester_token = browser.cookies.remove(&format!("__Host-pr-r-{reset}")).unwrap();
    let mut moved = app.browser();
    moved.cookies.insert("__Host-pr-r-AAAAAAAAAAAAAAAA".to_owned(), requester_token.clone());
    assert_eq!(moved.get("/reset/wait?reset=AAAAAAAAAAAAAAAA").await.location(), "/reset/expired");
    for value in ["", "x", "\"", &requester_token[..63], &format!("{requester_token}A")] {
        let mut broken = app.browser();
        broken.cookies.insert(format!("__Host-pr-r-{reset}"), value.to_owned());
        assert_eq!(broken.get(&wait).await.location(), "/reset/expired", "{value}");
    }
}

/// Requests with the browser's own cookies amid others, and returns where it is led; `""` is the page itself.
async fn led_to(app: &App, wait: &str, headers: &[Vec<u8>]) -> (StatusCode, String) {
    let mut request = Request::get(wait);
    for header in headers {
        request = request.header("cookie", HeaderValue::from_bytes(header).unwrap());
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer("203.0.113.7:1".parse().unwrap()));
    let response = app.served.clone().oneshot(request).await.unwrap();
    let location = response.headers().get("location").map_or("", |to| to.to_str().unwrap());
    (response.status(), location.to_owned())
}

/// Whatever other applications of the host set, the cookies of a reset are read.
#[tokio::test]
async fn cookies_of_other_applications_never_matter() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, _) = app.mailed(&mut browser).await;
    let (name, value) = browser.cookies.iter().find(|(name, _)| name.contains("-r-")).unwrap();
    let own = format!("{name}={value}").into_bytes();
    let quoted = format!("{name}=\"{value}\"").into_bytes();
    let foreign: [&[u8]; 18] = [
        "theme=café".as_bytes(),
        b"theme=caf\xe9",
        b"\xff\xfe=\xff",
        "名前=値".as_bytes(),
        b"=nameless",
        b"=",
        b"flag",
        b"",
        b" ",
        b"q=\"",
        b"q=\"a b\"",
        b"json={\"a\":1,\"b\":[2]}",
        b"a=1,b=2",
        b"percent=%C3%28%",
        b"a=b=c==",
        b"tab=\t\tx",
        b"__Host-pr-=x",
        b"__Host-pr-r-caf\xc3\xa9=x",
    ];
    let found = (StatusCode::OK, String::new());
    let join = |parts: &[&[u8]]| parts.join(&b"; "[..]);
    for other in foreign {
        let shown = String::from_utf8_lossy(other);
        for header in [join(&[other, &own]), join(&[&own, other]), join(&[other, &own, other])] {
            assert_eq!(led_to(&app, &wait, &[header]).await, found, "{shown}");
        }
        assert_eq!(led_to(&app, &wait, &[other.to_vec(), own.clone()]).await, found, "{shown} in a header of its own");
        assert_eq!(led_to(&app, &wait, &[own.clone(), other.to_vec()]).await, found, "{shown} in a second header");
        assert_eq!(led_to(&app, &wait, &[[other, &own].join(&b';')]).await, found, "{shown} without a space");
    }
    assert_eq!(led_to(&app, &wait, &[quoted]).await, found, "quotes around the value");
    let mut hundred: Vec<Vec<u8>> = (0..100).map(|at| format!("c{at}=caf\u{e9}").into_bytes()).collect();
    hundred.push(own);
    assert_eq!(led_to(&app, &wait, &[hundred.join(&b"; "[..])]).await, found, "a hundred others");
    assert_eq!(led_to(&app, &wait, &hundred).await, found, "a hundred other headers");
}
