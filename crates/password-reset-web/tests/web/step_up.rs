//! Step-up: two proofs, where the risk policy requires them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::http::StatusCode;
use password_reset::ports::{AdminContext, AdminDecision, Decision, ProofContext, RiskPolicy};
use password_reset::{AccountId, Inbound, PortError, StepUp};
use password_reset_web::{ResetMethod, SecondFactor};
use serde_json::json;

use crate::inbound::code;
use crate::openapi::{check, document};
use crate::support::{App, Browser, NEW, NUMBER, OLD, PHONE, named};

#[derive(Debug)]
struct Wants(StepUp);

#[async_trait]
impl RiskPolicy for Wants {
    async fn assess(&self, _: &ProofContext) -> Result<Decision, PortError> {
        Ok(Decision::StepUp(self.0))
    }

    async fn authorize_admin(&self, _: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Deny)
    }
}

/// Stands for an authenticator application, and counts the checks.
#[derive(Clone, Debug, Default)]
struct Totp(Arc<AtomicUsize>);

#[async_trait]
impl SecondFactor for Totp {
    async fn check(&self, account: &AccountId, typed: &str) -> Result<bool, PortError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        assert_eq!(account.as_str(), "7");
        match typed {
            "broken" => Err(PortError::transient("the factors cannot be read")),
            "panics" => panic!("a secret"),
            _ => Ok(typed == "755224"),
        }
    }
}

fn app(wants: StepUp, factor: Option<Totp>) -> App {
    App::with(|setup| {
        setup.build = Box::new(move |builder| builder.risk_policy(Wants(wants)));
        setup.web = Box::new(move |web| {
            let web = web.reset_methods([ResetMethod::Email, ResetMethod::Username]);
            match factor {
                Some(factor) => web.second_factor(factor),
                None => web,
            }
        });
    })
}

