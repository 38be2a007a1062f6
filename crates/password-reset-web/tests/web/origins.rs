//! Front ends on other origins use the API, and nothing else (the CORS protocol, Fetch §3.3).

use axum::body::Body;
use axum::http::{Method, StatusCode};
use password_reset_web::{EdgeLimits, Web, WebError};
use serde_json::json;

use crate::methods::PATHS;
use crate::support::{Answer, App, Browser, EMAIL, NEW, ORIGIN};

const FRONT: &str = "https://app.toko.example";
const PHONE_APP: &str = "capacitor://localhost";
const TRUSTED: [&str; 3] = [FRONT, PHONE_APP, "http://localhost:5173"];

/// Origins that are alike and not the same, and those that no one must be able to name.
const UNTRUSTED: [&str; 13] = [
    "https://evil.example",
    "https://app.toko.example.evil.example",
    "https://evilapp.toko.example",
    "https://toko.example:8443",
    "https://app.toko.example:8443",
    "https://app.toko.example/",
    "https://APP.toko.example",
    "http://app.toko.example",
    "http://localhost:5174",
    "http://localhost",
    "tauri://localhost",
    "null",
    "https://app.toko.example, https://evil.example",
];

fn app() -> App {
    App::with(|setup| setup.web = Box::new(|web| web.trusted_origins(TRUSTED)))
}

/// The browser of a page on another site.
fn at(app: &App, origin: &str) -> Browser {
    app.browser().with_header("sec-fetch-site", "cross-site").with_header("origin", origin)
}

async fn preflight(browser: Browser, path: &str, method: &str) -> Answer {
    let mut browser = browser
        .with_header("access-control-request-method", method)
        .with_header("access-control-request-headers", "authorization,content-type");
    browser.send(Method::OPTIONS, &format!("/reset{path}"), None, Body::empty()).await
}

/// The headers of the CORS protocol in an answer.
fn cors(answer: &Answer) -> Vec<&str> {
    answer.headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with("access-control-")).collect()
}

#[tokio::test]
async fn a_whole_reset_from_another_origin() {
    for origin in TRUSTED {
        let app = app();
        let mut front = at(&app, origin);
        let started = front.json("/reset/api/requests", json!({"by": "email", "identifier": EMAIL})).await;
        assert_eq!(started.status, StatusCode::ACCEPTED, "{origin}: {}", started.body);
        app.worker.run_once().await.unwrap();
        let bearer = format!("Bearer {}", started.json()["requester_token"].as_str().unwrap());
        let status = front.clone().with_header("authorization", &bearer).get("/reset/api/status").await;
        assert_eq!(status.json()["stage"], "waiting");
        let events = front.clone().with_header("authorization", &bearer);
        let events = events.clone().raw(Method::GET, "/reset/api/events", None, Body::empty()).await;
        assert_eq!(events.headers()["access-control-allow-origin"], origin);
        assert_eq!(events.headers()["content-type"], "text/event-stream");
        let link = app.mail.last().unwrap().link_secret().unwrap().to_owned();
        let proved = front.json("/reset/api/verify", json!({ "link": link })).await;
        let grant = proved.json()["grant"].clone();
        let checked = front.json("/reset/api/password-check", json!({"grant": grant, "password": NEW})).await;
        let set = front.json("/reset/api/password", json!({"grant": grant, "password": NEW, "again": NEW})).await;
        assert!(app.signs_in_with(NEW), "{origin}: {}", set.body);
        let again = front.json("/reset/api/cancel", json!({"link": link})).await;
        for answer in [started, status, proved, checked, set, again, front.get("/reset/api/policy").await] {
            assert_eq!(answer.header("access-control-allow-origin"), origin, "{}", answer.text());
            assert_eq!(answer.header("access-control-expose-headers"), "retry-after");
            assert_eq!(answer.header("vary"), "Origin");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "no cookie is ever needed");
            assert_eq!(answer.header("set-cookie"), "");
        }
    }
}

#[tokio::test]
async fn a_preflight_names_the_methods_of_the_path_and_takes_no_permit() {
    let app = App::with(|setup| {
        let mut limits = EdgeLimits::default();
        limits.requests = 1;
        setup.web = Box::new(move |web| web.trusted_origins(TRUSTED).limits(limits));
    });
    for (path, methods) in PATHS.iter().filter(|(path, _)| path.starts_with("/api/")) {
        for origin in TRUSTED {
            let answer = preflight(at(&app, origin), path, "POST").await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""), "{origin} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            assert_eq!(answer.header("access-control-allow-methods"), *methods);
            assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type");
            assert_eq!(answer.header("access-control-max-age"), "7200");
            assert_eq!(answer.header("vary"), "Origin");
            assert_eq!(answer.header("cache-control"), "no-store, no-transform");
        }
    }
    assert!(app.calls.calls().is_empty());
    // The permits of the source are all there, and what comes beyond them can be read.
    assert_eq!(at(&app, FRONT).get("/reset/api/policy").await.status, StatusCode::OK);
    let over = at(&app, FRONT).get("/reset/api/policy").await;
    assert_eq!((over.status, over.header("access-control-allow-origin")), (StatusCode::TOO_MANY_REQUESTS, FRONT));
    assert_eq!(over.header("access-control-expose-headers"), "retry-after");
    assert!(!over.header("retry-after").is_empty());
}

