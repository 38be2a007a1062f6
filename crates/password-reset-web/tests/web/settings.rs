//! Settings, and the refusal of invalid ones.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use password_reset::ports::PhoneReader;
use password_reset::identity::BadIdentifier;
use password_reset::{CallingCode, Identifier, Locale, PasswordReset, Site};
use password_reset_web::{Brand, ProofOfWork, ResetMethod, Web, WebError};
use password_reset_testkit::MemoryAccounts;
use password_reset_testkit::MemoryStore;
use password_reset_testkit::sample::keys;
use tower::ServiceExt;

use crate::mount::{well_known, well_known_at};
use crate::support::{App, EMAIL, PHONE, Served, named};

async fn location(served: Served) -> (StatusCode, String) {
    let request = Request::get("/.well-known/change-password").body(Body::empty()).unwrap();
    let response = served.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store, no-transform");
    (response.status(), response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned())
}

#[tokio::test]
async fn the_well_known_address_redirects_to_the_start_page() {
    let app = App::new();
    assert_eq!(location(well_known(&app.reset)).await, (StatusCode::SEE_OTHER, "/reset".to_owned()));
    let change = well_known_at("/account/password").unwrap();
    assert_eq!(location(change).await, (StatusCode::SEE_OTHER, "/account/password".to_owned()));
    for url in ["//evil.example", "/\\evil.example", "http://toko.example/x", "javascript:x", "account", "", "/a\nb", "/a b", "https://"] {
        assert_eq!(well_known_at(url).unwrap_err(), WebError::ChangeUrl, "{url:?}");
    }
}

