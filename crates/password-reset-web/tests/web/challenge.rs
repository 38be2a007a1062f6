//! A challenge that people can pass, over the limit at which one is asked for.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::http::StatusCode;
use password_reset::{Builder, Limits, PortError};
use password_reset_testkit::Log;
use password_reset_web::{Challenge, Directive, ProofOfWork, ResetMethod, Web, WebError, Widget};
use serde_json::json;
use sha2::{Digest, Sha256};
use tracing::Level;

use crate::openapi::{check, document};
use crate::support::{App, Browser, EMAIL, Setup};

const NOBODY: &str = "eko@toko.example";

/// Every request needs the challenge; a source has so many in all.
fn limits(of_source: u32) -> impl FnOnce(Builder) -> Builder {
    let mut limits = Limits::default();
    (limits.challenge_from, limits.requests_per_source) = (Some(0), of_source);
    move |builder| builder.limits(limits)
}

fn with(of_source: u32, challenge: impl Challenge + Clone) -> impl FnOnce(&mut Setup) {
    move |setup| {
        setup.build = Box::new(limits(of_source));
        setup.web = Box::new(|web: Web| web.reset_methods([ResetMethod::Email]).challenge(challenge));
    }
}

/// With proof of work that takes no time.
fn worked() -> App {
    App::with(|setup| {
        setup.build = Box::new(limits(100));
        setup.web_of = |reset, web| web.challenge(ProofOfWork::new(reset).bits(4));
    })
}

/// As the page's own script does.
fn solve(puzzle: &str) -> String {
    solve_to(puzzle, puzzle.split('.').next().unwrap().parse().unwrap())
}

fn solve_to(puzzle: &str, bits: u32) -> String {
    let seed = Sha256::digest(puzzle);
    let is_right = |number: &u64| {
        let digest = Sha256::new().chain_update(seed).chain_update(number.to_be_bytes()).finalize();
        u128::from_be_bytes(digest[..16].try_into().unwrap()).leading_zeros() >= bits
    };
    format!("{puzzle}.{}", (0..).find(is_right).unwrap())
}

fn puzzle_in(page: &str) -> String {
    page.split_once("data-puzzle=\"").expect(page).1.split('"').next().unwrap().to_owned()
}

