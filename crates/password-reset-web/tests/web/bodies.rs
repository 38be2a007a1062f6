//! Bodies: small, of the right media type, every field once and of its type.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::{App, EMAIL, NEW, named};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn a_body_over_the_cap_is_refused_unread() {
    let app = App::new();
    for (path, takes) in crate::methods::PATHS {
        if !takes.contains("POST") {
            continue;
        }
        let api = path.starts_with("/api/");
        let media_type = if api { Some("application/json") } else { FORM };
        let body = vec![b'a'; 1024 * 1024];
        let answer = app.browser().send(Method::POST, &format!("/reset{path}"), media_type, Body::from(body)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        if api {
            assert_eq!(answer.code(), "too_large");
        }
    }
    assert!(app.calls.calls().is_empty());
}

#[tokio::test]
async fn a_form_of_another_type_is_refused() {
    let app = App::new();
    for media_type in [None, Some("text/plain"), Some("multipart/form-data; boundary=x"), Some("application/json")] {
        let answer = app.browser().send(Method::POST, "/reset", media_type, Body::from("by=email")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type:?}");
    }
    let with_charset = Some("Application/X-WWW-Form-URLencoded; charset=UTF-8");
    let body = Body::from(format!("by=email&identifier={EMAIL}"));
    assert_eq!(app.browser().send(Method::POST, "/reset", with_charset, body).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_with_repeated_or_unknown_fields_is_refused() {
    let app = App::new();
    let long = format!("by=email&identifier={}", "a".repeat(10_000));
    let table = [
        ("by=email&identifier=a%40toko.example&identifier=b%40toko.example", StatusCode::BAD_REQUEST),
        ("by=email&identifier[]=a%40toko.example", StatusCode::BAD_REQUEST),
        ("by=email&identifier[x]=a%40toko.example", StatusCode::BAD_REQUEST),
        ("by=email&by=username&identifier=ani", StatusCode::BAD_REQUEST),
        ("by=email&identifier=%FFani%40toko.example", StatusCode::BAD_REQUEST),
        ("by=email", StatusCode::BAD_REQUEST),
        ("identifier=ani%40toko.example", StatusCode::BAD_REQUEST),
        ("by=pigeon&identifier=ani", StatusCode::BAD_REQUEST),
        ("by=email&identifier=ani%40toko.example&admin=1", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        ("by=email&identifier=a%00%40toko.example", StatusCode::SEE_OTHER),
        ("by=email&identifier=a%40toko.example%0d%0abcc:b%40toko.example", StatusCode::SEE_OTHER),
        ("by=email&identifier=a%40toko.example,b%40toko.example", StatusCode::SEE_OTHER),
        (&long, StatusCode::SEE_OTHER),
    ];
    for (body, expected) in table {
        let answer = app.browser().send(Method::POST, "/reset", FORM, Body::from(body.to_owned())).await;
        assert_eq!(answer.status, expected, "{body}");
        let shown_again = answer.location().starts_with("/reset?by=email&problem=");
        assert_eq!(shown_again, expected == StatusCode::SEE_OTHER, "{body}: {}", answer.location());
    }
    assert!(app.calls.calls().is_empty(), "the store was not called");
}

#[tokio::test]
async fn a_document_with_repeated_unknown_or_mistyped_fields_is_refused() {
    let app = App::new();
    let table = [
        r#"{"by":"email","identifier":"a@toko.example","identifier":"b@toko.example"}"#,
        r#"{"by":"email","identifier":["a@toko.example","b@toko.example"]}"#,
        r#"{"by":"email","identifier":{"a":"b"}}"#,
        r#"{"by":"email","identifier":null}"#,
        r#"{"by":"email","identifier":7}"#,
        r#"{"by":"email","identifier":"a@toko.example","locale":null}"#,
        r#"{"by":"email","identifier":"a@toko.example","locale":"tlh"}"#,
        r#"{"by":"email","identifier":"a@toko.example","token":"x"}"#,
        r#"{"by":"email","identifier":"a@toko.example","admin":true}"#,
        r#"{"by":"pigeon","identifier":"a@toko.example"}"#,
        r#"{"by":"email"}"#,
        r#"["email","a@toko.example"]"#,
        "null",
        "",
        "{",
        "\u{feff}{}",
    ];
    for body in table {
        let sent = app.browser().send(Method::POST, "/reset/api/requests", Some("application/json"), body.into()).await;
        assert_eq!(sent.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(sent.code(), "malformed", "{body}");
    }
    let deep = format!("{}{}", "[".repeat(15_000), "]".repeat(15_000));
    let sent = app.browser().send(Method::POST, "/reset/api/requests", Some("application/json"), deep.into()).await;
    assert_eq!(sent.code(), "malformed", "nesting is bounded");
    let unreadable = app.browser().json("/reset/api/requests", json!({"by": "email", "identifier": "ani"})).await;
    assert_eq!((unreadable.status, unreadable.code()), (StatusCode::UNPROCESSABLE_ENTITY, "bad_identifier".to_owned()));
    let off = app.browser().json("/reset/api/requests", json!({"by": "whatsapp", "identifier": "08120000001"})).await;
    assert_eq!(off.code(), "channel_off");
    assert!(app.calls.calls().is_empty(), "the store was not called");
}

#[tokio::test]
async fn a_malformed_secret_is_refused_without_a_store_call() {
    let app = App::new();
    let bad = [String::new(), "x".to_owned(), "A".repeat(63), "A".repeat(65), "!".repeat(64), "A".repeat(20_000)];
    for secret in &bad {
        let link = app.browser().post("/reset/link", &[("link", secret)]).await;
        assert_eq!(link.location(), "/reset/link?problem=unreadable", "{}", secret.len());
        let cancel = app.browser().post("/reset/cancel", &[("link", secret), ("confirm", "yes")]).await;
        assert_eq!(cancel.location(), "/reset/cancel?problem=unreadable", "{}", secret.len());
        for body in [
            json!({"link": secret}),
            json!({"requester_token": secret}),
            json!({"requester_token": secret, "code": "12345678"}),
        ] {
            assert_eq!(app.browser().json("/reset/api/verify", body).await.code(), "refused");
        }
        let password = json!({"grant": secret, "password": NEW, "again": NEW});
        assert_eq!(app.browser().json("/reset/api/password", password).await.code(), "refused");
        assert_eq!(app.browser().json("/reset/api/cancel", json!({"link": secret})).await.code(), "refused");
    }
    assert!(app.calls.calls().is_empty());
}

#[tokio::test]
async fn the_longest_password_is_accepted_in_full() {
    let app = App::new();
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    let max = usize::from(app.reset.policy().max_length().unwrap());
    let word: Vec<char> = " Käse+&=% 早い\u{1f600}".chars().collect();
    let longest: String = word.iter().cycle().take(max).collect();
    let set = browser.post("/reset/new", &[("reset", &reset), ("password", &longest), ("again", &longest)]).await;
    assert_eq!(set.location(), "/reset/done", "{}", set.body);
    assert!(app.signs_in_with(&longest));
}
