//! Whole resets through the pages, by WhatsApp message.

use axum::http::StatusCode;
use password_reset::{Inbound, UndeliveredCodes};
use password_reset::inbound::Received;
use password_reset_web::ResetMethod;
use serde_json::json;

use crate::support::{App, Browser, NEW, NUMBER, PHONE, named};

async fn asked(app: &App, browser: &mut Browser) -> String {
    let asked = browser.post("/reset", &[("by", "whatsapp"), ("identifier", "0812 0000 0001")]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    app.worker.run_once().await.unwrap();
    asked.location().to_owned()
}

/// The code on the waiting page.
pub(crate) async fn code(browser: &mut Browser, wait: &str) -> String {
    let status = browser.get(&format!("/reset/api/status?reset={}", named(wait))).await.json();
    assert_eq!(status["challenge"]["number"], NUMBER);
    let code = status["challenge"]["code"].as_str().unwrap().to_owned();
    let page = browser.get(wait).await;
    assert!(page.body.contains(&code) && page.body.contains("https://wa.me/6281100000000?text="), "{}", page.body);
    code
}

#[tokio::test]
async fn the_page_continues_when_the_message_is_received() {
    let app = App::with_inbound(Inbound::page_advances(NUMBER).unwrap());
    let mut browser = app.browser();
    let wait = asked(&app, &mut browser).await;
    let reset = named(&wait).to_owned();
    let code = code(&mut browser, &wait).await;
    let early = browser.submit("/reset/claim", &[("reset", &reset)]).await;
    assert!(early.body.contains("We have not received your message yet"));
    assert!(matches!(app.reset.receive(app.message(&code)).await.unwrap(), Received::Proved));
    let proved = browser.get(&wait).await;
    assert!(proved.body.contains("action=\"/reset/claim\""), "{}", proved.body);
    let claimed = browser.post("/reset/claim", &[("reset", &reset)]).await;
    assert_eq!(claimed.location(), format!("/reset/new?reset={reset}"));
    assert!(browser.get(claimed.location()).await.body.contains(PHONE));
    let set = browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done");
    assert!(app.signs_in_with(NEW));
}

#[tokio::test]
async fn one_browser_claims_the_proof_and_its_requester_token_is_used_up() {
    let app = App::with_inbound(Inbound::page_advances(NUMBER).unwrap());
    let mut browser = app.browser();
    let wait = asked(&app, &mut browser).await;
    let code = code(&mut browser, &wait).await;
    app.reset.receive(app.message(&code)).await.unwrap();
    let mut copy = browser.clone();
    let claim = [("reset", named(&wait))];
    assert!(browser.post("/reset/claim", &claim).await.location().starts_with("/reset/new"));
    assert_eq!(copy.submit("/reset/claim", &claim).await.location(), "/reset/expired");
    let requester_token = copy.cookies[&format!("__Host-pr-r-{}", named(&wait))].clone();
    let claimed = copy.json("/reset/api/verify", json!({"requester_token": requester_token})).await;
    assert_eq!(claimed.code(), "refused");
}

#[tokio::test]
async fn the_code_of_the_reply_is_typed_on_the_page() {
    let app = App::with_inbound(Inbound::type_back(NUMBER).unwrap());
    let mut browser = app.browser();
    let wait = asked(&app, &mut browser).await;
    let reset = named(&wait).to_owned();
    let status = browser.get(&format!("/reset/api/status?reset={reset}")).await.json();
    let text = status["challenge"]["text"].as_str().unwrap();
    assert!(matches!(app.reset.receive(app.message(text)).await.unwrap(), Received::MessageReceived));
    assert_eq!(browser.get(&format!("/reset/api/status?reset={reset}")).await.json()["stage"], "message_received");
    app.worker.run_once().await.unwrap();
    let reply = app.phone.last().unwrap();
    let typed = browser.post("/reset/code", &[("reset", &reset), ("code", reply.code().unwrap())]).await;
    assert_eq!(typed.location(), format!("/reset/new?reset={reset}"));
    let set = browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done");
}

#[tokio::test]
async fn the_reset_continues_on_the_phone() {
    let app = App::with_inbound(Inbound::continue_on_phone(NUMBER).unwrap());
    let mut browser = app.browser();
    let wait = asked(&app, &mut browser).await;
    let status = browser.get(&format!("/reset/api/status?reset={}", named(&wait))).await.json();
    let text = status["challenge"]["text"].as_str().unwrap().to_owned();
    assert!(matches!(app.reset.receive(app.message(&text)).await.unwrap(), Received::MessageReceived));
    app.worker.run_once().await.unwrap();
    let reply = app.phone.last().unwrap();
    let mut phone = app.browser();
    let opened = phone.post("/reset/link", &[("link", reply.link().unwrap())]).await;
    let form = [("reset", named(opened.location())), ("password", NEW), ("again", NEW)];
    assert_eq!(
        browser.post("/reset/new", &form).await.location(),
        "/reset/expired",
        "the browser that asked gets nothing"
    );
    assert_eq!(phone.post("/reset/new", &form).await.location(), "/reset/done");
    assert!(browser.get(&wait).await.body.contains("Continue on your phone"));
}

#[tokio::test]
async fn a_code_is_sent_to_the_number_on_record() {
    let app = App::with(|setup| setup.web = Box::new(|web| web.reset_methods([ResetMethod::WhatsAppCode])));
    let mut browser = app.browser();
    let asked = browser.post("/reset", &[("by", "whatsapp-code"), ("identifier", "+62 812-0000-0001")]).await;
    let wait = asked.location().to_owned();
    app.worker.run_once().await.unwrap();
    assert!(browser.get(&wait).await.body.contains("Check your WhatsApp"));
    let code = app.phone.last().unwrap();
    let typed = browser.post("/reset/code", &[("reset", named(&wait)), ("code", code.code().unwrap())]).await;
    assert_eq!(typed.location(), format!("/reset/new?reset={}", named(&wait)));
}

/// What the page says is true of every number, so it says that the mail depends on the account.
#[tokio::test]
async fn the_page_says_that_a_link_may_come_by_mail_where_it_may_and_to_every_number() {
    let promise = "If WhatsApp cannot deliver the code";
    for undelivered in [UndeliveredCodes::Nothing, UndeliveredCodes::Mail] {
        let app = App::with(|setup| {
            setup.web = Box::new(|web| web.reset_methods([ResetMethod::WhatsAppCode, ResetMethod::Email]));
            setup.build = Box::new(move |builder| builder.undelivered_codes(undelivered));
        });
        for number in ["+62 812-0000-0001", "+62 812-0000-0002"] {
            app.phone.no_such_contact("131026");
            let mut browser = app.browser();
            let asked = browser.post("/reset", &[("by", "whatsapp-code"), ("identifier", number)]).await;
            app.worker.run_once().await.unwrap();
            let page = browser.get(asked.location()).await.body;
            assert_eq!(page.contains(promise), undelivered == UndeliveredCodes::Mail, "{number}");
        }
        let mut browser = app.browser();
        let asked = browser.post("/reset", &[("by", "email"), ("identifier", "ani@toko.example")]).await;
        assert!(!browser.get(asked.location()).await.body.contains(promise));
    }
}

#[tokio::test]
async fn numbers_without_an_account_wait_on_the_same_page() {
    let app = App::with_inbound(Inbound::page_advances(NUMBER).unwrap());
    let mut pages = Vec::new();
    for number in ["+6281200000001", "+6281200000002"] {
        let mut browser = app.browser();
        browser.get("/reset").await;
        let asked = browser.post("/reset", &[("by", "whatsapp"), ("identifier", number)]).await;
        let wait = asked.location().to_owned();
        app.worker.run_once().await.unwrap();
        let status = browser.get(&format!("/reset/api/status?reset={}", named(&wait))).await.json();
        let code = status["challenge"]["code"].as_str().unwrap().to_owned();
        let mut page = browser.get(&wait).await.text();
        // The modules of the QR code encode the random code.
        let (before, rest) = page.split_once("id=\"qr-modules\"").unwrap();
        page = format!("{before}{}", rest.split_once("/>").unwrap().1);
        for (what, mask) in
            [(code.as_str(), "CODE"), (named(&wait), "RESET"), (&browser.cookies["__Host-pr-form"], "TOKEN")]
        {
            page = page.replace(what, mask);
        }
        pages.push(page.replace("812 0000 0001", "TYPED").replace("812 0000 0002", "TYPED").replace(number, "TYPED"));
    }
    assert!(pages[0].contains("CODE") && pages[0].contains("TYPED"));
    // Both QR codes have the same size, because their contents have the same length.
    assert_eq!(without_lengths(&pages[0]), without_lengths(&pages[1]));
}

fn without_lengths(page: &str) -> String {
    page.lines().filter(|line| !line.starts_with("content-length")).collect::<Vec<_>>().join("\n")
}