/// Presses the button of the start page, and follows to the page with the challenge.
async fn challenged(browser: &mut Browser, typed: &str) -> String {
    let page = browser.submit("/reset", &[("by", "email"), ("identifier", typed)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Checking your browser…"), "{}", page.body);
    assert!(page.body.contains(&format!("name=\"identifier\" value=\"{typed}\"")), "{}", page.body);
    page.body
}

async fn answered(browser: &mut Browser, typed: &str, answer: &str) -> String {
    let fields = [("by", "email"), ("identifier", typed), ("challenge", answer)];
    browser.post("/reset", &fields).await.location().to_owned()
}

#[tokio::test]
async fn who_passes_it_gets_the_mail() {
    let app = worked();
    let mut browser = app.browser();
    let page = challenged(&mut browser, EMAIL).await;
    let waiting = answered(&mut browser, EMAIL, &solve(&puzzle_in(&page))).await;
    assert!(waiting.starts_with("/reset/wait?reset="), "{waiting}");
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 1);
}

#[tokio::test]
async fn an_answer_counts_once_and_for_its_source_alone() {
    let app = worked();
    let mut browser = app.browser();
    let right = solve(&puzzle_in(&challenged(&mut browser, EMAIL).await));
    let failed = "/reset?by=email&problem=challenge-failed";
    let mut stranger = app.browser();
    stranger.peer = "198.51.100.7:4711".parse().unwrap();
    assert_eq!(answered(&mut stranger, EMAIL, &right).await, failed, "another source");
    let (puzzle, _) = right.rsplit_once('.').unwrap();
    let easier = format!("1.{}", puzzle.split_once('.').unwrap().1);
    for wrong in ["", "x", "4.5", &solve_to(&easier, 4), &solve("4.0.0.0"), &format!("{puzzle}.x"), &"1".repeat(20_000)] {
        assert_eq!(answered(&mut browser, EMAIL, wrong).await, failed, "{wrong}");
    }
    assert_eq!(app.store.resets().unwrap().len(), 0, "nothing of it stored anything");
    assert!(answered(&mut browser, EMAIL, &right).await.starts_with("/reset/wait?"), "and none of it used it up");
    let again = browser.submit("/reset", &[("by", "email"), ("identifier", NOBODY), ("challenge", &right)]).await;
    assert!(again.body.contains("The check was not completed. Try again."), "{}", again.body);
    assert_ne!(puzzle_in(&again.body), puzzle, "a new one each time");
    let expired = puzzle_in(&again.body);
    app.later(11);
    assert_eq!(answered(&mut browser, EMAIL, &solve(&expired)).await, failed, "it lives ten minutes");
    assert_eq!(app.store.resets().unwrap().len(), 1);
}

/// Two browsers take the same steps, one with the name of an account and one without (I5).
#[tokio::test]
async fn known_and_unknown_names_are_challenged_alike() {
    let app = worked();
    let mut walks = Vec::new();
    for typed in [EMAIL, NOBODY] {
        let mut browser = app.browser();
        let mut seen = Vec::new();
        let page = challenged(&mut browser, typed).await;
        let puzzle = puzzle_in(&page);
        let masked = |text: String| {
            let cookie = browser.cookies["__Host-pr-form"].clone();
            text.replace(typed, "TYPED").replace(&puzzle, "PUZZLE").replace(&cookie, "TOKEN")
        };
        seen.push(masked(page));
        let refused = browser.post("/reset", &[("by", "email"), ("identifier", typed), ("challenge", "x")]).await;
        seen.push(refused.location().to_owned());
        let asked = browser.json("/reset/api/requests", json!({"by": "email", "identifier": typed})).await;
        let of_api = asked.json()["challenge"]["puzzle"].as_str().unwrap().to_owned();
        seen.push(asked.text().replace(&of_api, "PUZZLE"));
        seen.push(answered(&mut browser, typed, &solve(&puzzle)).await.split('=').next().unwrap().to_owned());
        walks.push(seen);
    }
    assert_eq!(walks[0], walks[1]);
}

#[tokio::test]
async fn the_api_names_what_to_pass_and_takes_the_answer() {
    let app = worked();
    let document = document(&app).await;
    let mut client = app.browser();
    let body = json!({"by": "email", "identifier": EMAIL});
    let asked = client.json("/reset/api/requests", body.clone()).await;
    assert_eq!((asked.status, asked.code().as_str()), (StatusCode::FORBIDDEN, "challenge_required"));
    check(&document, "Problem", &asked.json());
    let to_pass = asked.json()["challenge"].clone();
    assert_eq!(to_pass["kind"], "proof_of_work");
    let mut answered = body.clone();
    answered["challenge"] = json!(solve(to_pass["puzzle"].as_str().unwrap()));
    check(&document, "ResetRequest", &answered);
    assert_eq!(client.json("/reset/api/requests", answered.clone()).await.status, StatusCode::ACCEPTED);
    let again = client.json("/reset/api/requests", answered.clone()).await;
    assert_eq!(again.code(), "challenge_required");
    assert_ne!(again.json()["challenge"]["puzzle"], to_pass["puzzle"]);
    answered["challenge"] = json!(null);
    assert_eq!(client.json("/reset/api/requests", answered).await.code(), "malformed");
}

#[tokio::test]
async fn below_the_limit_there_is_no_challenge_and_the_address_alone_shows_none() {
    let app = App::with(|setup| {
        setup.build = Box::new(|builder| {
            let mut limits = Limits::default();
            limits.challenge_from = Some(1);
            builder.limits(limits)
        });
        setup.web_of = |reset, web| web.challenge(ProofOfWork::new(reset).bits(4));
    });
    let mut browser = app.browser();
    assert!(browser.get("/reset?by=email&problem=challenge").await.body.contains("id=\"identifier\""), "nothing was typed");
    assert!(answered(&mut browser, EMAIL, "").await.starts_with("/reset/wait?"));
    challenged(&mut app.browser(), NOBODY).await;
}

/// How a widget of another service behaves.
#[derive(Clone, Debug)]
struct Other {
    does: Does,
    asked: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug)]
