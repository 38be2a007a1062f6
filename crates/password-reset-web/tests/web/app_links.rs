//! The files by which applications on phones claim the links of messages.

use axum::http::{Method, StatusCode};
use password_reset::Site;
use password_reset::message::SecretUrl;
use password_reset_web::{AppLinks, WebError};
use serde_json::{Value, json};

use crate::mount::app_links;
use crate::support::{App, Browser};

const FINGERPRINT: &str =
    "14:6d:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";
const APPLE: &str = "A1B2C3D4E5.example.toko.app";
const PATHS: [&str; 2] = ["/.well-known/assetlinks.json", "/.well-known/apple-app-site-association"];

/// A secret as links have it.
const SECRET: &str = "AbC-_9dEf";

fn site() -> Site {
    Site::new("Toko Contoh", "https://toko.example/account/reset")
}

fn own_pages() -> Site {
    site()
        .with_link_page("https://app.toko.example/#/reset/{secret}")
        .with_cancel_page("https://app.toko.example/#/cancel/{secret}/ask")
        .with_lock_page("https://app.toko.example/lock#{secret}")
}

fn both(site: &Site) -> AppLinks {
    AppLinks::new(site).unwrap().android("example.toko.app", [FINGERPRINT]).unwrap().apple([APPLE]).unwrap()
}

fn browser(links: &AppLinks) -> Browser {
    let mut app = App::new();
    app.served = app_links(links);
    app.browser()
}

#[tokio::test]
async fn both_files_are_at_the_root_as_json_that_may_be_cached() {
    let links = both(&site());
    let mut browser = browser(&links);
    for (path, file) in PATHS.into_iter().zip([links.android_file(), links.apple_file()]) {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(Some(answer.body), file);
        let head = browser.send(Method::HEAD, path, None, axum::body::Body::empty()).await;
        assert_eq!((head.status, head.header("content-type")), (StatusCode::OK, "application/json"), "{path}");
    }
    assert_eq!(browser.get(&format!("/account/reset{}", PATHS[0])).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_system_without_an_application_has_no_file() {
    let android = AppLinks::new(&site()).unwrap().android("example.toko.app", [FINGERPRINT]).unwrap();
    let apple = AppLinks::new(&site()).unwrap().apple([APPLE]).unwrap();
    for (links, found) in [(android, [200, 404]), (apple, [404, 200])] {
        let mut browser = browser(&links);
        for (path, status) in PATHS.into_iter().zip(found) {
            assert_eq!(browser.get(path).await.status.as_u16(), status, "{path}");
        }
    }
}

#[test]
fn the_files_name_the_applications_and_the_pages_of_the_site_alone() {
    let links = both(&site());
    let pages = json!([
        {"/": "/account/reset/link", "#": "?*"},
        {"/": "/account/reset/cancel", "#": "?*"},
        {"/": "/account/reset/lock", "#": "?*"},
    ]);
    let handles = "delegate_permission/common.handle_all_urls";
    let android: Value = serde_json::from_str(&links.android_file().unwrap()).unwrap();
    let expected = json!([{
        "relation": [handles],
        "target": {
            "namespace": "android_app",
            "package_name": "example.toko.app",
            "sha256_cert_fingerprints": [FINGERPRINT.to_ascii_uppercase()],
        },
        "relation_extensions": {handles: {"dynamic_app_link_components": pages}},
    }]);
    assert_eq!(android, expected);
    let apple: Value = serde_json::from_str(&links.apple_file().unwrap()).unwrap();
    assert_eq!(apple, json!({"applinks": {"details": [{"appIDs": [APPLE], "components": pages}]}}));
    assert_eq!(links.host(), "toko.example");
}

/// As both systems read a pattern: `*` is any number of characters, `?` is one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|taken| matches(rest, &text[taken..])),
        ([b'?', rest @ ..], [_, behind @ ..]) => matches(rest, behind),
        ([one, rest @ ..], [other, behind @ ..]) => one == other && matches(rest, behind),
        _ => false,
    }
}

/// Whether the application opens with an address.
fn opens(links: &AppLinks, address: &str) -> bool {
    let url = url::Url::parse(address).unwrap();
    let file: Value = serde_json::from_str(&links.apple_file().unwrap()).unwrap();
    let components = file["applinks"]["details"][0]["components"].as_array().unwrap().clone();
    url.host_str() == Some(links.host())
        && components.iter().any(|component| {
            let is = |part: &str, text: &str| matches(component[part].as_str().unwrap().as_bytes(), text.as_bytes());
            is("/", url.path()) && is("#", url.fragment().unwrap_or_default())
        })
}

#[test]
fn links_of_messages_open_the_application_and_nothing_else_does() {
    for site in [site(), own_pages(), Site::new("Toko Contoh", "https://toko.example")] {
        let links = both(&site);
        for page in ["link", "cancel", "lock"] {
            let url = SecretUrl::new(&site, page, SECRET);
            assert!(opens(&links, url.expose()), "{}", url.expose());
            let elsewhere = url.expose().replace("toko.example", "toko.example.evil.example");
            assert!(!opens(&links, &elsewhere), "{elsewhere}");
            let without_secret = SecretUrl::new(&site, page, "");
            assert!(!opens(&links, without_secret.expose()), "{}", without_secret.expose());
        }
        for path in ["/", "/#/", "/#/shop/1", "/account/reset", "/account/reset/wait#x", "/account/reset/link", "/lock"] {
            let address = format!("https://{}{path}", links.host());
            assert!(!opens(&links, &address), "{address}");
        }
    }
}

#[test]
fn a_page_on_another_host_is_left_to_that_host() {
    let links = both(&site().with_link_page("https://app.toko.example/reset#{secret}"));
    assert_eq!(links.host(), "app.toko.example");
    let file = links.apple_file().unwrap();
    assert!(file.contains("\"/reset\"") && !file.contains("cancel") && !file.contains("lock"), "{file}");
}

#[test]
fn what_is_no_application_is_refused_by_its_text() {
    let links = || AppLinks::new(&site()).unwrap();
    let value = |error: WebError| match error {
        WebError::AppLinks { value, .. } => value,
        other => panic!("{other}"),
    };
    let long = format!("{FINGERPRINT}:00");
    let short = &FINGERPRINT[3..];
    let (plain, other) = (FINGERPRINT.replace(':', ""), FINGERPRINT.replacen("14", "1g", 1));
    for fingerprint in [&long, short, &plain, &other, "", "14:6D:E9:…"] {
        assert_eq!(value(links().android("example.toko.app", [FINGERPRINT, fingerprint]).unwrap_err()), fingerprint);
    }
    for package in ["", "toko", "example..toko", "example.1toko", "example.toko-app", ".example.toko", "example.toko."] {
        assert_eq!(value(links().android(package, [FINGERPRINT]).unwrap_err()), package);
    }
    let none: [&str; 0] = [];
    assert_eq!(value(links().android("example.toko.app", none).unwrap_err()), "example.toko.app");
    for id in ["", "example.toko.app", "A1B2C3D4E.example", "a1b2c3d4e5.example.toko", "A1B2C3D4E5", "A1B2C3D4E5.", "A1B2C3D4E5.*"] {
        assert_eq!(value(links().apple([APPLE, id]).unwrap_err()), id);
    }
    for page in ["https://toko.example/a*b#{secret}", "https://toko.example/a#*{secret}", "https://toko.example/$(x)#{secret}"] {
        assert!(AppLinks::new(&site().with_lock_page(page)).is_err(), "{page}");
    }
}
