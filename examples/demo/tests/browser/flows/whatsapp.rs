//! By WhatsApp: a code that is sent to the service, in its three modes, and a code that the service sends.

use password_reset::InboundMode;
use thirtyfour::prelude::*;

use crate::support::reset::BUTTON;
use crate::support::{Shape, Site, browse};

const NEW: &str = "Melati-Putih-88";
pub const CITRA: &str = "+6281200000003";
const STRANGER: &str = "+6281200000009";

impl Site {
    async fn with_mode(mode: InboundMode) -> Self {
        Self::with(|settings| settings.inbound = mode).await
    }

    pub async fn types(&self, person: &str, text: &str) {
        self.tools
            .phone
            .as_ref()
            .expect("the phones are here")
            .send(person, text)
            .await
            .expect("the webhook accepts it");
    }
}

/// The first flow: no reply, and the page continues by itself. The message is sent from the demo's own phone, whose form
/// makes the signed request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_with_the_code_advances_the_page() -> WebDriverResult<()> {
    let site = Site::with_mode(InboundMode::PageAdvances).await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("whatsapp", "0812-0000-0003").await?;
        let page = browser.window().await?;
        let code = browser.element("#kode").await?.text().await?;
        assert!(code.starts_with("kode") && code.len() == 10, "{code}");
        browser.refresh().await?;
        assert_eq!(browser.element("#kode").await?.text().await?, code, "loading it again must not change it");

        let phone = site.browser(Shape::PHONE).await;
        for person in [STRANGER, CITRA] {
            phone.visit("/dev/whatsapp").await?;
            phone.press(&format!("a[href$='{person}']")).await?;
            phone.fill("#text", &code).await?;
            phone.press("main form button").await?;
            phone.until_says(&code).await?;
            phone.is_accessible().await?;
            if person == STRANGER {
                assert_eq!(
                    browser.path().await?.split('?').next(),
                    Some("/reset/wait"),
                    "another's message is nothing"
                );
            }
        }
        phone.picture("chat").await?;
        phone.close().await?;

        browser.switch_to_window(page).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("081200000003", NEW).await?);
        Ok(browser)
    })
    .await?;
    let mailbox = site.tools.mailbox.as_ref().unwrap();
    let notice = mailbox.wait_for(|mail| mail.link_to("cancel").is_some()).await;
    assert_eq!(notice.to, "citra@toko.example", "the other contact is told of the message");
    Ok(())
}

/// The message that WhatsApp drafts from the link works too, and a page without script explains more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_a_press_advances_the_page() -> WebDriverResult<()> {
    let site = Site::with_mode(InboundMode::PageAdvances).await;
    browse(&site, Shape::PHONE.indonesian().without_script(), async |browser| {
        browser.ask("whatsapp", "+62 812 0000 0003").await?;
        browser.press("form[action$='/claim'] button").await?;
        browser.element(".summary").await?;
        site.types(CITRA, &browser.drafted().await?).await;
        browser.press("form[action$='/claim'] button").await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_the_reply_is_typed_on_the_page() -> WebDriverResult<()> {
    let site = Site::with_mode(InboundMode::TypeBack).await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("whatsapp", "0812 0000 0003").await?;
        browser.element("form[action$='/code']").await?;
        site.types(CITRA, &browser.drafted().await?).await;
        browser.until_says("We received your message").await?;
        let reply = site.message(CITRA, "someone requested a password reset").await;
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let code = reply.split(|letter: char| !letter.is_ascii_digit()).find(is_code).unwrap().to_owned();
        browser.look("wait-type-back-message_received").await?;
        browser.type_code(&code).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_of_the_reply_continues_on_the_phone() -> WebDriverResult<()> {
    let site = Site::with_mode(InboundMode::ContinueOnPhone).await;
    let asking = site.browser(Shape::DESKTOP).await;
    asking.ask("whatsapp", "0812 0000 0003").await?;
    site.types(CITRA, &asking.drafted().await?).await;
    asking.until_says("We received your message").await?;
    asking.look("wait-continue-on-phone-message_received").await?;
    site.message(CITRA, "/link#").await;
    browse(&site, Shape::PHONE, async |phone| {
        phone.visit(&format!("/dev/whatsapp/{CITRA}")).await?;
        let before = phone.windows().await?;
        phone.press(".chat .got a").await?;
        phone.until("another window", async || Ok(phone.windows().await?.len() > before.len())).await?;
        let opened = phone.windows().await?.into_iter().find(|window| !before.contains(window)).unwrap();
        phone.switch_to_window(opened).await?;
        phone.until_at("/reset/link").await?;
        phone.press(BUTTON).await?;
        phone.until_at("/reset/new").await?;
        phone.set_password(NEW).await?;
        phone.until_at("/reset/done").await?;
        Ok(phone)
    })
    .await?;
    assert_eq!(asking.path().await?.split('?').next(), Some("/reset/wait"), "the one that asked goes nowhere");
    asking.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_the_service_sends_is_typed_on_the_page() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::PHONE, async |browser| {
        browser.ask("whatsapp-code", "0812 0000 0003").await?;
        let code = site.code_on(CITRA).await;
        browser.type_code(&code).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await?;
    site.message(CITRA, "[password_changed]").await;
    Ok(())
}

impl crate::support::Browser {
    /// The message that WhatsApp drafts from the link on the page.
    pub async fn drafted(&self) -> WebDriverResult<String> {
        let link = self.element("a[href^='https://wa.me/']").await?.attr("href").await?.expect("it has an address");
        let url = reqwest::Url::parse(&link).expect("it is a URL");
        Ok(url.query_pairs().find(|(name, _)| name == "text").expect("it has a text").1.into_owned())
    }
}
