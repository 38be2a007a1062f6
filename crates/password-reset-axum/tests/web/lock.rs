//! "I did not change this password."

use axum::http::StatusCode;
use password_reset::Inbound;
use password_reset_axum::Ask;
use password_reset_testkit::Sent;
use serde_json::json;

use crate::support::{App, EMAIL, Locked, NEW, NUMBER, named};

fn app(ways: &'static [Ask]) -> (App, Locked) {
    let locked = Locked::default();
    let account_locker = locked.clone();
    let app = App::with(|setup| {
        setup.inbound = Some(Inbound::page_advances(NUMBER).unwrap());
        setup.build = Box::new(|builder| builder.account_locker(account_locker));
        setup.web = Box::new(move |web| web.ask_for(ways.iter().copied()));
    });
    (app, locked)
}

/// Resets the password by mail; the notice that tells of it.
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
async fn a_tick_and_a_press_freeze_the_account_without_a_login() {
    let (app, locked) = app(&[Ask::Email, Ask::Username, Ask::WhatsApp]);
    let notice = notice(&app).await;
    let secret = notice.lock_secret().unwrap();
    let link = format!("https://toko.example/reset/lock#{secret}");
    let mut owner = app.browser();
    assert_eq!(owner.get("/reset/lock").await.status, StatusCode::OK);
    for fields in [vec![("link", link.as_str())], vec![("link", "nothing"), ("sure", "yes")]] {
        let again = owner.post("/reset/lock", &fields).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!again.body.contains(secret), "no answer holds a secret");
    }
    app.worker.run_once().await.unwrap();
    assert!(locked.0.lock().unwrap().is_empty());
    for _ in 0..2 {
        let done = owner.post("/reset/lock", &[("link", &link), ("sure", "yes")]).await;
        assert_eq!(done.status, StatusCode::OK, "twice is the same as once");
        assert!(done.body.contains("Your account is frozen"));
        assert!(done.body.contains("/reset?by=whatsapp"), "a way that does not lead to the mailbox");
        assert!(!done.body.contains("by=email") && !done.body.contains("by=username"), "{}", done.body);
    }
    app.worker.run_once().await.unwrap();
    assert_eq!(*locked.0.lock().unwrap(), ["7"]);
    let asked = app.mail.delivered().len();
    app.later(1);
    app.browser().post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), asked, "nothing goes where the disowned password was proved");
}

#[tokio::test]
async fn where_no_other_way_is_open_the_page_says_whom_to_ask() {
    let (app, _) = app(&[Ask::Email]);
    let notice = notice(&app).await;
    let done = app.browser().post("/reset/lock", &[("link", notice.lock_secret().unwrap()), ("sure", "yes")]).await;
    assert!(done.body.contains("ask the people who run this service"), "{}", done.body);
}

#[tokio::test]
async fn nobody_is_told_that_an_account_is_frozen_that_is_not() {
    let (app, locked) = app(&[Ask::Email]);
    let notice = notice(&app).await;
    let secret = notice.lock_secret().unwrap().to_owned();
    app.later(3 * 24 * 60);
    let late = app.browser().post("/reset/lock", &[("link", &secret), ("sure", "yes")]).await;
    assert_eq!(late.location(), "/reset/expired");
    assert_eq!(app.browser().json("/reset/api/lock", json!({"link": secret})).await.code(), "refused");
    app.worker.run_once().await.unwrap();
    assert!(locked.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn through_the_api() {
    let (app, locked) = app(&[Ask::Email, Ask::WhatsApp]);
    let notice = notice(&app).await;
    let answer = app.browser().json("/reset/api/lock", json!({"link": notice.lock_secret().unwrap()})).await;
    assert_eq!(answer.json(), json!({"ways": ["whatsapp"]}));
    app.worker.run_once().await.unwrap();
    assert_eq!(*locked.0.lock().unwrap(), ["7"]);
}
