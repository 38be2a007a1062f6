//! No request causes a server error.

use axum::body::Body;
use axum::http::{Method, Request};
use password_reset_web::Peer;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::Config;
use tower::ServiceExt;

use crate::methods::PATHS;
use crate::support::App;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("email".to_owned()),
        Just("ani@toko.example".to_owned()),
        Just("A".repeat(64)),
        Just("A".repeat(75)),
        Just("AaMYXFAAfSCkAAAA".to_owned()),
        Just("12345678".to_owned()),
        Just("yes".to_owned()),
        "\\PC{0,40}",
        any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

fn field() -> impl Strategy<Value = (String, String)> {
    let names = [
        "by",
        "identifier",
        "link",
        "code",
        "password",
        "again",
        "confirm",
        "reset",
        "form_token",
        "grant",
        "requester_token",
        "locale",
        "lang",
        "username",
    ];
    let name = prop_oneof![proptest::sample::select(names.to_vec()).prop_map(str::to_owned), text()];
    (name, text())
}

/// The fields of a real form with arbitrary values. Only these reach the store.
fn real_fields() -> impl Strategy<Value = Vec<(String, String)>> {
    let forms: [&[&str]; 5] =
        [&["by", "identifier"], &["link"], &["link", "confirm"], &["reset", "code"], &["reset", "password", "again"]];
    let names = proptest::sample::select(forms.to_vec());
    (names, vec(text(), 3))
        .prop_map(|(names, values)| names.iter().map(|name| (*name).to_owned()).zip(values).collect())
}

fn body() -> impl Strategy<Value = (Option<String>, Vec<u8>)> {
    let form = prop_oneof![vec(field(), 0..6), real_fields()].prop_map(|fields| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        (Some("application/x-www-form-urlencoded".to_owned()), crate::support::encode(&fields).into_bytes())
    });
    let document = vec(field(), 0..6).prop_map(|fields| {
        let fields: serde_json::Map<_, _> = fields.into_iter().map(|(name, value)| (name, value.into())).collect();
        (Some("application/json".to_owned()), serde_json::to_vec(&fields).unwrap())
    });
    let media_type =
        prop_oneof![Just("application/json"), Just("application/x-www-form-urlencoded"), Just("text/plain")];
    let junk = (media_type, any::<Vec<u8>>()).prop_map(|(media_type, bytes)| (Some(media_type.to_owned()), bytes));
    prop_oneof![form, document, junk, Just((None, Vec::new()))]
}

/// Well-formed requests with arbitrary values.
fn shaped() -> impl Strategy<Value = (Method, String, (Option<String>, Vec<u8>))> {
    let forms: [(&str, &[&str]); 8] = [
        ("", &["by", "identifier", "reset"]),
        ("/code", &["code", "reset"]),
        ("/claim", &["reset"]),
        ("/link", &["link"]),
        ("/new", &["password", "again", "reset"]),
        ("/cancel", &["link", "confirm"]),
        ("/lock", &["link", "confirm"]),
        ("/step-up", &["code", "reset"]),
    ];
    let documents: [(&str, &[&str]); 9] = [
        ("/api/requests", &["by", "identifier"]),
        ("/api/verify", &["link"]),
        ("/api/verify", &["requester_token"]),
        ("/api/verify", &["requester_token", "code"]),
        ("/api/password", &["grant", "password"]),
        ("/api/password-check", &["grant", "password"]),
        ("/api/verify", &["partial_grant", "code"]),
        ("/api/cancel", &["link"]),
        ("/api/lock", &["link"]),
    ];
    let shapes: Vec<_> =
        forms.into_iter().map(|shape| (shape, false)).chain(documents.map(|shape| (shape, true))).collect();
    (proptest::sample::select(shapes), vec(text(), 3)).prop_map(|(((path, names), json), values)| {
        let fields: Vec<(&str, &str)> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
        let body = if json {
            let fields: serde_json::Map<_, _> =
                fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            (Some("application/json".to_owned()), serde_json::to_vec(&fields).unwrap())
        } else {
            (Some("application/x-www-form-urlencoded".to_owned()), crate::support::encode(&fields).into_bytes())
        };
        (Method::POST, path.to_owned(), body)
    })
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let names =
        ["cookie", "origin", "sec-fetch-site", "accept-language", "authorization", "x-forwarded-for", "content-length"];
    let value = prop_oneof![
        text().prop_map(String::into_bytes),
        text().prop_map(|value| format!("__Host-pr-r-AaMYXFAAfSCkAAAA={value}; __Host-pr-form={value}").into_bytes()),
        text().prop_map(|value| format!("Bearer {value}").into_bytes()),
        vec(any::<u8>(), 0..60),
    ];
    (proptest::sample::select(names.to_vec()), value)
}

#[test]
fn no_request_causes_a_server_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = App::with(|setup| setup.web = Box::new(|web| web.trusted_proxies(["203.0.113.0/24"])));
    let methods = [Method::GET, Method::POST, Method::HEAD, Method::PUT, Method::OPTIONS];
    let method = proptest::sample::select(methods.to_vec());
    let path = prop_oneof![
        proptest::sample::select(PATHS.to_vec()).prop_map(|(path, _)| path.to_owned()),
        text().prop_map(|text| format!("/assets/{}", crate::support::encode(&[(&text, "")]))),
        text().prop_map(|text| format!("/{}", crate::support::encode(&[(&text, "")]))),
    ];
    let wild = (method, path, body());
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let sent = prop_oneof![wild, shaped()];
    let made = (sent, vec(field(), 0..4), vec(header(), 0..4), any::<[u8; 4]>());
    proptest!(config, |(((method, path, (media_type, body)), query, headers, peer) in made)| {
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut request = Request::builder().method(method).uri(format!("/reset{path}?{}", crate::support::encode(&query)));
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        request = request.header("sec-fetch-site", "same-origin");
        for (name, value) in headers {
            if let Ok(value) = http::HeaderValue::from_bytes(&value) {
                request = request.header(name, value);
            }
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(std::net::SocketAddr::from((peer, 4711))));
        let response = runtime.block_on(app.served.clone().oneshot(request)).unwrap();
        assert!(!response.status().is_server_error(), "{}", response.status());
        assert!(response.headers().contains_key("content-security-policy"));
    });
    assert!(!app.calls.calls().is_empty(), "some requests reached the store");
}
