//! The device and the place of requests, as messages say them.

use crate::support::{App, Browser, EMAIL, NEW, named};

const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn app() -> App {
    App::with(|setup| {
        setup.web = Box::new(|web| {
            web.place(|head, source| {
                let city = head.headers.get("x-city")?.to_str().ok()?;
                Some(format!("{city} {}", if source.is_ipv4() { "4" } else { "6" }))
            })
        });
    })
}

fn browser(app: &App, agent: &str) -> Browser {
    app.browser().with_header("user-agent", agent).with_header("x-city", "Surabaya")
}

/// The browser that asked is in the mail, and the one that set the password in the notice.
#[tokio::test]
async fn mails_and_notices_say_the_device_and_the_place() {
    let app = app();
    let (_, mail) = app.mailed(&mut browser(&app, PHONE)).await;
    assert_eq!(mail.device.as_deref(), Some("Chrome (Android), Surabaya 4"));
    let mut other = browser(&app, DESKTOP);
    let opened = other.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    other.submit("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    app.worker.run_once().await.unwrap();
    let notice = app.mail.last().unwrap();
    assert_eq!((notice.kind(), notice.device.as_deref()), ("password_changed", Some("Firefox (Linux), Surabaya 4")));
}

#[tokio::test]
async fn the_api_says_them_too() {
    let app = app();
    let mut client = browser(&app, PHONE);
    client.json("/reset/api/requests", serde_json::json!({"by": "email", "identifier": EMAIL})).await;
    app.worker.run_once().await.unwrap();
    let mail = app.mail.last().unwrap();
    assert_eq!(mail.device.as_deref(), Some("Chrome (Android), Surabaya 4"));
    let opened = client.json("/reset/api/verify", serde_json::json!({"link": mail.link_secret().unwrap()})).await;
    let opened: serde_json::Value = serde_json::from_str(&opened.body).unwrap();
    let typed = serde_json::json!({"grant": opened["grant"], "password": NEW, "again": NEW});
    client.json("/reset/api/password", typed).await;
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.last().unwrap().device.as_deref(), Some("Chrome (Android), Surabaya 4"));
}
