//! Around a reset: step-up, and locking the account after a change by an attacker.

use thirtyfour::prelude::*;

use super::whatsapp::CITRA;
use crate::support::reset::BUTTON;
use crate::support::{Shape, Site, browse};

const NEW: &str = "Melati-Putih-88";
const THEIRS: &str = "Anggrek-Hitam-99";
const EKA: &str = "+6281200000005";

/// A link by email and a code by WhatsApp: either alone gives no access.
async fn step_up(shape: Shape) -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, shape, async |browser| {
        browser.ask("username", "eka.contoh").await?;
        let wait = browser.path().await?;
        let link = site.mail("eka@toko.example").await.link_to("link").unwrap();
        browser.visit(&link).await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/step-up").await?;
        browser.look("step-up").await?;
        let step_up = browser.path().await?;
        browser.visit(&step_up.replace("/step-up", "/new")).await?;
        browser.until_at("/reset/expired").await?;
        browser.visit(&wait).await?;
        browser.until_at("/reset/step-up").await?;
        let code = site.code_on(EKA).await;
        let wrong: String = code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect();
        browser.fill("#code", &wrong).await?;
        browser.press(BUTTON).await?;
        browser.element("#code-error").await?;
        browser.look("step-up-wrong").await?;
        browser.fill("#code", &format!("{} {}", &code[..4], &code[4..])).await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("eka.contoh", NEW).await?);
        // A signed-in user needs no step-up.
        browser.change_password(NEW, THEIRS).await?;
        browser.until("the changed password", async || browser.shows(".done[role=status]").await).await?;
        browser.look("account-changed").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn step_up_in_english_on_a_desktop() -> WebDriverResult<()> {
    step_up(Shape::DESKTOP).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn step_up_in_indonesian_on_a_phone() -> WebDriverResult<()> {
    step_up(Shape::PHONE.indonesian()).await
}

/// An attacker who reads Citra's email sets a password. The notification reaches her, she locks the account without signing
/// in, and gets it back with her phone.
async fn locks_the_account(shape: Shape) -> WebDriverResult<()> {
    let site = Site::start().await;
    let thief = site.browser(Shape::DESKTOP).await;
    thief.ask("email", "citra@toko.example").await?;
    thief.follow(&site.mail("citra@toko.example").await.link_to("link").unwrap()).await?;
    thief.set_password(THEIRS).await?;
    thief.until_at("/reset/done").await?;
    assert!(thief.can_sign_in("0812 0000 0003", THEIRS).await?);
    let lock =
        site.mail_that("citra@toko.example", |mail| mail.link_to("lock").is_some()).await.link_to("lock").unwrap();
    browse(&site, shape, async |browser| {
        browser.visit("/reset/lock").await?;
        browser.look("lock-to-paste").await?;
        browser.visit(&lock).await?;
        assert_eq!(browser.path().await?, "/reset/lock", "the secret must not stand in the address bar");
        browser.look("lock").await?;
        browser.press("#confirm").await?;
        browser.press(BUTTON).await?;
        browser.element(".badge.good").await?;
        browser.look("locked").await?;
        assert!(!browser.shows("a.button[href*='by=email']").await?, "not the channel of the reported reset");
        let locked_out = async || {
            thief.visit("/account").await?;
            Ok(thief.path().await?.starts_with("/sign-in"))
        };
        browser.until("the thief's session to end", locked_out).await?;
        assert!(!thief.can_sign_in("0812 0000 0003", THEIRS).await?);
        // Both contacts are notified.
        site.mail_that("citra@toko.example", |mail| mail.subject().contains("dikunci")).await;
        site.message(CITRA, "[account_locked]").await;

        browser.press("a.button[href$='by=whatsapp']").await?;
        browser.fill("#identifier", "0812 0000 0003").await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/wait").await?;
        site.types(CITRA, &browser.drafted().await?).await;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("0812 0000 0003", NEW).await?);
        Ok(browser)
    })
    .await?;
    thief.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_account_in_english_on_a_desktop() -> WebDriverResult<()> {
    locks_the_account(Shape::DESKTOP).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_account_in_indonesian_on_a_phone() -> WebDriverResult<()> {
    locks_the_account(Shape::PHONE.indonesian()).await
}
