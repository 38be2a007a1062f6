//! Whole resets through the pages, by email.

use axum::http::StatusCode;
use password_reset::{AccountStatus, SeveralAccounts};
use password_reset_web::ResetMethod;

use crate::support::{App, EMAIL, NEW, OLD, named};

#[tokio::test]
async fn a_link_works_in_the_same_browser() {
    let app = App::new();
    let mut browser = app.browser();
    assert_eq!(browser.get("/reset").await.status, StatusCode::OK);
    let (wait, mail) = app.mailed(&mut browser).await;
    assert!(wait.starts_with("/reset/wait?reset="), "{wait}");
    let waiting = browser.get(&wait).await;
    assert_eq!(waiting.status, StatusCode::OK);
    assert!(waiting.body.contains("Request Success") && waiting.body.contains(EMAIL));
    assert_eq!(browser.get("/reset/link").await.status, StatusCode::OK);
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let new = opened.location().to_owned();
    assert!(new.starts_with("/reset/new?reset="), "{new}");
    let form = browser.get(&new).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains(EMAIL), "a password manager needs the account");
    let fields = [("reset", named(&new)), ("username", EMAIL), ("password", NEW), ("again", NEW)];
    let set = browser.post("/reset/new", &fields).await;
    assert_eq!((set.status, set.location()), (StatusCode::SEE_OTHER, "/reset/done"));
    assert_eq!(browser.get("/reset/done").await.status, StatusCode::OK);
    assert!(app.signs_in_with(NEW));
    let kept: Vec<_> = browser.cookies.keys().collect();
    assert_eq!(kept, ["__Host-pr-form"], "no cookie of the reset is left");
    assert_eq!(browser.get(&new).await.location(), "/reset/expired");
}

#[tokio::test]
async fn a_link_works_in_another_browser_without_cookies() {
    let app = App::new();
    let (_, mail) = app.mailed(&mut app.browser()).await;
    let mut phone = app.browser();
    let opened = phone.post("/reset/link", &[("link", mail.link_secret().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    let set = phone.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done");
    assert!(app.signs_in_with(NEW));
}

#[tokio::test]
async fn a_typed_code_works() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    let reset = named(&wait).to_owned();
    let unreadable = browser.submit("/reset/code", &[("reset", &reset), ("code", "12")]).await;
    assert!(unreadable.body.contains("Enter every digit of the code."));
    let wrong = if mail.code() == Some("00000000") { "11111111" } else { "00000000" };
    let refused = browser.submit("/reset/code", &[("reset", &reset), ("code", wrong)]).await;
    assert!(refused.body.contains("4 attempts left"), "{}", refused.body);
    let right = mail.code().unwrap();
    let spaced = format!("{} - {}", &right[..4], &right[4..]);
    let proved = browser.post("/reset/code", &[("reset", &reset), ("code", &spaced)]).await;
    assert_eq!(proved.location(), format!("/reset/new?reset={reset}"));
    assert_eq!(browser.get(&wait).await.location(), proved.location(), "another tab continues, too");
    let set = browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done");
    assert!(app.signs_in_with(NEW));
}

#[tokio::test]
async fn a_rejected_password_shows_the_broken_rules_and_another_is_accepted() {
    let app = App::new();
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    let short = browser.submit("/reset/new", &[("reset", &reset), ("password", "kort"), ("again", "kurz")]).await;
    assert!(!short.body.contains("kort") && !short.body.contains("kurz"), "passwords are never sent back");
    assert!(short.body.contains("class=\"broken\""));
    assert!(app.signs_in_with(OLD));
    let set = browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location(), "/reset/done");
}

#[tokio::test]
async fn a_form_sent_twice_succeeds_twice_and_writes_once() {
    let app = App::new();
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    let fields = [("reset", reset.as_str()), ("password", NEW), ("again", NEW)];
    // A double click sends the second form before the cookies of the first answer arrive.
    let mut impatient = browser.clone();
    let answers = [browser.post("/reset/new", &fields).await, impatient.post("/reset/new", &fields).await];
    assert!(answers.iter().all(|answer| answer.location() == "/reset/done"));
    app.worker.run_once().await.unwrap();
    let notices = app.mail.delivered().iter().filter(|sent| sent.kind() == "password_changed").count();
    assert_eq!(notices, 1);
}

#[tokio::test]
async fn two_resets_in_one_browser_do_not_mix() {
    let app = App::new();
    app.accounts.add_named("budi", crate::answers::account("9", AccountStatus::Active, "budi@toko.example"));
    let mut browser = app.browser();
    let (first, ani) = app.mailed(&mut browser).await;
    let second = browser.post("/reset", &[("by", "username"), ("identifier", "budi")]).await;
    let second = second.location().to_owned();
    app.worker.run_once().await.unwrap();
    let budi = app.mail.last().unwrap();
    assert!(browser.get(&first).await.body.contains(EMAIL));
    let code = |mail: &password_reset_testkit::Sent| mail.code().unwrap().to_owned();
    let mixed = browser.post("/reset/code", &[("reset", named(&second)), ("code", &code(&ani))]).await;
    assert!(mixed.location().contains("problem=wrong"), "a code works only with its own reset");
    for (wait, mail) in [(&first, &ani), (&second, &budi)] {
        let proved = browser.post("/reset/code", &[("reset", named(wait)), ("code", &code(mail))]).await;
        assert_eq!(proved.location(), format!("/reset/new?reset={}", named(wait)));
    }
    let shown = browser.get(&format!("/reset/new?reset={}", named(&second))).await;
    assert!(shown.body.contains("budi") && !shown.body.contains(EMAIL));
    browser.post("/reset/new", &[("reset", named(&second)), ("password", NEW), ("again", NEW)]).await;
    assert!(app.signs_in_with(OLD), "the other account keeps its password");
}

#[tokio::test]
async fn trying_again_after_a_minute_sends_another_message() {
    let app = App::new();
    let mut browser = app.browser();
    let (first, _) = app.mailed(&mut browser).await;
    let again = [("reset", named(&first)), ("by", "email"), ("identifier", EMAIL)];
    assert_eq!(browser.post("/reset", &again).await.location(), first, "a double click is one reset");
    assert_eq!(browser.post("/reset", &again[1..]).await.location(), first, "one on the start page too");
    app.later(1);
    assert_ne!(browser.post("/reset", &again).await.location(), first);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 2);
}

