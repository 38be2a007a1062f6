//! Cookies: attributes, lifetimes and number (R60, R62, R63).

use std::time::Duration;

use axum::http::StatusCode;

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
    assert_eq!(attacker.post("/reset/claim", &form[..1]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
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
