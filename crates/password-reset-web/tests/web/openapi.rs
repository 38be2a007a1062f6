//! The OpenAPI document matches the routes.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use password_reset::{Inbound, Language, Languages};
use password_reset_web::ResetMethod;
use serde_json::{Value, json};

use crate::methods::PATHS;
use crate::support::{App, EMAIL, Locked, NEW, NUMBER};

pub(crate) async fn document(app: &App) -> Value {
    let answer = app.browser().get("/reset/api/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    answer.json()
}

/// Validates a document against the schema of this name, and that it has no field that the schema does not list.
pub(crate) fn check(document: &Value, schema: &str, value: &Value) {
    let mut document = document.clone();
    close(&mut document["components"]["schemas"]);
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{schema}"),
        "components": document["components"],
    });
    let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{schema}: {errors:?} in {value}");
}

/// Lets every schema of an object list all of its fields.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if object.get("type") == Some(&json!("object")) && object.contains_key("properties") {
            object.insert("additionalProperties".to_owned(), json!(false));
        }
        object.values_mut().for_each(close);
    } else if let Some(list) = schema.as_array_mut() {
        list.iter_mut().for_each(close);
    }
}

/// The names of the schemas that a part of the document uses, and those that these use.
fn used<'a>(document: &'a Value, part: &'a Value, names: &mut BTreeSet<&'a str>) {
    if let Some(name) = part["$ref"].as_str().and_then(|to| to.strip_prefix("#/components/schemas/")) {
        if names.insert(name) {
            used(document, &document["components"]["schemas"][name], names);
        }
    } else if let Some(to) = part["$ref"].as_str() {
        used(document, document.pointer(to.trim_start_matches('#')).unwrap(), names);
    } else if let Some(object) = part.as_object() {
        object.values().for_each(|part| used(document, part, names));
    } else if let Some(list) = part.as_array() {
        list.iter().for_each(|part| used(document, part, names));
    }
}

/// Whether each object in a schema is closed to fields that it does not list.
fn closed(schema: &Value, found: &mut Vec<bool>) {
    if let Some(object) = schema.as_object() {
        if object.contains_key("properties") {
            found.push(object.get("additionalProperties") == Some(&json!(false)));
        }
        object.values().for_each(|part| closed(part, found));
    } else if let Some(list) = schema.as_array() {
        list.iter().for_each(|part| closed(part, found));
    }
}

/// A client that validates answers must not break where a later version says more; an unknown field of a request is refused.
#[test]
fn responses_may_grow_and_requests_may_not() {
    let document: Value = serde_json::from_str(include_str!("../../src/api/openapi.json")).unwrap();
    let (mut sent, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for method in document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()) {
        used(&document, &method["requestBody"], &mut sent);
        used(&document, &method["responses"], &mut answered);
    }
    for (names, expected) in [(&sent, true), (&answered, false)] {
        let mut found = Vec::new();
        names.iter().for_each(|name| closed(&document["components"]["schemas"][name], &mut found));
        assert!(found.len() > 6 && found.iter().all(|closed| *closed == expected), "{names:?}: {found:?}");
    }
    assert!(document["info"]["description"].as_str().unwrap().contains("ignore fields that you do not know"));
}

#[tokio::test]
async fn every_route_is_documented_and_every_documented_one_answers() {
    let app = App::new();
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "https://toko.example/reset");
    let mut documented = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = app.browser().send(method.clone(), &format!("/reset{path}"), None, Body::empty()).await;
            assert!(![404, 405].contains(&answer.status.as_u16()), "{method} {path}: {}", answer.status);
            documented.push(format!("{method} {path}"));
        }
    }
    let mut routes: Vec<String> = PATHS
        .iter()
        .filter(|(path, _)| path.starts_with("/api/"))
        .flat_map(|(path, takes)| {
            takes.split(',').filter(|method| *method != "HEAD").map(move |method| format!("{method} {path}"))
        })
        .collect();
    routes.sort();
    documented.sort();
    assert_eq!(documented, routes);
}

