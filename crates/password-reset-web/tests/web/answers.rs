//! The same answer for every account and every bad secret.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use password_reset::{Account, AccountStatus, Contact};
use password_reset_testkit::PlainHasher;
use password_reset_web::ResetMethod;
use serde_json::json;

use crate::support::{Answer, App, Browser, NEW, OLD, named};

pub(crate) fn account(id: &str, status: AccountStatus, address: &str) -> Account {
    Account::new(id, status).with_contact(Contact::email(address)).with_hash(PlainHasher::hash_of(OLD, 1))
}

/// One account of every kind that clients must not tell apart. Their names have the same length, so that answers can be
/// compared byte for byte.
fn crowd(app: &App) -> Vec<(&'static str, &'static str)> {
    app.accounts.add_named("known1", account("1", AccountStatus::Active, "known1@toko.example"));
    app.accounts.add_named("disabled", account("2", AccountStatus::Disabled, "banned@toko.example"));
    app.accounts.add_named("nomail", Account::new("3", AccountStatus::Active));
    app.accounts.add(account("4", AccountStatus::Active, "twins1@toko.example"));
    app.accounts.add(account("5", AccountStatus::Active, "twins1@toko.example"));
    app.accounts.add_named("capped", account("6", AccountStatus::Active, "capped@toko.example"));
    vec![
        ("known", "known1@toko.example"),
        ("unknown", "nobody@toko.example"),
        ("disabled", "banned@toko.example"),
        ("without a contact", "nomail@toko.example"),
        ("ambiguous", "twins1@toko.example"),
        ("capped", "capped@toko.example"),
    ]
}

/// How the waiting page names the email of its request, and how the API does.
const ENDS_IN: &str = "ends in (";
const REFERENCE: &str = "\"reference\":\"";

/// An answer with random and typed text masked.
fn masked(answer: &Answer, browser: &Browser, typed: &str) -> String {
    let mut text = answer.text();
    for (name, value) in &browser.cookies {
        text = text.replace(value, "VALUE");
        if let Some((_, reset)) = name.split_once("-r-").or_else(|| name.split_once("-g-")) {
            text = text.replace(reset, "RESET");
        }
    }
    // Each request has a reference of its own; every page of the walk that names one has it in the same place.
    for named in [ENDS_IN, REFERENCE] {
        while let Some((before, (reference, after))) =
            text.split_once(named).and_then(|(before, rest)| Some((before, rest.split_at_checked(4)?)))
        {
            assert!(reference.bytes().all(|letter| letter.is_ascii_uppercase()), "{reference}");
            text = format!("{before}MASKED REFERENCE{after}");
        }
    }
    text.replace(typed, "TYPED").replace(typed.split('@').next().unwrap(), "TYPED")
}

#[tokio::test]
async fn a_walk_through_the_pages_is_the_same_for_every_account() {
    let app = App::new();
    let cases = crowd(&app);
    for _ in 0..5 {
        app.browser().post("/reset", &[("by", "email"), ("identifier", "capped@toko.example")]).await;
        app.worker.run_once().await.unwrap();
    }
    let mut transcripts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (what, typed) in cases {
        let mut browser = app.browser();
        browser.get("/reset").await;
        let before = app.mail.delivered().len();
        let asked = browser.post("/reset", &[("by", "email"), ("identifier", typed)]).await;
        let wait = asked.location().to_owned();
        let mut seen = masked(&asked, &browser, typed);
        app.worker.run_once().await.unwrap();
        assert_eq!(app.mail.delivered().len() - before, usize::from(what == "known"), "{what}");
        for _ in 0..7 {
            let page = browser.get(&wait).await;
            assert_eq!(page.body.matches(ENDS_IN).count(), 1, "{what}");
            seen += &masked(&page, &browser, typed);
            let status = browser.get(&format!("/reset/api/status?reset={}", named(&wait))).await;
            seen += &masked(&status, &browser, typed);
            let wrong = browser.post("/reset/code", &[("reset", named(&wait)), ("code", "00000000")]).await;
            seen += &masked(&wrong, &browser, typed);
        }
        let again = [("reset", named(&wait)), ("by", "email"), ("identifier", typed)];
        seen += &masked(&browser.post("/reset", &again).await, &browser, typed);
        app.clock.advance(std::time::Duration::from_secs(31 * 60));
        seen += &masked(&browser.get(&wait).await, &browser, typed);
        // Every walk starts at the same time of day.
        app.clock.set(chrono::DateTime::from_timestamp_millis(1_800_000_000_000).unwrap());
        transcripts.entry(seen).or_default().push(what);
    }
    let different: Vec<_> = transcripts.values().collect();
    assert_eq!(transcripts.len(), 1, "{different:?}\n{}", first_difference(&transcripts));
}