#[tokio::test]
async fn cancelling_needs_a_tick_and_closes_the_reset() {
    let app = App::new();
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let mut owner = app.browser();
    assert_eq!(owner.get("/reset/cancel").await.status, StatusCode::OK);
    let unticked = owner.submit("/reset/cancel", &[("link", mail.cancel().unwrap())]).await;
    assert!(unticked.body.contains("confirm-error") && !unticked.body.contains(mail.cancel_secret().unwrap()));
    let ticked = [("link", mail.cancel().unwrap()), ("confirm", "yes")];
    assert_eq!(owner.post("/reset/cancel", &ticked).await.location(), "/reset/cancelled");
    let again = owner.submit("/reset/cancel", &ticked).await;
    assert!(again.body.contains("cancelled"), "twice is the same as once: {}", again.body);
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    assert_eq!(opened.location(), "/reset/expired");
}

#[tokio::test]
async fn a_reset_that_cannot_be_cancelled_is_not_reported_as_cancelled() {
    let app = App::new();
    let mut browser = app.browser();
    let (_, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let reset = named(opened.location()).to_owned();
    browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await;
    let late = app.browser().post("/reset/cancel", &[("link", mail.cancel().unwrap()), ("confirm", "yes")]).await;
    assert_eq!(late.location(), "/reset/expired?of=cancel");
    let page = app.browser().get(late.location()).await;
    assert!(page.body.contains("This request can no longer be cancelled"));
    assert!(!page.body.contains("class=\"button\""), "the reader asked for no new password");
}

#[tokio::test]
async fn grants_and_resets_expire() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    let new = opened.location().to_owned();
    app.later(16);
    let typed = [("reset", named(&new)), ("password", NEW), ("again", NEW)];
    assert_eq!(browser.post("/reset/new", &typed).await.location(), "/reset/expired", "the grant expired while typing");
    app.later(30);
    let tried = browser.get(&wait).await;
    let over = browser.get(tried.location()).await;
    assert_eq!(over.location(), "/reset/expired", "the grant replaced the requester token");
    let (wait, _) = app.mailed(&mut browser).await;
    app.later(31);
    let over = browser.get(&wait).await;
    assert!(over.body.contains("Time is up") && over.body.contains(EMAIL), "one press tries again");
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn an_invalid_identifier_has_its_error_beside_the_field() {
    let app = App::new();
    let mut browser = app.browser();
    for (by, identifier) in [("email", ""), ("email", "ani"), ("username", " "), ("username", "a\u{200b}b")] {
        let answer = browser.submit("/reset", &[("by", by), ("identifier", identifier)]).await;
        assert!(answer.body.contains("identifier-error"), "{}", answer.body);
        assert!(answer.body.contains(&format!("value=\"{identifier}\"")), "what was typed: {}", answer.body);
    }
    assert!(app.calls.calls().is_empty(), "the store was not called");
}

#[tokio::test]
async fn the_chosen_language_is_remembered() {
    let app = App::new();
    let mut browser = app.browser().with_header("accept-language", "de, id;q=0.5");
    assert!(browser.get("/reset").await.body.contains("<html lang=\"id\" dir=\"ltr\">"));
    assert!(browser.get("/reset?lang=en").await.body.contains("<html lang=\"en\" dir=\"ltr\">"));
    assert!(browser.get("/reset/link").await.body.contains("<html lang=\"en\" dir=\"ltr\">"));
    browser.get("/reset?lang=id").await;
    app.mailed(&mut browser).await;
    assert_eq!(app.mail.last().unwrap().locale, password_reset::Locale::INDONESIAN, "the email is in it, too");
}

/// Reloading a page that answers a form sends nothing again; and the address of a form, opened by itself, leads on.
#[tokio::test]
async fn a_form_is_answered_by_a_redirect_and_its_address_leads_on() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    let reset = named(&wait).to_owned();
    let wrong = if mail.code() == Some("00000000") { "11111111" } else { "00000000" };
    let refused = browser.post("/reset/code", &[("reset", &reset), ("code", wrong)]).await;
    assert_eq!(refused.location(), format!("/reset/wait?problem=wrong&reset={reset}"));
    for _reload in 0..10 {
        assert!(browser.get(refused.location()).await.body.contains("4 attempts left"));
    }
    assert!(!browser.get(&wait).await.body.contains("code-error"), "only that address says so");
    for path in ["/reset/code", "/reset/claim"] {
        assert_eq!(browser.get(path).await.location(), wait);
        assert_eq!(browser.get(&format!("{path}?reset={reset}")).await.location(), wait);
        assert_eq!(app.browser().get(path).await.location(), "/reset", "without a reset, a new start");
    }
    let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let weak = [("reset", reset.as_str()), ("password", "melati"), ("again", "mawar")];
    let rejected = browser.post("/reset/new", &weak).await;
    assert!(rejected.location().starts_with("/reset/new?problem=too_short"), "{}", rejected.location());
    let first = browser.get(rejected.location()).await.body;
    assert!(first.contains("class=\"broken\"") && first.contains("class=\"summary\""), "{first}");
    assert_eq!(browser.get(rejected.location()).await.body, first);
    assert!(!browser.get(opened.location()).await.body.contains("class=\"broken\""));
}