#[tokio::test]
async fn options_without_a_question_and_paths_that_are_not_of_the_api_are_answered_as_before() {
    let app = app();
    let plain = at(&app, FRONT).send(Method::OPTIONS, "/reset/api/verify", None, Body::empty()).await;
    assert_eq!((plain.status, plain.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    for (path, _) in PATHS.iter().filter(|(path, _)| !path.starts_with("/api/") && *path != "/nowhere") {
        let answer = preflight(at(&app, FRONT), path, "POST").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!((cors(&answer), answer.header("vary")), (vec![], ""), "{path}");
    }
    let nowhere = preflight(at(&app, FRONT), "/api/nowhere", "POST").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_origin_that_is_not_named_gets_what_it_gets_without_the_setting() {
    let (app, before) = (app(), App::new());
    let start = json!({"by": "email", "identifier": EMAIL});
    for origin in UNTRUSTED {
        for site in ["cross-site", "same-site"] {
            let [mut front, mut was] =
                [&app, &before].map(|app| at(app, origin).with_header("sec-fetch-site", site));
            let posted = front.json("/reset/api/requests", start.clone()).await;
            assert_eq!((posted.status, posted.code()), (StatusCode::FORBIDDEN, "cross_site".to_owned()), "{origin}");
            assert_eq!(posted.body, was.json("/reset/api/requests", start.clone()).await.body);
            let read = front.get("/reset/api/policy").await;
            assert_eq!(read.body, was.get("/reset/api/policy").await.body);
            let asked = preflight(front.clone(), "/api/requests", "POST").await;
            assert_eq!(asked.status, preflight(was.clone(), "/api/requests", "POST").await.status);
            assert_eq!(asked.status, StatusCode::METHOD_NOT_ALLOWED, "{origin}");
            for answer in [posted, read, asked] {
                assert_eq!((cors(&answer), answer.header("vary")), (vec![], "Origin"), "{origin}");
            }
        }
    }
    let unnamed = at(&before, FRONT).json("/reset/api/requests", start).await;
    assert_eq!((unnamed.status, unnamed.header("vary"), cors(&unnamed)), (StatusCode::FORBIDDEN, "", vec![]));
    assert!(app.calls.calls().is_empty() && before.calls.calls().is_empty());
}

/// Two values are no origin, whichever comes first.
#[tokio::test]
async fn a_second_origin_counts_as_none() {
    let app = app();
    for pair in [[FRONT, "https://evil.example"], ["https://evil.example", FRONT], [FRONT, FRONT]] {
        let mut browser = app.browser().without_header("sec-fetch-site");
        browser.headers.extend(pair.map(|origin| ("origin".to_owned(), origin.to_owned())));
        let answer = browser.json("/reset/api/requests", json!({"by": "email", "identifier": EMAIL})).await;
        assert_eq!((answer.status, cors(&answer)), (StatusCode::FORBIDDEN, vec![]), "{pair:?}");
    }
}

#[tokio::test]
async fn no_form_of_a_page_is_taken_from_a_named_origin() {
    let app = app();
    let mut own = app.browser();
    let token = own.form_token().await;
    for (path, takes) in PATHS.iter().filter(|(path, _)| !path.starts_with("/api/")) {
        for site in ["cross-site", "same-site"] {
            // With the cookies and the token of the browser, as if a page elsewhere had learned them.
            let mut front = own.clone().with_header("origin", FRONT).with_header("sec-fetch-site", site);
            let page = front.get(&format!("/reset{path}")).await;
            assert_eq!((cors(&page), page.header("vary")), (vec![], ""), "{path}");
            if takes.contains("POST") {
                let fields = [("by", "email"), ("identifier", EMAIL), ("link", "x"), ("form_token", &*token)];
                let posted = front.post(&format!("/reset{path}"), &fields).await;
                assert_eq!((posted.status, cors(&posted)), (StatusCode::FORBIDDEN, vec![]), "{path}");
            }
        }
    }
    // Nor is the grant in the cookie of a page.
    let (wait, mail) = app.mailed(&mut own).await;
    let opened = own.post("/reset/link", &[("link", mail.link_secret().unwrap())]).await;
    assert!(opened.location().starts_with("/reset/new"), "{wait}");
    let named = json!({"password": NEW, "reset": crate::support::named(opened.location())});
    let mut front = own.clone().with_header("origin", FRONT).with_header("sec-fetch-site", "same-site");
    assert_eq!(front.json("/reset/api/password-check", named.clone()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(own.json("/reset/api/password-check", named).await.status, StatusCode::OK);
}

/// A named origin still has to send JSON, and the pages' own origin needs no name.
#[tokio::test]
async fn other_checks_stay_and_the_own_origin_needs_no_name() {
    let app = app();
    let mut front = at(&app, FRONT);
    let form = front.post("/reset/api/requests", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert_eq!((form.status, form.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type".to_owned()));
    assert_eq!(form.header("access-control-allow-origin"), FRONT, "its script may read why");
    let mut own = app.browser().with_header("origin", ORIGIN);
    let asked = own.json("/reset/api/requests", json!({"by": "email", "identifier": EMAIL})).await;
    assert_eq!((asked.status, cors(&asked), asked.header("vary")), (StatusCode::ACCEPTED, vec![], "Origin"));
}

#[tokio::test]
async fn what_is_no_origin_is_refused_with_what_to_write() {
    let wrong = "https://app.toko.example/";
    let refused = Web::new(App::new().reset).trusted_origins([FRONT, wrong]).build().unwrap_err();
    assert!(matches!(&refused, WebError::Origin { origin, .. } if origin == wrong), "{refused:?}");
    let text = format!("trusted_origins: `{wrong}` is not what browsers send: write https://app.toko.example");
    assert_eq!(refused.to_string(), text);
}
