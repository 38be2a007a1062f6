//! Each address allows its methods and no others, and only POST changes anything.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use password_reset_web::{ResetMethod, Web};

use crate::support::{App, EMAIL, NEW, OLD, named};

/// Every fixed address with its methods, and two more: one of an asset, one of nothing.
pub(crate) const PATHS: [(&str, &str); 26] = [
    ("", "GET,HEAD,POST"),
    ("/wait", "GET,HEAD"),
    ("/code", "GET,HEAD,POST"),
    ("/claim", "GET,HEAD,POST"),
    ("/link", "GET,HEAD,POST"),
    ("/step-up", "GET,HEAD,POST"),
    ("/new", "GET,HEAD,POST"),
    ("/done", "GET,HEAD"),
    ("/cancel", "GET,HEAD,POST"),
    ("/lock", "GET,HEAD,POST"),
    ("/cancelled", "GET,HEAD"),
    ("/locked", "GET,HEAD"),
    ("/expired", "GET,HEAD"),
    ("/events", "GET,HEAD"),
    ("/assets/none.css", "GET,HEAD"),
    ("/api/requests", "POST"),
    ("/api/status", "GET,HEAD"),
    ("/api/events", "GET,HEAD"),
    ("/api/verify", "POST"),
    ("/api/password", "POST"),
    ("/api/cancel", "POST"),
    ("/api/lock", "POST"),
    ("/api/policy", "GET,HEAD"),
    ("/api/password-check", "POST"),
    ("/api/openapi.json", "GET,HEAD"),
    ("/nowhere", ""),
];

/// So that the tests over this list miss no path of the pages.
#[tokio::test]
async fn every_fixed_path_is_listed_here() {
    let pages = Web::new(App::new().reset).reset_methods([ResetMethod::Email]).build().unwrap();
    let listed = PATHS.iter().map(|(path, _)| if path.is_empty() { "/" } else { *path });
    let listed: BTreeSet<&str> = listed.filter(|path| !["/assets/none.css", "/nowhere"].contains(path)).collect();
    assert_eq!(listed, pages.paths().collect());
}

#[tokio::test]
async fn each_address_allows_only_its_methods_and_lists_them() {
    let app = App::new();
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
    for (path, takes) in PATHS {
        for method in methods {
            let mut browser = app.browser();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = browser.send(method.clone(), &format!("/reset{path}"), None, Body::empty()).await;
            if path == "/nowhere" {
                assert_eq!(answer.status, StatusCode::NOT_FOUND);
            } else if takes.split(',').any(|taken| taken == method.as_str()) {
                assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            } else {
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert_eq!(answer.header("allow"), takes, "{method} {path}");
                let expected =
                    if path.starts_with("/api/") { "application/problem+json" } else { "text/html; charset=utf-8" };
                assert_eq!(answer.header("content-type"), expected, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn get_head_and_options_change_nothing() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    let reset = named(&wait).to_owned();
    let (link, code, cancel) = (mail.link_secret().unwrap(), mail.code().unwrap(), mail.cancel_secret().unwrap());
    let query = format!(
        "?reset={reset}&link={link}&code={code}&cancel={cancel}&confirm=yes&password={NEW}&again={NEW}&by=email&\
         identifier={EMAIL}&requester_token={}&grant=x",
        browser.cookies[&format!("__Host-pr-r-{reset}")]
    )
    .replace(' ', "%20");
    let before = (app.store.resets().unwrap(), app.store.trail().len(), app.mail.tried().len());
    for _ in 0..20 {
        for (path, _) in PATHS.iter().filter(|(path, _)| !path.ends_with("/events")) {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                browser.send(method, &format!("/reset{path}{query}"), None, Body::empty()).await;
            }
        }
        // Beyond the quota of its source no request would reach a handler.
        browser.peer.set_ip(std::net::IpAddr::V4(std::net::Ipv4Addr::from(spread(browser.seen.len()))));
    }
    app.worker.run_once().await.unwrap();
    let after = (app.store.resets().unwrap(), app.store.trail().len(), app.mail.tried().len());
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    assert!(browser.seen.iter().all(|answer| !answer.starts_with("429")), "every request was answered");
    assert!(app.signs_in_with(OLD));
    let opened = browser.post("/reset/link", &[("link", link)]).await;
    let set =
        browser.post("/reset/new", &[("reset", named(opened.location())), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done", "the link still works");
}

fn spread(number: usize) -> u32 {
    u32::try_from(number).unwrap().wrapping_mul(2_654_435_761)
}

/// A link that a filter rewrote, and a path with a slash at its end, lead where their plain forms lead.
#[tokio::test]
async fn rewritten_paths_lead_to_their_pages() {
    let app = App::new();
    let (_, mail) = app.mailed(&mut app.browser()).await;
    let pages = [("link", mail.link_secret()), ("cancel", mail.cancel_secret()), ("lock", mail.link_secret())];
    for (page, secret) in pages {
        let secret = secret.unwrap();
        let plain = app.browser().get(&format!("/reset/{page}")).await.body;
        for tail in [
            format!("%23{secret}"),
            format!("%2523{secret}"),
            format!("%252523{secret}"),
            format!("/%23{secret}"),
            secret.to_owned(),
            format!("/{secret}"),
            format!("/{secret}/"),
            format!("%23{secret}."),
            format!("%23{secret}%3E"),
            format!("%23{secret}?utm_source=mail"),
            format!("?x=1%23{secret}"),
            format!("&{secret}"),
            "/".to_owned(),
            ".".to_owned(),
            "%3E".to_owned(),
            "%20".to_owned(),
            "/a/b/c".to_owned(),
        ] {
            let mut browser = app.browser();
            let mut answer = browser.get(&format!("/reset/{page}{tail}")).await;
            if answer.status == StatusCode::SEE_OTHER {
                answer = browser.get(answer.location()).await;
            }
            assert_eq!(answer.status, StatusCode::OK, "{page}{tail}");
            assert!(answer.body.contains("<input id=\"link\"") && !answer.body.contains(secret), "{page}{tail}");
            assert_eq!(answer.body.len(), plain.len(), "{page}{tail}");
        }
    }
    for (path, plain) in [
        ("/reset/wait/?reset=AAAAAAAAAAAAAAAA", "/reset/wait?reset=AAAAAAAAAAAAAAAA"),
        ("/reset/done/", "/reset/done"),
        ("/reset/expired//", "/reset/expired"),
    ] {
        let answer = app.browser().get(path).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, plain), "{path}");
    }
    for query in ["", "?by=username", "?by=email"] {
        let plain = app.browser().get(&format!("/reset{query}")).await;
        for slash in ["/", "//"] {
            let answer = app.browser().get(&format!("/reset{slash}{query}")).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, plain.body.len()), "{slash}{query}");
        }
    }
    let nowhere = app.browser().get("/reset/evil.example//").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}
