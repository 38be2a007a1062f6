//! The front end in a real browser. `scripts/browser` installs what these tests need.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use shop::{EMAIL, NEW, OLD};
use single_page::{Example, front_end};
use thirtyfour::prelude::WebDriverResult;
use tokio::net::TcpListener;

use crate::support::{Browser, Shape, driver::Driver};

async fn browser(origin: &str) -> Browser {
    Browser::open(Driver::shared(), origin, Shape::DESKTOP).await
}

/// Types the address, and waits for the answer.
async fn ask(browser: &Browser) -> WebDriverResult<()> {
    browser.visit("/").await?;
    browser.fill("#email", EMAIL).await?;
    browser.press("button").await?;
    browser.until_says("Request Success, Please check your email").await
}

async fn set(browser: &Browser, password: &str) -> WebDriverResult<()> {
    browser.fill("#password", password).await?;
    browser.fill("#again", password).await?;
    browser.press("button").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_reset_by_link_leaves_no_secret_and_no_cookie_in_the_browser() -> WebDriverResult<()> {
    let example = Example::start().await.unwrap();
    let browser = browser(&example.front).await;
    ask(&browser).await?;
    browser.until_says("The code can be tried 5 times.").await?; // by the stream of events
    let email = example.shop.email(1).await.unwrap();
    let link = email.link().unwrap();
    assert!(link.starts_with(&format!("{}/reset#", example.front)), "{link}");

    browser.new_tab().await?;
    browser.visit(link).await?;
    browser.press("button").await?;
    browser.until_says("Create New Password").await?;
    assert_eq!(browser.path().await?, "/reset", "the secret is not in the address bar");
    assert!(browser.text().await?.contains("must have at least"), "the rules are shown");
    set(&browser, "password").await?;
    browser.element("#violations li").await?;
    set(&browser, NEW).await?;
    browser.until_says("Your password has been changed").await?;
    let kept = "return [localStorage.length, sessionStorage.length, document.cookie.length]";
    let kept: Vec<u64> = browser.execute(kept, Vec::new()).await?.convert()?;
    assert_eq!(kept, [0, 0, 0]);

    // A port has no cookies of its own: these are all of this machine.
    assert_eq!(browser.get_all_cookies().await?.len(), 0, "also the API sets none");
    assert!(example.shop.sign_in(EMAIL, NEW).await.is_ok());
    assert!(example.shop.sign_in(EMAIL, OLD).await.is_err());
    browser.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_works_too_and_a_request_can_be_cancelled() -> WebDriverResult<()> {
    let example = Example::start().await.unwrap();
    let browser = browser(&example.front).await;
    ask(&browser).await?;
    browser.fill("#code", "0000 0000").await?;
    browser.press("button").await?;
    browser.until_says("This link or code is wrong, used or expired.").await?;
    browser.fill("#code", example.shop.email(1).await.unwrap().code().unwrap()).await?;
    browser.press("button").await?;
    browser.until_says("Create New Password").await?;
    set(&browser, NEW).await?;
    browser.until_says("Your password has been changed").await?;
    assert!(example.shop.sign_in(EMAIL, NEW).await.is_ok());

    ask(&browser).await?;
    let email = example.shop.email(3).await.unwrap(); // the second says that the password was changed
    browser.new_tab().await?;
    browser.visit(email.cancel().unwrap()).await?;
    browser.press("button").await?;
    browser.until_says("The request is cancelled").await?;
    browser.visit(email.link().unwrap()).await?;
    browser.press("button").await?;
    browser.until_says("This link or code is wrong, used or expired.").await?;
    browser.close().await
}

/// The same front end at an address that the service does not name: the browser keeps it from the API.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_front_end_that_is_not_named_cannot_use_the_api() -> WebDriverResult<()> {
    let example = Example::start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}", listener.local_addr().unwrap());
    let copy = front_end(example.shop.reset.site().base_url());
    tokio::spawn(password_reset_axum::Server::new(copy).serve(listener, std::future::pending()));
    let browser = browser(&elsewhere).await;
    browser.visit("/").await?;
    browser.fill("#email", EMAIL).await?;
    browser.press("button").await?;
    browser.until_says("The service cannot be reached.").await?;
    let complaints = browser.complaints().await?;
    assert!(complaints.iter().any(|complaint| complaint.contains("CORS policy")), "{complaints:?}");
    browser.close().await
}
