//! The log of whole resets, at its most verbose level.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use password_reset::Inbound;
use password_reset_web::ResetMethod;
use password_reset_testkit::{Fault, Faults, Log};
use tower::ServiceExt;
use tracing::Level;

use crate::inbound::code;
use crate::support::{App, Browser, EMAIL, Locked, NEW, NUMBER, OLD, PHONE, named};

/// Captures everything that this thread logs from now on.
pub(crate) fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
    let listening = Log::of_this_thread(Level::TRACE);
    tracing::trace!("the log is on");
    listening
}

fn app() -> App {
    App::with(|setup| {
        setup.inbound = Some(Inbound::page_advances(NUMBER).unwrap());
        setup.build = Box::new(|builder| builder.account_locker(Locked::default()));
        setup.web =
            Box::new(|web| web.reset_methods([ResetMethod::Email, ResetMethod::Username, ResetMethod::WhatsApp]));
    })
}

#[tokio::test]
async fn no_log_line_holds_a_secret_a_password_or_a_contact() {
    let app = app();
    let (log, _guard) = listen();
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    let mut held: Vec<String> = browser.cookies.values().cloned().collect();
    browser.post("/reset/code", &[("reset", named(&wait)), ("code", "00000000")]).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    held.extend(browser.cookies.values().cloned());
    let reset = named(opened.location()).to_owned();
    for password in ["kort", OLD, NEW] {
        browser.post("/reset/new", &[("reset", &reset), ("password", password), ("again", password)]).await;
    }
    app.worker.run_once().await.unwrap();
    let notice = app.mail.delivered().into_iter().find(|sent| sent.lock_secret().is_some()).unwrap();
    browser.post("/reset/lock", &[("link", notice.lock_secret().unwrap()), ("confirm", "yes")]).await;
    app.worker.run_once().await.unwrap();

    let wait = browser.post("/reset", &[("by", "whatsapp"), ("identifier", PHONE)]).await.location().to_owned();
    app.worker.run_once().await.unwrap();
    let kode = code(&mut browser, &wait).await;
    app.reset.receive(app.message(&kode)).await.unwrap();
    browser.post("/reset/claim", &[("reset", named(&wait))]).await;
    browser.post("/reset/cancel", &[("link", mail.cancel().unwrap()), ("confirm", "yes")]).await;
    held.extend(browser.cookies.values().cloned());

    held.extend(
        [mail.link_secret(), mail.code(), mail.cancel_secret(), notice.lock_secret()].map(|it| it.unwrap().to_owned()),
    );
    held.extend([kode, NEW.to_owned(), OLD.to_owned(), EMAIL.to_owned(), PHONE.to_owned(), PHONE[1..].to_owned()]);
    let log = log.text();
    assert!(log.contains("the log is on"));
    for secret in held {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn typed_text_adds_no_line_to_the_log() {
    let app = app();
    let (log, _guard) = listen();
    for nasty in ["ani\r\nERROR forged", "\u{1b}[31mred\u{1b}[0m", "a\u{2028}b\u{85}c", "\u{0}\u{7}\u{8}", "${jndi:x}"]
    {
        let mut browser = app.browser().with_header("user-agent", "nasty").with_header("x-forwarded-for", "1\t2");
        for way in ["email", "username", "whatsapp", nasty] {
            browser.post("/reset", &[("by", way), ("identifier", nasty)]).await;
        }
        for (path, fields) in [("code", ["reset", "code"]), ("link", ["link", "reset"]), ("new", ["reset", "password"])]
        {
            browser.post(&format!("/reset/{path}"), &fields.map(|field| (field, nasty))).await;
        }
        app.worker.run_once().await.unwrap();
    }
    let log = log.text();
    for part in ["forged", "\u{1b}", "red", "\u{2028}", "\u{0}", "jndi"] {
        assert!(!log.contains(part), "{part:?} is in the log: {log}");
    }
}

/// Whatever strangers send, and however much of it, each kind of line comes once a minute at most.
#[tokio::test]
async fn a_flood_of_bad_requests_leaves_a_line_for_each_kind_and_no_more() {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    // Every call to the store fails, as while its database is down.
    let app = App::with(|setup| setup.faults = Faults::from_call(1, Fault::FailBefore));
    for number in 0..1_000_u16 {
        let source = |browser: &mut Browser| browser.peer.set_ip([198, 51, 100, number.to_be_bytes()[1]].into());
        let mut malformed = app.browser();
        source(&mut malformed);
        let answer = malformed.post("/reset", &[("by", "email"), ("unknown", "field")]).await;
        assert!(matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::TOO_MANY_REQUESTS), "{}", answer.status);
        let mut foreign = app.browser().with_header("sec-fetch-site", "cross-site");
        assert!(foreign.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await.status.is_client_error());
        let mut forwarded = app.browser().with_header("x-forwarded-for", "192.0.2.1");
        source(&mut forwarded);
        forwarded.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
        let request = Request::get("/reset").body(Body::empty()).unwrap();
        app.served.clone().oneshot(request).await.unwrap();
    }
    let text = log.text();
    for said in ["is not believed", "rate limit reached", "a port is unavailable", "client address unknown"] {
        assert!(text.matches(said).count() <= 1, "{said}: {}", text.matches(said).count());
    }
    assert!(text.contains("Web::trusted_proxies"), "{text}");
    assert!(text.lines().count() <= 6, "{text}");
}