#[tokio::test]
async fn the_api_answers_the_same_for_every_account() {
    let app = App::new();
    let cases = crowd(&app);
    let mut transcripts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (what, typed) in cases {
        let mut client = app.browser();
        client.headers.clear();
        let asked = client.json("/reset/api/requests", json!({"by": "email", "identifier": typed})).await;
        let requester_token = asked.json()["requester_token"].as_str().unwrap().to_owned();
        let mut seen = masked(&asked, &client, typed);
        app.worker.run_once().await.unwrap();
        let mut watcher = client.clone().with_header("authorization", &format!("Bearer {requester_token}"));
        for _ in 0..7 {
            seen += &masked(&watcher.get("/reset/api/status").await, &client, typed);
            let wrong = json!({"requester_token": requester_token, "code": "00000000"});
            seen += &masked(&client.json("/reset/api/verify", wrong).await, &client, typed);
        }
        transcripts.entry(seen.replace(&requester_token, "TOKEN")).or_default().push(what);
    }
    assert_eq!(transcripts.len(), 1, "{}", first_difference(&transcripts));
}

fn first_difference(transcripts: &BTreeMap<String, Vec<&str>>) -> String {
    let mut texts = transcripts.iter();
    let (Some((one, who)), Some((other, whose))) = (texts.next(), texts.next()) else { return String::new() };
    let line = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    format!("{who:?} {whose:?}: {line:?}")
}

#[tokio::test]
async fn every_bad_secret_gets_the_same_answer() {
    let app = App::new();
    let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut note = |what, answer: &Answer, page: &Answer| {
        seen.entry(answer.text() + &page.text()).or_default().push(what);
    };
    let mut try_link = async |what, link: &str| {
        let mut browser = app.browser();
        let answer = browser.post("/reset/link", &[("link", link)]).await;
        assert_eq!(answer.location(), "/reset/expired", "{what}");
        let page = browser.get(answer.location()).await;
        assert_eq!(page.status, StatusCode::OK);
        note(what, &answer, &page);
    };
    let unknown = "A".repeat(64);
    try_link("unknown", &unknown).await;

    let (_, mail) = app.mailed(&mut app.browser()).await;
    let secret = mail.link_secret().unwrap();
    let forged = format!("{}{}", &secret[..63], if secret.ends_with('A') { "B" } else { "A" });
    try_link("forged", &forged).await;
    app.later(31);
    try_link("expired", mail.link().unwrap()).await;

    let (_, mail) = app.mailed(&mut app.browser()).await;
    app.browser().post("/reset/cancel", &[("link", mail.cancel().unwrap()), ("confirm", "yes")]).await;
    try_link("closed", mail.link().unwrap()).await;

    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    try_link("used", mail.link().unwrap()).await;
    try_link("of another kind", mail.cancel().unwrap()).await;
    assert_eq!(seen.len(), 1, "{seen:#?}");
}

#[tokio::test]
async fn a_failing_or_hanging_mail_server_changes_no_answer() {
    let app = App::new();
    let mut transcripts = Vec::new();
    for trouble in 0..3 {
        match trouble {
            0 => {}
            1 => app.mail.never("550"),
            _ => app.mail.later(None),
        }
        let mut browser = app.browser();
        browser.get("/reset").await;
        let asked = browser.post("/reset", &[("by", "email"), ("identifier", "ani@toko.example")]).await;
        app.worker.run_once().await.unwrap();
        let waiting = browser.get(asked.location()).await;
        let text = [&asked, &waiting].map(|answer| masked(answer, &browser, "ani@toko.example")).concat();
        transcripts.push(text);
    }
    assert!(transcripts.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn only_the_owners_own_cookies_and_documents_hold_a_secret() {
    let app = App::with(|setup| setup.web = Box::new(|web| web.reset_methods([ResetMethod::Email])));
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    browser.get(&wait).await;
    browser.get("/reset/link").await;
    browser.post("/reset/link", &[("link", "https://toko.example/reset/link#broken")]).await;
    browser.post("/reset/cancel", &[("link", mail.cancel().unwrap())]).await;
    browser.post("/reset/code", &[("reset", named(&wait)), ("code", "00000000")]).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    browser.get(opened.location()).await;
    browser.post("/reset/new", &[("reset", named(opened.location())), ("password", "kort")]).await;
    let secrets = [mail.link_secret().unwrap(), mail.code().unwrap(), mail.cancel_secret().unwrap(), "kort"];
    let mut cookies: Vec<String> =
        browser.cookies.iter().filter(|(name, _)| name.contains("-g-")).map(|(_, value)| value.clone()).collect();
    assert_eq!(cookies.len(), 1);
    for (at, answer) in browser.seen.iter().enumerate() {
        for secret in secrets {
            assert!(!answer.contains(secret), "answer {at} holds {secret}: {answer}");
        }
    }
    let grant = cookies.pop().unwrap();
    let holding = browser.seen.iter().filter(|answer| answer.contains(&grant)).count();
    assert_eq!(holding, 1, "the grant is in the one Set-Cookie that sets it");
}
