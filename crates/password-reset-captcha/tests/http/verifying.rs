//! What the services say of a token, and what follows.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use password_reset::PortError;
use password_reset_captcha::{HCaptcha, Turnstile};
use password_reset_web::Challenge;
use serde_json::json;

use crate::stand_in::{SECRET, StandIn};

fn source() -> IpAddr {
    "203.0.113.7".parse().unwrap()
}

async fn both(stand_in: &StandIn) -> [Box<dyn Challenge>; 2] {
    let url = stand_in.start().await;
    let turnstile = Turnstile::new("0x4AAAAAAA", SECRET, "Toko.example").unwrap().or_hostname("toko2.example").unwrap();
    let turnstile = turnstile.with_verify_url(&url).unwrap();
    let hcaptcha = HCaptcha::new("10000000-ffff", SECRET).unwrap().with_verify_url(&url).unwrap();
    [Box::new(turnstile), Box::new(hcaptcha)]
}

async fn verify(challenge: &dyn Challenge, token: &str) -> Result<bool, PortError> {
    challenge.verify(token, source()).await
}

/// Nothing of an error shows what was sent.
fn shows_no_secret(error: &PortError) {
    let mut text = format!("{error:?}");
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(it) = next {
        text.extend([it.to_string(), format!("{it:?}")]);
        next = it.source();
    }
    assert!(!text.contains(SECRET) && !text.contains("passed-"), "{text}");
}

#[tokio::test]
async fn a_token_passes_once() {
    let stand_in = StandIn::default();
    let [turnstile, hcaptcha] = both(&stand_in).await;
    for (challenge, token) in [(&turnstile, "passed-1"), (&hcaptcha, "passed-2")] {
        assert!(verify(&**challenge, token).await.unwrap());
        assert!(!verify(&**challenge, token).await.unwrap(), "a second time");
        assert!(!verify(&**challenge, "forged").await.unwrap());
    }
    let asked = stand_in.asked();
    let keys = |at: usize| asked[at].keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(keys(0), ["response", "secret"], "and no address of the visitor");
    assert_eq!(keys(3), ["response", "secret", "sitekey"]);
    assert_eq!((asked[3]["response"].as_str(), asked[3]["sitekey"].as_str()), ("passed-2", "10000000-ffff"));
}

#[tokio::test]
async fn what_cannot_be_a_token_is_not_asked_about() {
    let stand_in = StandIn::default();
    let [turnstile, hcaptcha] = both(&stand_in).await;
    for challenge in [&turnstile, &hcaptcha] {
        for text in ["", "a b", "passed\n", "pässed", &"x".repeat(8_193)] {
            assert!(!verify(&**challenge, text).await.unwrap(), "{text}");
        }
    }
    assert!(!verify(&*turnstile, &"x".repeat(2_049)).await.unwrap());
    assert_eq!(stand_in.asked().len(), 0);
    assert!(verify(&*hcaptcha, &format!("passed{}", "x".repeat(5_000))).await.unwrap(), "its tokens are long");
}

#[tokio::test]
async fn a_token_of_another_host_or_action_does_not_count() {
    let stand_in = StandIn::default();
    let [turnstile, hcaptcha] = both(&stand_in).await;
    let ours = json!({"success": true, "hostname": "toko.example", "action": "password-reset"});
    stand_in.answers(200, ours.to_string());
    assert!(verify(&*turnstile, "passed-1").await.unwrap());
    stand_in
        .answers(200, json!({"success": true, "hostname": "toko2.example", "action": "password-reset"}).to_string());
    assert!(verify(&*turnstile, "passed-1").await.unwrap(), "a site may have two names");
    for (field, other) in [
        ("hostname", json!("evil.example")),
        ("hostname", json!("toko.example.evil.example")),
        ("hostname", json!("")),
        ("hostname", json!(null)),
        ("action", json!("sign-in")),
        ("action", json!(null)),
    ] {
        let mut answer = ours.clone();
        answer[field] = other.clone();
        stand_in.answers(200, answer.to_string());
        assert!(!verify(&*turnstile, "passed-1").await.unwrap(), "{field} {other}");
    }
    stand_in.answers(200, json!({"success": true, "hostname": "not-provided"}).to_string());
    assert!(verify(&*hcaptcha, "passed-1").await.unwrap(), "it says so while a site has much traffic");
}

#[tokio::test]
async fn whose_fault_an_error_is() {
    let stand_in = StandIn::default();
    let [turnstile, hcaptcha] = both(&stand_in).await;
    let refused = |codes: &[&str]| json!({"success": false, "error-codes": codes}).to_string();
    for (status, body, expected) in [
        (200, refused(&["timeout-or-duplicate"]), Some(false)),
        (200, refused(&["expired-input-response", "already-seen-response"]), Some(false)),
        (400, refused(&["bad-request"]), Some(false)),
        (200, refused(&["internal-error"]), None),
        (200, refused(&["invalid-input-response", "invalid-input-secret"]), None),
        (200, refused(&["sitekey-secret-mismatch"]), None),
        (200, refused(&["passed-on"]), None),
        (200, refused(&[]), None),
        (200, r#"{"success": "true"}"#.to_owned(), None),
        (200, "<html>".to_owned(), None),
        (302, String::new(), None),
        (503, "busy".to_owned(), None),
        (200, format!("{{\"success\": true, \"pad\": \"{}\"}}", "x".repeat(70_000)), None),
    ] {
        stand_in.answers(status, body.clone());
        for challenge in [&turnstile, &hcaptcha] {
            let said = verify(&**challenge, "passed-1").await;
            assert_eq!(said.as_ref().ok().copied(), expected, "{status} {}", body.get(..80).unwrap_or(&body));
            if let Err(error) = &said {
                let transient = status == 503
                    || body.contains("internal")
                    || body.contains("success\": true")
                    || body.starts_with('<');
                assert!(error.is_transient() == transient || body.contains("\"true\""), "{status} {body}: {error}");
                shows_no_secret(error);
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_secret_is_an_error_and_not_shown() {
    let stand_in = StandIn::default();
    let url = stand_in.start().await;
    let wrong = "only-the-tests-verify-with-this-02";
    let challenge = HCaptcha::new("10000000-ffff", wrong).unwrap().with_verify_url(&url).unwrap();
    let error = verify(&challenge, "passed-1").await.unwrap_err();
    assert!(!error.is_transient());
    assert!(!format!("{error:?} {challenge:?}").contains(wrong), "{error:?}");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_an_error_in_time() {
    let stand_in = StandIn::default();
    let [turnstile, hcaptcha] = both(&stand_in).await;
    stand_in.fall_silent();
    for challenge in [&turnstile, &hcaptcha] {
        let asking = tokio::time::timeout(Duration::from_secs(30), verify(&**challenge, "passed-1"));
        let error = asking.await.unwrap().unwrap_err();
        assert!(error.is_transient());
        shows_no_secret(&error);
    }
    let closed =
        Turnstile::new("0x4AAAAAAA", SECRET, "toko.example").unwrap().with_verify_url("http://127.0.0.1:1").unwrap();
    let error = verify(&closed, "passed-1").await.unwrap_err();
    assert!(error.is_transient());
    shows_no_secret(&error);
}