#[tokio::test]
async fn a_site_without_a_path_is_merged_at_the_root() {
    let app = App::with(|setup| setup.base_url = "https://reset.toko.example");
    let mut browser = app.browser();
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let asked = browser.post("/", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert!(asked.location().starts_with("/wait?reset="), "{}", asked.location());
    assert!(browser.get(asked.location()).await.body.contains(EMAIL));
    assert_eq!(browser.get("/nowhere").await.status, StatusCode::NOT_FOUND);
    assert_eq!(location(well_known(&app.reset)).await.1, "/");
}

#[tokio::test]
async fn a_deep_mount_path_is_in_every_address() {
    let app = App::with(|setup| setup.base_url = "https://toko.example/account/reset/");
    let mut browser = app.browser();
    let asked = browser.post("/account/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert!(asked.location().starts_with("/account/reset/wait?reset="));
    app.worker.run_once().await.unwrap();
    let opened = browser.post("/account/reset/link", &[("link", app.mail.last().unwrap().link().unwrap())]).await;
    assert_eq!(opened.location(), format!("/account/reset/new?reset={}", named(asked.location())));
}

#[tokio::test]
async fn only_the_configured_methods_are_offered_and_accepted() {
    let app = App::with(|setup| setup.web = Box::new(|web| web.reset_methods([ResetMethod::Username])));
    let page = app.browser().get("/reset").await.body;
    assert!(page.contains("Username") && !page.contains("Email Address"));
    let chosen = app.browser().get("/reset?by=email").await.body;
    assert!(!chosen.contains("Email Address"));
    let asked = app.browser().post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn invalid_settings_are_named() {
    let app = App::new();
    let web = || Web::new(app.reset.clone());
    let needs = "`.inbound(…)` on the service";
    assert_eq!(
        web().reset_methods([ResetMethod::WhatsApp]).build().unwrap_err(),
        WebError::MethodUnavailable { method: "whatsapp", needs }
    );
    assert_eq!(web().reset_methods([]).build().unwrap_err(), WebError::NoMethod);
    let proxy = web().trusted_proxies(["proxy.example"]).build().unwrap_err();
    assert_eq!(proxy, WebError::Proxy("proxy.example".to_owned()));
    assert!(web().brand(Brand::new().accent("#ff0")).build().unwrap_err().to_string().contains("accent"));
    assert!(web().sign_in_url("//evil.example").build().unwrap_err().to_string().contains("sign_in_url"));
    assert!(web().contact_url("javascript:alert(1)").build().unwrap_err().to_string().contains("contact_url"));
    assert!(web().build().is_ok());
}

#[tokio::test]
async fn the_default_language_and_the_country_of_numbers_can_be_set() {
    let singapore = CallingCode::new(65).unwrap();
    let app = App::with(|setup| {
        setup.accounts = MemoryAccounts::new().with_home_country(singapore);
        setup.web = Box::new(|web| web.locale(Locale::INDONESIAN).reset_methods([ResetMethod::WhatsAppCode]));
    });
    let mut browser = app.browser();
    assert!(browser.get("/reset").await.body.contains("<html lang=\"id\" dir=\"ltr\">"));
    browser.post("/reset", &[("by", "whatsapp-code"), ("identifier", "8123 4567")]).await;
    let typed = app.store.resets().unwrap()[0].identifier();
    assert_eq!(typed.as_str(), "+6581234567");
}

/// Reads every text as the same number.
#[derive(Debug)]
struct OneNumber;

impl PhoneReader for OneNumber {
    fn read(&self, _typed: &str, _home: Option<CallingCode>) -> Result<Identifier, BadIdentifier> {
        Identifier::phone("+6581234567", None)
    }
}

#[tokio::test]
async fn the_phone_reader_can_be_set() {
    let app = App::with(|setup| {
        setup.web =
            Box::new(|web| web.phones(OneNumber).reset_methods([ResetMethod::Email, ResetMethod::WhatsAppCode]));
    });
    let mut browser = app.browser();
    browser.post("/reset", &[("by", "whatsapp-code"), ("identifier", "eight one two")]).await;
    browser.post("/reset", &[("by", "email"), ("identifier", "eight one two")]).await;
    let typed: Vec<_> =
        app.store.resets().unwrap().iter().map(|reset| reset.identifier().as_str().to_owned()).collect();
    assert_eq!(typed, ["+6581234567"], "only phone numbers are read by it");
}

#[derive(Debug)]
struct Panics;

impl PhoneReader for Panics {
    fn read(&self, typed: &str, _home: Option<CallingCode>) -> Result<Identifier, BadIdentifier> {
        a_bug(typed)
    }
}

fn a_bug(typed: &str) -> ! {
    panic!("{typed}")
}

#[tokio::test]
async fn a_phone_reader_that_panics_fails_its_request_alone() {
    let app = App::with(|setup| {
        setup.web = Box::new(|web| web.phones(Panics).reset_methods([ResetMethod::Email, ResetMethod::WhatsAppCode]));
    });
    let mut browser = app.browser();
    let failed = browser.post("/reset", &[("by", "whatsapp-code"), ("identifier", PHONE)]).await;
    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!failed.header("retry-after").is_empty() && !failed.body.contains(PHONE), "{}", failed.body);
    let asked = serde_json::json!({"by": "whatsapp-code", "identifier": PHONE});
    assert_eq!(browser.json("/reset/api/requests", asked).await.code(), "unavailable");
    assert!(app.calls.calls().is_empty());
}

#[tokio::test]
async fn the_pages_link_to_sign_in_and_help() {
    let app = App::with(|setup| {
        setup.web = Box::new(|web| web.sign_in_url("/sign-in").contact_url("mailto:help@toko.example"));
    });
    assert!(app.browser().get("/reset/done").await.body.contains("href=\"/sign-in\""));
    assert!(app.browser().get("/reset").await.body.contains("mailto:help@toko.example"));
}

#[tokio::test]
async fn a_challenge_that_these_pages_cannot_pass_is_refused_at_the_start() {
    let app = App::new();
    let mut limits = password_reset::Limits::default();
    limits.challenge_from = Some(10);
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let builder = PasswordReset::builder(app.accounts.clone(), MemoryStore::new(), keys(), site);
    let (reset, _worker) = builder.notifier(app.mail.clone()).limits(limits).build().unwrap();
    assert!(reset.without_challenge_after().is_some());
    assert_eq!(Web::new(reset.clone()).build().unwrap_err(), WebError::Challenge);
    let challenge = ProofOfWork::new(&reset);
    assert!(Web::new(reset).challenge(challenge.clone()).build().is_ok());
    let unused = Web::new(app.reset.clone()).challenge(challenge).build().unwrap_err();
    assert_eq!(unused, WebError::UnusedChallenge, "the service never asks for it");
}

/// The pages take links to pages of the application's own, also where the whole email was pasted, and links from before.
#[tokio::test]
async fn links_to_own_pages_of_the_application_are_taken_by_these_too() {
    let app = App::with(|setup| {
        setup.site = Box::new(|site| {
            site.with_link_page("https://app.toko.example/#/reset/{secret}")
                .with_cancel_page("https://app.toko.example/#/cancel/{secret}")
        });
    });
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let (link, cancel) = (mail.link().unwrap(), mail.cancel().unwrap());
    assert!(link.starts_with("https://app.toko.example/#/reset/") && cancel.contains("/#/cancel/"), "{link} {cancel}");
    let before = format!("https://toko.example/reset/link#{}", mail.link_secret().unwrap());
    for pasted in [link, &format!("{link}\nNot you? {cancel}"), &format!("{cancel} {link}"), &before] {
        let opened = app.browser().post("/reset/link", &[("link", pasted)]).await;
        assert!(opened.location().starts_with("/reset/new?"), "{pasted}: {}", opened.location());
    }
    let pasted = format!("{cancel}\n{link}");
    let cancelled = app.browser().post("/reset/cancel", &[("link", &pasted), ("confirm", "yes")]).await;
    assert_eq!(cancelled.location(), "/reset/cancelled");
}
