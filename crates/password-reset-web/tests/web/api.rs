//! The JSON API, as a single-page or mobile application uses it.

use axum::http::StatusCode;
use password_reset::PasswordPolicy;
use serde_json::json;

use crate::support::{App, Browser, EMAIL, NEW, OLD};

fn client(app: &App) -> Browser {
    let mut client = app.browser();
    client.headers.clear();
    client
}

async fn asked(app: &App) -> (String, password_reset_testkit::Sent) {
    let asked = client(app).json("/reset/api/requests", json!({"by": "email", "identifier": EMAIL})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    assert_eq!(asked.header("set-cookie"), "", "only the document holds secrets");
    app.worker.run_once().await.unwrap();
    (asked.json()["requester_token"].as_str().unwrap().to_owned(), app.mail.last().unwrap())
}

async fn granted(app: &App) -> String {
    let (_, mail) = asked(app).await;
    let proved = client(app).json("/reset/api/verify", json!({"link": mail.link_secret().unwrap()})).await;
    assert_eq!(proved.status, StatusCode::OK);
    proved.json()["grant"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_leads_to_a_new_password() {
    let app = App::new();
    let (requester_token, mail) = asked(&app).await;
    let mut watcher = client(&app).with_header("authorization", &format!("Bearer {requester_token}"));
    let status = watcher.get("/reset/api/status").await.json();
    assert_eq!(
        (&status["stage"], &status["channel"], &status["seconds_left"]),
        (&json!("waiting"), &json!("email"), &json!(1800))
    );
    let proved = client(&app)
        .json("/reset/api/verify", json!({"requester_token": requester_token, "code": mail.code().unwrap()}))
        .await;
    assert_eq!(proved.status, StatusCode::OK);
    let proved = proved.json();
    assert_eq!(proved["identifier"], EMAIL);
    assert_eq!(watcher.get("/reset/api/status").await.json()["stage"], "proved");
    let set = json!({"grant": proved["grant"], "password": NEW, "again": NEW});
    let set = client(&app).json("/reset/api/password", set).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    assert!(app.signs_in_with(NEW));
    assert_eq!(watcher.get("/reset/api/status").await.json()["stage"], "done");
}

#[tokio::test]
async fn every_broken_rule_has_a_code_parameters_and_a_localized_sentence() {
    let app = App::with(|setup| setup.build = Box::new(|builder| builder.policy(PasswordPolicy::four_classes())));
    let grant = granted(&app).await;
    let mut client = client(&app).with_header("accept-language", "id");
    let refused =
        client.json("/reset/api/password", json!({"grant": grant, "password": "kort", "again": "kurz"})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "password_rejected".to_owned()));
    let violations = refused.json()["violations"].clone();
    let codes: Vec<&str> =
        violations.as_array().unwrap().iter().map(|broken| broken["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["too_short", "needs_upper", "needs_digit", "needs_symbol", "not_confirmed"]);
    assert_eq!(violations[0]["params"], json!({"min": 8}));
    assert_eq!(violations[1]["text"], "harus mengandung huruf besar");
    assert!(!refused.body.contains("kort"));
    let set = client.json(
        "/reset/api/password",
        json!({"grant": grant, "password": "Quiet umbrella 92!", "again": "Quiet umbrella 92!"}),
    );
    assert_eq!(set.await.status, StatusCode::OK, "a rejected password uses nothing up");
}

#[tokio::test]
async fn the_holder_of_a_grant_can_check_passwords() {
    let app = App::new();
    let grant = granted(&app).await;
    let check = async |body| client(&app).json("/reset/api/password-check", body).await;
    let weak = check(json!({"grant": grant, "password": "password"})).await.json();
    assert_eq!(weak["score"], 0);
    assert!(weak["feedback"].as_array().unwrap().iter().all(serde_json::Value::is_string));
    assert!(weak["violations"].as_array().unwrap().iter().any(|broken| broken["code"] == "too_short"), "{weak}");
    let personal = check(json!({"grant": grant, "password": EMAIL, "again": EMAIL})).await.json();
    assert!(personal["violations"].as_array().unwrap().iter().any(|broken| broken["code"] == "too_personal"));
    let strong = check(json!({"grant": grant, "password": NEW, "again": NEW})).await.json();
    assert_eq!((&strong["score"], &strong["violations"]), (&json!(4), &json!([])));
    assert_eq!(check(json!({"password": NEW})).await.code(), "malformed");
    assert_eq!(check(json!({"grant": "A".repeat(75), "password": NEW})).await.code(), "refused");
    let meanwhile = app.store.trail().len();
    check(json!({"grant": grant, "password": "password"})).await;
    assert_eq!(app.store.trail().len(), meanwhile, "a check is not an attempt");
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn a_password_that_is_too_long_to_measure_is_not_called_strong() {
    let app = App::new();
    let grant = granted(&app).await;
    let long = json!({"grant": grant, "password": NEW.repeat(100)});
    let checked = client(&app).json("/reset/api/password-check", long).await.json();
    assert_eq!((&checked["violations"][0]["code"], &checked["score"]), (&json!("too_many_bytes"), &json!(0)));
}

#[tokio::test]
async fn a_check_with_the_cookie_needs_the_forgery_check() {
    let app = App::new();
    let mut browser = app.browser();
    let token = browser.form_token().await;
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = crate::support::named(opened.location());
    let body = json!({"reset": reset, "password": NEW, "form_token": token});
    assert_eq!(browser.json("/reset/api/password-check", body.clone()).await.status, StatusCode::OK);
    let mut old = browser.clone().without_header("sec-fetch-site");
    assert_eq!(old.json("/reset/api/password-check", body).await.status, StatusCode::OK, "by its form token");
    let without = json!({"reset": reset, "password": NEW});
    assert_eq!(old.json("/reset/api/password-check", without.clone()).await.code(), "cross_site");
    assert_eq!(browser.json("/reset/api/password-check", without).await.status, StatusCode::OK, "by fetch metadata");
}

#[tokio::test]
async fn a_score_below_the_minimum_of_the_policy_is_a_broken_rule() {
    let policy = PasswordPolicy::four_classes().with(password_reset::policy::Rule::Strength(3));
    let app = App::with(move |setup| setup.build = Box::new(move |builder| builder.policy(policy)));
    let grant = granted(&app).await;
    let check = async |password: &str| {
        client(&app).json("/reset/api/password-check", json!({"grant": grant, "password": password})).await.json()
    };
    let too_weak = |checked: &serde_json::Value| {
        let violations = checked["violations"].as_array().unwrap().iter();
        violations.filter(|broken| broken["code"] == "too_weak").cloned().collect::<Vec<_>>()
    };
    let weak = check("tiger blue").await;
    let score = weak["score"].as_u64().unwrap();
    assert!(score < 3);
    assert_eq!(too_weak(&weak)[0]["params"], json!({"score": score, "min": 3}), "the policy's least, not the meter's");
    let fair = check("zw4eplyqx").await;
    assert_eq!((&fair["score"], too_weak(&fair).len()), (&json!(3), 0));
}

#[tokio::test]
async fn the_policy_is_data_and_texts() {
    let app = App::with(|setup| setup.build = Box::new(|builder| builder.policy(PasswordPolicy::four_classes())));
    let policy = client(&app).get("/reset/api/policy").await.json();
    let least = json!({"code": "min_length", "value": 8, "text": "must have at least 8 characters"});
    assert!(policy["rules"].as_array().unwrap().contains(&least), "{policy}");
    assert_eq!(policy["passwordrules"], app.reset.policy().passwordrules());
    assert_eq!(policy["confirmed"], true);
    let words = client(&app).with_header("accept-language", "id").get("/reset/api/policy").await.json();
    assert!(words.to_string().contains("harus minimal 8 karakter"));
}

#[tokio::test]
async fn repeating_a_request_returns_the_same_reset() {
    let app = App::new();
    let (requester_token, _) = asked(&app).await;
    let again = json!({"by": "email", "identifier": EMAIL, "requester_token": requester_token});
    assert_eq!(client(&app).json("/reset/api/requests", again).await.json()["requester_token"], requester_token);
}

/// Several mails: which is mine? The subject ends in the same letters, also where there is no account and no mail.
#[tokio::test]
async fn the_answer_and_the_status_name_the_reference_of_the_mail() {
    let app = App::new();
    let mut seen = Vec::new();
    for identifier in [EMAIL, EMAIL, "nobody@toko.example"] {
        let asked =
            client(&app).json("/reset/api/requests", json!({"by": "email", "identifier": identifier})).await.json();
        let bearer = format!("Bearer {}", asked["requester_token"].as_str().unwrap());
        let status = client(&app).with_header("authorization", &bearer).get("/reset/api/status").await.json();
        assert_eq!(asked["reference"], status["reference"]);
        let stored = app.store.resets().unwrap();
        let stored: Vec<String> = stored.iter().map(|reset| reset.id().reference()).collect();
        let reference = asked["reference"].as_str().unwrap().to_owned();
        assert!(stored.contains(&reference) && !seen.contains(&reference), "{reference} {stored:?}");
        seen.push(reference);
    }
}

#[tokio::test]
async fn the_status_needs_a_requester_token() {
    let app = App::new();
    for value in ["", "Bearer", "Bearer x", "Basic abc", &format!("Bearer {}", "A".repeat(64))] {
        for path in ["/reset/api/status", "/reset/api/events"] {
            let answer = client(&app).with_header("authorization", value).get(path).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "refused".to_owned()), "{value:?}");
        }
    }
}

#[tokio::test]
async fn cancelling_answers_without_content() {
    let app = App::new();
    let (_, mail) = asked(&app).await;
    let cancel = json!({"link": mail.cancel_secret().unwrap()});
    assert_eq!(client(&app).json("/reset/api/cancel", cancel).await.status, StatusCode::NO_CONTENT);
    let link = json!({"link": mail.link_secret().unwrap()});
    assert_eq!(client(&app).json("/reset/api/verify", link).await.code(), "refused");
}

#[tokio::test]
async fn a_source_over_its_quota_gets_retry_after_for_every_identifier() {
    let limits = |builder: password_reset::Builder| {
        let mut limits = password_reset::Limits::default();
        limits.requests_per_source = 2;
        builder.limits(limits)
    };
    let app = App::with(|setup| setup.build = Box::new(limits));
    for _ in 0..2 {
        asked(&app).await;
    }
    let mut answers = Vec::new();
    for identifier in [EMAIL, "nobody@toko.example"] {
        let limited = client(&app).json("/reset/api/requests", json!({"by": "email", "identifier": identifier})).await;
        assert_eq!((limited.status, limited.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many".to_owned()));
        let seconds: u64 = limited.header("retry-after").parse().unwrap();
        assert!((1..=3600).contains(&seconds), "{seconds}");
        assert_eq!(limited.json()["retry_after"], seconds);
        answers.push(limited.text());
    }
    assert_eq!(answers[0], answers[1]);
    let page = app.browser().post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!page.header("retry-after").is_empty() && page.body.contains("<html"));
}