/// A browser that keeps no cookies is told so, on every page that needs one, and another that only lacks them is not.
#[tokio::test]
async fn refused_cookies_are_said_and_not_taken_for_an_expired_link() {
    let app = App::new();
    let mut browser = app.browser();
    let (wait, mail) = app.mailed(&mut browser).await;
    let reset = named(&wait).to_owned();
    let starts = [
        browser.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await.location().to_owned(),
        app.browser().post("/reset/link", &[("link", mail.link().unwrap())]).await.location().to_owned(),
        app.browser().post("/reset/code", &[("reset", &reset), ("code", "00000000")]).await.location().to_owned(),
        format!("/reset/step-up?reset={reset}"),
        wait.clone(),
    ];
    for start in &starts {
        for lang in ["en", "id"] {
            let mut refusing = app.browser().with_header("accept-language", lang);
            let mut page = refusing.get(start).await;
            for _ in 0..3 {
                refusing.cookies.clear();
                if page.status == StatusCode::SEE_OTHER {
                    page = refusing.get(page.location()).await;
                }
            }
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{start}");
            let says = if lang == "en" { "Your browser is blocking cookies" } else { "Browser Anda memblokir cookie" };
            assert!(page.body.contains(says), "{start}: {}", page.body);
        }
        if start.contains("cookies=1") {
            continue;
        }
        // Another browser, which keeps cookies, is led to a new start.
        let mut other = app.browser();
        let tried = other.get(start).await;
        assert_eq!(other.get(tried.location()).await.location(), "/reset/expired", "{start}");
    }
    let mut older = app.browser().without_header("sec-fetch-site");
    let token = older.form_token().await;
    older.cookies.clear();
    let form = [("by", "email"), ("identifier", EMAIL), ("form_token", token.as_str())];
    let refused = older.post("/reset", &form).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.body.contains("blocking cookies"), "{}", refused.body);
}

#[tokio::test]
async fn the_page_promises_no_code_where_the_mail_may_list_accounts() {
    let sure = "Or enter the code from the email";
    for several in [SeveralAccounts::Nothing, SeveralAccounts::MailEach, SeveralAccounts::MailList] {
        let app = App::with(|setup| {
            setup.web = Box::new(|web| web.reset_methods([ResetMethod::Email, ResetMethod::Username]));
            setup.build = Box::new(move |builder| builder.several_accounts(several));
        });
        for (by, typed) in [("email", EMAIL), ("email", "no-such@toko.example"), ("username", "ani")] {
            let mut browser = app.browser();
            let asked = browser.post("/reset", &[("by", by), ("identifier", typed)]).await;
            let page = browser.get(asked.location()).await.body;
            let may_list = by == "email" && several == SeveralAccounts::MailList;
            assert_eq!(page.contains(sure), !may_list, "{by} {several:?}");
            assert_eq!(page.contains("If the email has a code, enter it here"), may_list, "{by} {several:?}");
            assert_eq!(page.contains("a link and a code"), !may_list, "{by} {several:?}");
        }
    }
}
