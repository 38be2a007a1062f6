//! The pages: cookies of what each way yields, and the source that they hand to the service.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use tower::ServiceExt;

use crate::app::{App, ELSEWHERE, EMAIL, FACTOR, HERE, OTHER_EMAIL, PHONE, Setup, lifetimes};
use crate::ways::Way;

/// Where the last proof leads.
const PROVED: &str = "/reset/new?reset=";

struct Browser {
    router: Router,
    from: IpAddr,
    cookies: BTreeMap<String, String>,
    /// Every `Set-Cookie` that is no deletion.
    set: Vec<String>,
}

impl Browser {
    fn new(app: &App, from: IpAddr) -> Self {
        Self { router: app.router.clone(), from, cookies: BTreeMap::new(), set: Vec::new() }
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookies.join("; "))
            .extension(ConnectInfo(SocketAddr::from((self.from, 4711))))
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
                self.set.push(cookie.to_owned());
            }
        }
        let location = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        (response.status(), location)
    }

    /// Asks on the start page; the name of the reset.
    async fn ask(&mut self, way: Way) -> String {
        let (by, identifier) = asks(way);
        let (status, location) = self.post("/reset", &[("by", by), ("identifier", identifier)]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        location.split_once("reset=").unwrap().1.to_owned()
    }

    fn max_age(&self, prefix: &str) -> u64 {
        let cookie = self.set.iter().rev().find(|cookie| cookie.starts_with(prefix)).unwrap();
        let age = cookie.split("; ").find_map(|part| part.strip_prefix("Max-Age=")).unwrap();
        age.parse().unwrap()
    }
}

/// What is filled in on the start page.
fn asks(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::WhatsAppCode => ("whatsapp-code", PHONE),
        _ if way.is_inbound() => ("whatsapp", PHONE),
        _ => ("email", EMAIL),
    }
}

/// Goes the way through the pages up to its last proof, and returns where that leads.
async fn walk(app: &App, way: Way, browser: &mut Browser) -> (StatusCode, String) {
    let link = || app.mail.last().unwrap().link_secret().unwrap().to_owned();
    let reset = match way {
        Way::Administrator => String::new(),
        _ => browser.ask(way).await,
    };
    if way == Way::Administrator {
        app.ask_as_admin(HERE).await.unwrap();
    }
    app.work().await;
    let phone = || app.phone.last().unwrap();
    match way {
        Way::MailLink | Way::Administrator => browser.post("/reset/link", &[("link", &link())]).await,
        Way::MailCode => {
            let code = app.mail.last().unwrap().code().unwrap().to_owned();
            browser.post("/reset/code", &[("reset", &reset), ("code", &code)]).await
        }
        Way::WhatsAppCode => {
            let code = phone_code(app);
            browser.post("/reset/code", &[("reset", &reset), ("code", &code)]).await
        }
        Way::PageAdvances | Way::TypeBack | Way::ContinueOnPhone => {
            let secret = browser.cookies.iter().find(|(name, _)| name.contains("-r-")).unwrap().1.clone();
            let status = app.reset.status(&crate::ways::token(&secret)).await.unwrap().unwrap();
            app.send(&status.challenge.unwrap().text(password_reset::Locale::ENGLISH)).await;
            app.work().await;
            match way {
                Way::PageAdvances => browser.post("/reset/claim", &[("reset", &reset)]).await,
                Way::TypeBack => {
                    let code = phone().code().unwrap().to_owned();
                    browser.post("/reset/code", &[("reset", &reset), ("code", &code)]).await
                }
                _ => {
                    let secret = phone().link_secret().unwrap().to_owned();
                    browser.post("/reset/link", &[("link", &secret)]).await
                }
            }
        }
        Way::StepUpCode | Way::StepUpFactor => {
            let (status, location) = browser.post("/reset/link", &[("link", &link())]).await;
            assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, &*format!("/reset/step-up?reset={reset}")));
            let lives = if way == Way::StepUpCode { lifetimes().whatsapp } else { lifetimes().grant };
            assert_eq!(browser.max_age("__Host-pr-p-"), lives.as_secs(), "the cookie lives as long as what is in it");
            app.work().await;
            let typed = if way == Way::StepUpCode { phone_code(app) } else { FACTOR.to_owned() };
            browser.post("/reset/step-up", &[("reset", &reset), ("code", &typed)]).await
        }
        Way::CurrentPassword => unreachable!("{way:?}"),
    }
}

fn phone_code(app: &App) -> String {
    app.phone.last().unwrap().code().unwrap().to_owned()
}

/// Every secret that the pages keep is in a cookie that no script, no other host and no other site can use.
pub(crate) async fn cookies(way: Way) {
    let app = Setup::of(way).build();
    let mut browser = Browser::new(&app, HERE);
    let (status, location) = walk(&app, way, &mut browser).await;
    assert_eq!((status, location.starts_with(PROVED)), (StatusCode::SEE_OTHER, true), "{location}");
    assert_eq!(browser.max_age("__Host-pr-g-"), lifetimes().grant.as_secs());
    let partial = browser.set.iter().any(|cookie| cookie.starts_with("__Host-pr-p-"));
    assert_eq!(partial, matches!(way, Way::StepUpCode | Way::StepUpFactor));
    for cookie in &browser.set {
        let (name, attributes) = cookie.split_once(';').unwrap();
        let attributes: Vec<&str> = attributes.split(';').map(str::trim).collect();
        for needed in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            assert!(attributes.contains(&needed), "{needed} is missing: {attributes:?}");
        }
        assert!(name.starts_with("__Host-pr-") && !attributes.iter().any(|it| it.starts_with("Domain")), "{name}");
    }
}

/// The limits of a source go by the client's address: one that has used up its own limits no other.
pub(crate) async fn source(way: Way) {
    if way != Way::Administrator {
        let app = Setup::of(way).limits(|limits| limits.requests_per_source = 2).build();
        for (from, passes) in [(HERE, true), (HERE, true), (HERE, false), (ELSEWHERE, true)] {
            let mut browser = Browser::new(&app, from);
            let (by, identifier) = asks(way);
            let (status, _) = browser.post("/reset", &[("by", by), ("identifier", identifier)]).await;
            assert_eq!(status == StatusCode::SEE_OTHER, passes, "{status}");
            assert!(passes || status == StatusCode::TOO_MANY_REQUESTS, "{status}");
        }
    }
    // The same for guesses.
    let app = Setup::of(way).limits(|limits| limits.codes_per_source = 5).build();
    let mut sprayer = Browser::new(&app, ELSEWHERE);
    let (_, location) = sprayer.post("/reset", &[("by", "email"), ("identifier", OTHER_EMAIL)]).await;
    let reset = location.split_once("reset=").unwrap().1.to_owned();
    for _ in 0..5 {
        let (_, location) = sprayer.post("/reset/code", &[("reset", &reset), ("code", "00000000")]).await;
        assert!(!location.starts_with(PROVED), "{location}");
    }
    let (_, location) = walk(&app, way, &mut Browser::new(&app, HERE)).await;
    assert!(location.starts_with(PROVED), "guesses from elsewhere: {location}");
    let (_, location) = walk(&app, way, &mut Browser::new(&app, ELSEWHERE)).await;
    // Those were first codes; step-ups are another quota.
    let is_stopped = way.is_guessed() && !matches!(way, Way::StepUpCode | Way::StepUpFactor);
    assert_eq!(location.starts_with(PROVED), !is_stopped, "guesses from the same place: {location}");
}
