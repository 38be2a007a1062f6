//! "I did not change this password."

use axum::http::StatusCode;
use password_reset::Inbound;
use password_reset_web::ResetMethod;
use password_reset_testkit::Sent;
use serde_json::json;

use crate::support::{App, EMAIL, Locked, NEW, NUMBER, named};

fn app(methods: &'static [ResetMethod]) -> (App, Locked) {
    let locked = Locked::default();
    let account_locker = locked.clone();
    let app = App::with(|setup| {
        setup.inbound = Some(Inbound::page_advances(NUMBER).unwrap());
        setup.build = Box::new(|builder| builder.account_locker(account_locker));
        setup.web = Box::new(move |web| web.reset_methods(methods.iter().copied()));
    });
    (app, locked)
}

/// Resets the password by email, and returns the notification of the change.
async fn notice(app: &App) -> Sent {
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    app.worker.run_once().await.unwrap();
    app.mail.delivered().into_iter().rev().find(|sent| sent.kind() == "password_changed").unwrap()
}

#[tokio::test]
async fn a_tick_and_a_press_lock_the_account_without_signing_in() {
    let (app, locked) = app(&[ResetMethod::Email, ResetMethod::Username, ResetMethod::WhatsApp]);
    let notice = notice(&app).await;
    let secret = notice.lock_secret().unwrap();
    let link = format!("https://toko.example/reset/lock#{secret}");
    let mut owner = app.browser();
    assert_eq!(owner.get("/reset/lock").await.status, StatusCode::OK);
    for fields in [vec![("link", link.as_str())], vec![("link", "nothing"), ("confirm", "yes")]] {
        let again = owner.submit("/reset/lock", &fields).await;
        assert!(again.body.contains("class=\"summary\"") && !again.body.contains(secret), "no answer holds a secret");
    }
    app.worker.run_once().await.unwrap();
    assert!(locked.0.lock().unwrap().is_empty());
    for _ in 0..2 {
        let done = owner.submit("/reset/lock", &[("link", &link), ("confirm", "yes")]).await;
        assert_eq!(done.status, StatusCode::OK, "twice is the same as once");
        assert!(done.body.contains("Your account is locked"));
        assert!(done.body.contains("/reset?by=whatsapp"), "another method than email");
        assert!(!done.body.contains("by=email") && !done.body.contains("by=username"), "{}", done.body);
    }
    app.worker.run_once().await.unwrap();
    assert_eq!(*locked.0.lock().unwrap(), ["7"]);
    let asked = app.mail.delivered().len();
    app.later(1);
    app.browser().post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), asked, "nothing is sent to the channel of the reported reset");
}

#[tokio::test]
async fn without_another_method_the_page_refers_to_support() {
    let (app, _) = app(&[ResetMethod::Email]);
    let notice = notice(&app).await;
    let done =
        app.browser().submit("/reset/lock", &[("link", notice.lock_secret().unwrap()), ("confirm", "yes")]).await;
    assert!(done.body.contains("To use your account again, contact support."), "{}", done.body);
}

#[tokio::test]
async fn an_account_that_is_not_locked_is_not_reported_as_locked() {
    let (app, locked) = app(&[ResetMethod::Email]);
    let notice = notice(&app).await;
    let secret = notice.lock_secret().unwrap().to_owned();
    app.later(3 * 24 * 60);
    let late = app.browser().post("/reset/lock", &[("link", &secret), ("confirm", "yes")]).await;
    assert_eq!(late.location(), "/reset/expired?of=lock");
    let page = app.browser().get(late.location()).await;
    assert!(page.body.contains("This lock link is no longer valid") && page.body.contains(">Reset Password</a>"));
    assert_eq!(app.browser().json("/reset/api/lock", json!({"link": secret})).await.code(), "refused");
    app.worker.run_once().await.unwrap();
    assert!(locked.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn through_the_api() {
    let (app, locked) = app(&[ResetMethod::Email, ResetMethod::WhatsApp]);
    let notice = notice(&app).await;
    let answer = app.browser().json("/reset/api/lock", json!({"link": notice.lock_secret().unwrap()})).await;
    assert_eq!(answer.json(), json!({"methods": ["whatsapp"]}));
    app.worker.run_once().await.unwrap();
    assert_eq!(*locked.0.lock().unwrap(), ["7"]);
}