enum Does {
    Pass,
    Refuse,
    Fail,
    Panic,
    Hang,
}

fn a_bug() -> ! {
    panic!("a secret")
}

impl Other {
    fn new(does: Does) -> Self {
        Self { does, asked: Arc::default() }
    }
}

#[async_trait]
impl Challenge for Other {
    fn widget(&self) -> Widget {
        Widget::new("other", "https://captcha.example/widget.js")
            .class("other-captcha")
            .site_key("the-public-key\"")
            .attribute("action", "reset")
            .answer_field("other-response")
            .allow(Directive::Script, "https://captcha.example")
            .allow(Directive::Frame, "https://captcha.example")
            .allow(Directive::Frame, "https://*.captcha.example")
    }

    fn puzzle(&self, _: IpAddr) -> Result<Option<String>, PortError> {
        match self.does {
            Does::Panic => a_bug(),
            Does::Fail => Err(PortError::transient("no puzzle")),
            _ => Ok(None),
        }
    }

    async fn verify(&self, answer: &str, source: IpAddr) -> Result<bool, PortError> {
        assert_eq!((answer, source), ("token", "203.0.113.7".parse().unwrap()));
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.does {
            Does::Pass => Ok(true),
            Does::Refuse => Ok(false),
            Does::Fail => Err(PortError::permanent("the key is wrong")),
            Does::Panic => a_bug(),
            Does::Hang => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn the_policy_is_widened_on_the_page_with_the_widget_alone() {
    let other = Other::new(Does::Pass);
    let app = App::with(with(100, other.clone()));
    let mut browser = app.browser();
    let before = browser.get("/reset").await;
    let page = browser.submit("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
    for part in [
        "<script src=\"https://captcha.example/widget.js\" async defer></script>",
        "class=\"other-captcha\" data-sitekey=\"the-public-key&#34;\" data-action=\"reset\"",
        "wait 1 minute and try again",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("name=\"challenge\""), "the script adds the field");
    let policy = |csp: &str| csp.replace("script-src 'self'", "script-src 'self' https://captcha.example");
    let widened = policy(before.header("content-security-policy"));
    assert_eq!(
        page.header("content-security-policy"),
        format!("{widened}; frame-src https://captcha.example https://*.captcha.example")
    );
    let after = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL), ("other-response", "token")]).await;
    assert!(after.location().starts_with("/reset/wait?"), "{}", after.location());
    for answer in [&after, &browser.get("/reset").await, &browser.get(after.location()).await] {
        assert_eq!(answer.header("content-security-policy"), before.header("content-security-policy"));
    }
    assert_eq!(other.asked.load(Ordering::SeqCst), 1, "it is asked about answers alone");
    let asked = app.browser().json("/reset/api/requests", json!({"by": "email", "identifier": EMAIL})).await;
    assert_eq!(asked.json()["challenge"], json!({"kind": "other", "site_key": "the-public-key\""}));
    assert_eq!(browser.post("/reset", &[("by", "email"), ("identifier", EMAIL), ("challenge", "token")]).await.status, 400);
}

async fn asks(browser: &mut Browser, typed: &str) -> crate::support::Answer {
    let body = json!({"by": "email", "identifier": typed, "challenge": "token"});
    browser.json("/reset/api/requests", body).await
}

/// The limits are then those without a challenge, so a neighbour behind the same address is not shut out.
#[tokio::test(start_paused = true)]
async fn a_challenge_that_fails_panics_or_hangs_leaves_the_ordinary_limits() {
    for does in [Does::Fail, Does::Panic, Does::Hang] {
        let (log, _guard) = Log::of_this_thread(Level::INFO);
        let other = Other::new(does);
        let app = App::with(with(2, other.clone()));
        let mut browser = app.browser();
        let before = tokio::time::Instant::now();
        for typed in [EMAIL, NOBODY] {
            assert_eq!(asks(&mut browser, typed).await.status, StatusCode::ACCEPTED, "{does:?}");
        }
        let waited = before.elapsed().as_secs();
        assert_eq!(waited, if matches!(does, Does::Hang) { 6 } else { 0 }, "{does:?}");
        let third = asks(&mut browser, EMAIL).await;
        assert_eq!((third.status, third.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many"), "{does:?}");
        assert!(!third.header("retry-after").is_empty());
        assert_eq!(other.asked.load(Ordering::SeqCst), 3);
        let text = log.text();
        assert_eq!(text.matches("could not be checked").count(), 1, "at a bounded rate: {text}");
        assert!( !text.contains("token") && !text.contains("a secret"), "{text}");
        let without = json!({"by": "email", "identifier": EMAIL});
        let answer = browser.json("/reset/api/requests", without).await;
        let expected = if matches!(does, Does::Hang) { "challenge_required" } else { "unavailable" };
        assert_eq!(answer.code(), expected, "{does:?}: what it shows fails too");
        assert_eq!(answer.header("retry-after").is_empty(), matches!(does, Does::Hang));
    }
}

#[tokio::test]
async fn a_refused_answer_leads_to_the_challenge_again_and_never_past_it() {
    let app = App::with(with(100, Other::new(Does::Refuse)));
    let mut browser = app.browser();
    for _ in 0..3 {
        assert_eq!(asks(&mut browser, EMAIL).await.code(), "challenge_required");
        let fields = [("by", "email"), ("identifier", EMAIL), ("other-response", "token")];
        let page = browser.submit("/reset", &fields).await;
        assert!(page.body.contains("The check was not completed."), "{}", page.body);
    }
    assert_eq!(app.store.resets().unwrap().len(), 0);
}

#[derive(Clone, Debug)]
struct Shows(Widget);

#[async_trait]
impl Challenge for Shows {
    fn widget(&self) -> Widget {
        self.0.clone()
    }

    fn puzzle(&self, _: IpAddr) -> Result<Option<String>, PortError> {
        Ok(None)
    }

    async fn verify(&self, _: &str, _: IpAddr) -> Result<bool, PortError> {
        Ok(false)
    }
}

#[tokio::test]
async fn a_widget_that_says_something_else_in_a_header_or_a_page_is_refused() {
    let app = worked();
    let widget = || Widget::new("own", "/own.js");
    let build = |widget| Web::new(app.reset.clone()).challenge(Shows(widget)).build().map(drop);
    assert_eq!(build(widget().allow(Directive::Connect, "https://a.example:8443").attribute("size", "\"> x")), Ok(()));
    for (part, wrong) in [
        ("kind", Widget::new("Own kind", "/own.js")),
        ("script", Widget::new("own", "http://a.example/x.js")),
        ("script", Widget::new("own", "//a.example/x.js")),
        ("script", Widget::new("own", "https://")),
        ("script", Widget::new("own", "https://a.example/x y.js")),
        ("script", Widget::new("own", "https://a.example/x\u{1}.js")),
        ("attribute", widget().attribute("x onclick", "y")),
        ("attribute", widget().attribute("sitekey", "y")),
        ("answer_field", widget().answer_field("identifier")),
        ("answer_field", widget().answer_field("a b")),
        ("allow", widget().allow(Directive::Script, "'unsafe-inline'")),
        ("allow", widget().allow(Directive::Script, "https://a.example; script-src *")),
        ("allow", widget().allow(Directive::Style, "https://a.example https://b.example")),
        ("allow", widget().allow(Directive::Frame, "http://a.example")),
        ("allow", widget().allow(Directive::Frame, "*")),
    ] {
        assert_eq!(build(wrong), Err(WebError::Widget { part }), "{part}");
    }
}