#[tokio::test]
async fn requests_and_responses_match_their_schemas() {
    let app = App::with(|setup| {
        setup.inbound = Some(Inbound::page_advances(NUMBER).unwrap());
        setup.build = Box::new(|builder| builder.account_locker(Locked::default()));
        setup.web = Box::new(|web| web.reset_methods([ResetMethod::WhatsApp, ResetMethod::Email]));
    });
    let document = document(&app).await;
    let mut client = app.browser();
    client.headers.clear();

    let request = json!({"by": "email", "identifier": EMAIL, "locale": "en"});
    check(&document, "ResetRequest", &request);
    let asked = client.json("/reset/api/requests", request).await;
    check(&document, "ResetRequested", &asked.json());
    let requester_token = asked.json()["requester_token"].as_str().unwrap().to_owned();
    let challenged = client.json("/reset/api/requests", json!({"by": "whatsapp", "identifier": "081200000001"})).await;
    check(&document, "ResetRequested", &challenged.json());
    assert!(challenged.json()["challenge"].is_object());
    let mut waiting = client
        .clone()
        .with_header("authorization", &format!("Bearer {}", challenged.json()["requester_token"].as_str().unwrap()));
    check(&document, "Status", &waiting.get("/reset/api/status").await.json());

    app.worker.run_once().await.unwrap();
    let mail = app.mail.last().unwrap();
    for proof in [
        json!({"requester_token": requester_token, "code": mail.code().unwrap()}),
        json!({"link": mail.link_secret().unwrap()}),
    ] {
        check(&document, "Proof", &proof);
        let proved = client.json("/reset/api/verify", proof).await;
        check(&document, "Grant", &proved.json());
    }
    check(&document, "Proof", &json!({"requester_token": requester_token}));
    let link = json!({"link": mail.link_secret().unwrap()});
    let grant = client.json("/reset/api/verify", link).await.json()["grant"].clone();

    let to_check = json!({"grant": grant, "password": "password", "again": "another"});
    check(&document, "PasswordToCheck", &to_check);
    let checked = client.json("/reset/api/password-check", to_check).await;
    check(&document, "CheckedPassword", &checked.json());
    check(&document, "Policy", &client.get("/reset/api/policy").await.json());

    let refused = client.json("/reset/api/password", json!({"grant": grant, "password": "x"})).await;
    assert_eq!(refused.code(), "password_rejected");
    check(&document, "Problem", &refused.json());
    let new = json!({"grant": grant, "password": NEW, "again": NEW});
    check(&document, "NewPassword", &new);
    check(&document, "PasswordIsSet", &client.json("/reset/api/password", new).await.json());

    app.worker.run_once().await.unwrap();
    let lock = app.mail.delivered().iter().rev().find_map(|sent| sent.lock_secret().map(str::to_owned)).unwrap();
    let lock = json!({"link": lock});
    check(&document, "LockRequest", &lock);
    check(&document, "Locked", &client.json("/reset/api/lock", lock).await.json());

    let cancel = json!({"link": mail.cancel_secret().unwrap()});
    check(&document, "Cancel", &cancel);
    let late = client.json("/reset/api/cancel", cancel).await;
    assert_eq!(late.code(), "refused");
    check(&document, "Problem", &late.json());
}

/// The document is the same for every site, and the languages are not.
#[tokio::test]
async fn a_request_names_any_language_of_the_site() {
    let app = App::with(|setup| {
        setup.site = Box::new(|site| site.with_languages(Languages::default().with(Language::malay())));
    });
    let request = json!({"by": "email", "identifier": EMAIL, "locale": "ms"});
    check(&document(&app).await, "ResetRequest", &request);
    assert_eq!(app.browser().json("/reset/api/requests", request).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn every_problem_matches_its_schema() {
    let app = App::new();
    let document = document(&app).await;
    let mut client = app.browser();
    let mut problems = vec![
        client.get("/reset/api/nowhere").await,
        client.get("/reset/api/requests").await,
        client.post("/reset/api/requests", &[]).await,
        client.json("/reset/api/requests", json!({})).await,
        client.json("/reset/api/requests", json!({"by": "email", "identifier": "x".repeat(40_000)})).await,
        client.json("/reset/api/requests", json!({"by": "whatsapp", "identifier": "x"})).await,
        client.json("/reset/api/requests", json!({"by": "email", "identifier": "x"})).await,
        client.get("/reset/api/status").await,
    ];
    problems.push(client.with_header("sec-fetch-site", "cross-site").json("/reset/api/cancel", json!({})).await);
    let mut codes = Vec::new();
    for problem in problems {
        check(&document, "Problem", &problem.json());
        assert_eq!(problem.json()["status"], problem.status.as_u16());
        codes.push(problem.code());
    }
    let expected = [
        "not_found",
        "method_not_allowed",
        "unsupported_media_type",
        "malformed",
        "too_large",
        "channel_off",
        "bad_identifier",
        "refused",
        "cross_site",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn the_rules_and_their_codes_are_all_listed() {
    let document: Value = serde_json::from_str(include_str!("../../src/api/openapi.json")).unwrap();
    let rules =
        &document["components"]["schemas"]["Policy"]["properties"]["rules"]["items"]["properties"]["code"]["enum"];
    let kinds: Vec<&str> = password_reset::policy::RuleKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(*rules, json!(kinds));
    let violations = &document["components"]["schemas"]["Violation"]["properties"]["code"]["enum"];
    let codes = password_reset::policy::RuleKind::ALL
        .iter()
        .copied()
        .filter_map(password_reset::policy::RuleKind::violation_code);
    assert_eq!(*violations, json!(codes.collect::<Vec<_>>()));
}