/// Opens the link of an email, and returns the address of the step-up page.
async fn first_proof(app: &App, browser: &mut Browser) -> String {
    let (_, mail) = app.mailed(browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    app.worker.run_once().await.unwrap();
    opened.location().to_owned()
}

async fn finish(app: &App, browser: &mut Browser, reset: &str) {
    let set = browser.post("/reset/new", &[("reset", reset), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done");
    assert!(app.signs_in_with(NEW));
    assert!(browser.cookies.keys().all(|name| name == "__Host-pr-form"), "no cookie of the reset is left");
}

#[tokio::test]
async fn a_link_and_then_a_code_to_the_other_contact() {
    let app = app(StepUp::Code, None);
    let mut browser = app.browser();
    let second = first_proof(&app, &mut browser).await;
    let reset = named(&second).to_owned();
    assert_eq!(second, format!("/reset/step-up?reset={reset}"));
    let page = browser.get(&second).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("8-Digit Code") && page.body.contains("role=\"timer\""), "{}", page.body);
    assert!(!page.body.contains(PHONE), "the page reveals no contact");
    let sent = app.phone.last().unwrap();
    assert_eq!((sent.kind(), sent.to.value()), ("step_up_code", PHONE));
    // The first proof alone gives no access, and the waiting page leads here.
    assert_eq!(browser.get(&format!("/reset/new?reset={reset}")).await.location(), "/reset/expired");
    assert_eq!(browser.get(&format!("/reset/wait?reset={reset}")).await.location(), second);
    let code = sent.code().unwrap();
    let wrong = if code == "00000000" { "11111111" } else { "00000000" };
    for (typed, says) in [("12", "Enter every digit"), (wrong, "4 attempts left"), (wrong, "3 attempts left")] {
        let refused = browser.submit("/reset/step-up", &[("reset", &reset), ("code", typed)]).await;
        assert!(refused.body.contains(says) && !refused.body.contains(wrong), "{}", refused.body);
    }
    let mut impatient = browser.clone();
    let proved = browser.post("/reset/step-up", &[("reset", &reset), ("code", code)]).await;
    assert_eq!(proved.location(), format!("/reset/new?reset={reset}"));
    assert_eq!(browser.get(&second).await.location(), proved.location(), "another tab continues, too");
    assert_eq!(
        browser.post("/reset/step-up", &[("reset", &reset), ("code", code)]).await.location(),
        proved.location()
    );
    let twice = impatient.post("/reset/step-up", &[("reset", &reset), ("code", code)]).await;
    assert_eq!(twice.location(), "/reset/expired", "once");
    finish(&app, &mut browser, &reset).await;
}

#[tokio::test]
async fn the_code_works_only_in_the_browser_of_the_first_proof() {
    let app = app(StepUp::Code, None);
    let second = first_proof(&app, &mut app.browser()).await;
    let code = app.phone.last().unwrap().code().unwrap().to_owned();
    let mut thief = app.browser();
    let tried = thief.post("/reset/step-up", &[("reset", named(&second)), ("code", &code)]).await;
    assert!(tried.location().starts_with("/reset/step-up?cookies=1"), "{}", tried.location());
    assert_eq!(thief.get(tried.location()).await.location(), "/reset/expired");
    assert_eq!(thief.get(&second).await.location(), "/reset/expired");
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn after_five_wrong_codes_there_is_no_field() {
    let app = app(StepUp::Code, None);
    let mut browser = app.browser();
    let second = first_proof(&app, &mut browser).await;
    let code = app.phone.last().unwrap().code().unwrap().to_owned();
    let wrong = if code == "00000000" { "11111111" } else { "00000000" };
    let mut last = String::new();
    for _ in 0..5 {
        last = browser.submit("/reset/step-up", &[("reset", named(&second)), ("code", wrong)]).await.body;
    }
    assert!(!last.contains("name=\"code\"") && last.contains("Too many attempts."), "{last}");
    let late = browser.post("/reset/step-up", &[("reset", named(&second)), ("code", &code)]).await;
    assert!(late.location().contains("problem=wrong"), "{}", late.location());
}

#[tokio::test]
async fn a_partial_grant_expires() {
    let app = app(StepUp::Code, None);
    let mut browser = app.browser();
    let second = first_proof(&app, &mut browser).await;
    let code = app.phone.last().unwrap().code().unwrap().to_owned();
    app.later(10);
    let late = browser.post("/reset/step-up", &[("reset", named(&second)), ("code", &code)]).await;
    assert_eq!(late.location(), "/reset/expired");
    assert!(browser.cookies.is_empty(), "no cookie of the reset is left");
}

#[tokio::test]
async fn a_message_proof_needs_the_step_up_when_the_page_claims_it() {
    let app = App::with(|setup| {
        setup.inbound = Some(Inbound::page_advances(NUMBER).unwrap());
        setup.build = Box::new(|builder| builder.risk_policy(Wants(StepUp::Code)));
        setup.web = Box::new(|web| web.reset_methods([ResetMethod::WhatsApp]));
    });
    let mut browser = app.browser();
    let wait = browser.post("/reset", &[("by", "whatsapp"), ("identifier", PHONE)]).await.location().to_owned();
    app.worker.run_once().await.unwrap();
    let code = code(&mut browser, &wait).await;
    app.reset.receive(app.message(&code)).await.unwrap();
    let claimed = browser.post("/reset/claim", &[("reset", named(&wait))]).await;
    assert_eq!(claimed.location(), format!("/reset/step-up?reset={}", named(&wait)));
    app.worker.run_once().await.unwrap();
    let sent = app.mail.delivered().into_iter().find(|sent| sent.kind() == "step_up_code").unwrap();
    let fields = [("reset", named(&wait)), ("code", sent.code().unwrap())];
    assert!(browser.post("/reset/step-up", &fields).await.location().starts_with("/reset/new?"));
    finish(&app, &mut browser, named(&wait)).await;
}

#[tokio::test]
async fn the_applications_own_factor_is_checked() {
    let totp = Totp::default();
    let app = app(StepUp::HostFactor, Some(totp.clone()));
    let mut browser = app.browser();
    let second = first_proof(&app, &mut browser).await;
    let reset = named(&second).to_owned();
    assert!(browser.get(&second).await.body.contains("Verification Code"));
    let unreadable = browser.submit("/reset/step-up", &[("reset", &reset), ("code", " ")]).await;
    assert!(unreadable.body.contains("Enter your verification code."));
    assert_eq!(totp.0.load(Ordering::SeqCst), 0);
    let wrong = browser.submit("/reset/step-up", &[("reset", &reset), ("code", "000000")]).await;
    assert!(wrong.body.contains("4 attempts left"), "{}", wrong.body);
    for broken in ["broken", "panics"] {
        let failed = browser.post("/reset/step-up", &[("reset", &reset), ("code", broken)]).await;
        assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE, "{broken}");
        assert!(!failed.header("retry-after").is_empty() && !failed.body.contains("a secret"), "{broken}");
    }
    let right = browser.post("/reset/step-up", &[("reset", &reset), ("code", " 755224 ")]).await;
    assert_eq!(right.location(), format!("/reset/new?reset={reset}"));
    finish(&app, &mut browser, &reset).await;
}

#[tokio::test]
async fn a_factor_allows_five_attempts() {
    let totp = Totp::default();
    let app = app(StepUp::HostFactor, Some(totp.clone()));
    let mut browser = app.browser();
    let second = first_proof(&app, &mut browser).await;
    for _ in 0..20 {
        browser.post("/reset/step-up", &[("reset", named(&second)), ("code", "000000")]).await;
    }
    let right = browser.post("/reset/step-up", &[("reset", named(&second)), ("code", "755224")]).await;
    assert!(right.location().contains("problem=wrong"), "{}", right.location());
    assert_eq!(totp.0.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_required_factor_without_a_checker_is_a_server_error() {
    let app = app(StepUp::HostFactor, None);
    let mut browser = app.browser();
    let second = first_proof(&app, &mut browser).await;
    let tried = browser.post("/reset/step-up", &[("reset", named(&second)), ("code", "755224")]).await;
    assert_eq!(tried.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn through_the_api() {
    for &wants in StepUp::ALL {
        let app = app(wants, Some(Totp::default()));
        let (wait, mail) = app.mailed(&mut app.browser()).await;
        let mut client = app.browser().without_header("sec-fetch-site");
        let partial = client.json("/reset/api/verify", json!({"link": mail.link_secret().unwrap()})).await.json();
        assert_eq!(partial["wants"], if wants == StepUp::Code { "code" } else { "factor" });
        assert_eq!(partial["attempts_left"], 5);
        let document = document(&app).await;
        check(&document, "PartiallyProved", &partial);
        assert!(partial.get("grant").is_none() && !wait.is_empty());
        app.worker.run_once().await.unwrap();
        let code = match wants {
            StepUp::Code => app.phone.last().unwrap().code().unwrap().to_owned(),
            _ => "755224".to_owned(),
        };
        for (code, expected) in [("12", "refused"), ("00000001", "refused")] {
            let refused = client
                .json("/reset/api/verify", json!({"partial_grant": partial["partial_grant"], "code": code}))
                .await;
            assert_eq!(refused.code(), expected);
        }
        let alone = client.json("/reset/api/verify", json!({"partial_grant": partial["partial_grant"]})).await;
        assert_eq!(alone.code(), "malformed");
        check(&document, "Proof", &json!({"partial_grant": partial["partial_grant"], "code": code}));
        let granted = client
            .json("/reset/api/verify", json!({"partial_grant": partial["partial_grant"], "code": code}))
            .await
            .json();
        let set = json!({"grant": granted["grant"], "password": NEW, "again": NEW});
        assert_eq!(client.json("/reset/api/password", set).await.status, StatusCode::OK);
        assert!(app.signs_in_with(NEW));
    }
}
