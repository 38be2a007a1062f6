//! Every page of a reset, in every language that is there, on a telephone and on a desk, in light and in dark colours: whether it is
//! accessible, and what it looks like.

use password_reset::{InboundMode, Language, Languages, Locale};
use thirtyfour::prelude::*;

use super::whatsapp::CITRA;
use crate::support::reset::BUTTON;
use crate::support::{Browser, Shape, Site, browse};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_english_on_a_desktop() -> WebDriverResult<()> {
    walk(Shape::DESKTOP).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_english_on_a_dark_phone() -> WebDriverResult<()> {
    walk(Shape::PHONE.dark()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_indonesian_on_a_dark_desktop() -> WebDriverResult<()> {
    walk(Shape::DESKTOP.indonesian().dark()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_indonesian_on_a_phone() -> WebDriverResult<()> {
    walk(Shape::PHONE.indonesian()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_malay_on_a_desktop() -> WebDriverResult<()> {
    walk(Shape::DESKTOP.preferring(Locale::MALAY)).await
}

/// From right to left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_arabic_on_a_phone() -> WebDriverResult<()> {
    walk(Shape::PHONE.preferring(Locale::ARABIC)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_arabic_on_a_dark_desktop() -> WebDriverResult<()> {
    walk(Shape::DESKTOP.preferring(Locale::ARABIC).dark()).await
}

async fn walk(shape: Shape) -> WebDriverResult<()> {
    let all = || Languages::default().with(Language::malay()).with(Language::arabic());
    let site = Site::with(|settings| settings.languages = all()).await;
    browse(&site, shape, async |browser| {
        mail(&site, &browser).await?;
        endings(&site, &browser).await?;
        whatsapp(&browser).await?;
        Ok(browser)
    })
    .await?;
    for (mode, name) in [(InboundMode::TypeBack, "type-back"), (InboundMode::ContinueOnPhone, "continue-on-phone")] {
        let site = Site::with(|settings| (settings.inbound, settings.languages) = (mode, all())).await;
        browse(&site, shape, async |browser| {
            browser.ask("whatsapp", "0812 0000 0003").await?;
            browser.look(&format!("wait-{name}")).await?;
            site.types(CITRA, &browser.drafted().await?).await;
            browser.element("[data-stage='message_received']").await?;
            browser.look(&format!("wait-{name}-received")).await?;
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

async fn whatsapp(browser: &Browser) -> WebDriverResult<()> {
    for by in ["whatsapp-code", "whatsapp"] {
        browser.visit(&format!("/reset?by={by}")).await?;
        browser.look(&format!("ask-{by}")).await?;
        browser.ask(by, "0812 0000 0003").await?;
        browser.look(&format!("wait-{by}")).await?;
    }
    Ok(())
}

async fn mail(site: &Site, browser: &Browser) -> WebDriverResult<()> {
    for by in ["username", "email"] {
        browser.visit(&format!("/reset?by={by}")).await?;
        browser.look(&format!("ask-{by}")).await?;
    }
    browser.press(BUTTON).await?;
    browser.element("#identifier-error").await?;
    browser.look("ask-refused").await?;
    browser.fill("#identifier", "ani@toko.example").await?;
    browser.press(BUTTON).await?;
    browser.until_at("/reset/wait").await?;
    browser.look("wait-mail").await?;
    browser.type_code("0000 0000").await?;
    browser.element("#code-error").await?;
    browser.look("wait-mail-wrong-code").await?;
    let mail = site.mail("ani@toko.example").await;
    browser.visit("/reset/link").await?;
    browser.look("link-to-paste").await?;
    browser.press(BUTTON).await?;
    browser.element("#link-error").await?;
    browser.look("link-refused").await?;
    browser.visit(&mail.link_to("link").unwrap()).await?;
    browser.look("link").await?;
    browser.press(BUTTON).await?;
    browser.until_at("/reset/new").await?;
    browser.look("new-password").await?;
    browser.set_password("melati").await?;
    browser.element(".summary").await?;
    browser.look("new-password-refused").await?;
    browser.fill("#password", "Melati-Putih-88").await?;
    browser.fill("#again", "Melati-Putih-88").await?;
    browser.element("[data-strength]").await?;
    browser.look("new-password-met").await?;
    browser.press(BUTTON).await?;
    browser.until_at("/reset/done").await?;
    browser.look("done").await
}

async fn endings(site: &Site, browser: &Browser) -> WebDriverResult<()> {
    browser.ask("email", "budi@toko.example").await?;
    let mail = site.mail("budi@toko.example").await;
    browser.visit(&mail.link_to("cancel").unwrap()).await?;
    browser.look("cancel").await?;
    browser.press("#confirm").await?;
    browser.press(BUTTON).await?;
    browser.element(".badge.good").await?;
    browser.look("cancelled").await?;
    browser.visit(&mail.link_to("link").unwrap()).await?;
    browser.press(BUTTON).await?;
    browser.until_at("/reset/expired").await?;
    browser.look("expired").await?;
    browser.visit("/reset/no-such-page").await?;
    browser.look("reset-not-found").await?;
    browser.ask("email", "citra@toko.example").await?;
    site.mail("citra@toko.example").await;
    site.clock.advance(std::time::Duration::from_secs(31 * 60));
    browser.until("the end of its time", async || Ok(!browser.shows("#code").await?)).await?;
    browser.element(BUTTON).await?;
    browser.look("wait-over").await
}
