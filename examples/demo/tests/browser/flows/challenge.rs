//! Over the limit of its source, a browser works for a while, and one more press goes on.

use thirtyfour::prelude::*;

use crate::support::reset::BUTTON;
use crate::support::{Browser, Shape, Site, browse};

/// Every request needs the challenge.
async fn site() -> Site {
    Site::with(|settings| settings.limits.challenge_from = Some(0)).await
}

async fn challenged(browser: &Browser) -> WebDriverResult<()> {
    browser.visit("/reset?by=email").await?;
    browser.fill("#identifier", "ani@toko.example").await?;
    browser.press(BUTTON).await?;
    browser.element("#check").await.map(drop)
}

async fn a_person_passes(shape: Shape, checking: &str, checked: &str) -> WebDriverResult<()> {
    let site = site().await;
    browse(&site, shape, async |browser| {
        challenged(&browser).await?;
        browser
            .until("the check to begin or to end", async || {
                let text = browser.text().await?;
                Ok(text.contains(checking) || text.contains(checked))
            })
            .await?;
        browser.until_says(checked).await?;
        let say = browser.find(By::Css("[data-say]")).await?;
        assert_eq!(say.prop("textContent").await?.as_deref(), Some(checked), "screen readers are told");
        assert!(browser.shows("[data-checked]").await? && !browser.shows("[data-checking], [data-stuck]").await?);
        browser.look("challenge-checked").await?;
        assert!(browser.path().await?.starts_with("/reset?"), "no script sends the form by itself");
        browser.press(BUTTON).await?;
        browser.until_at("/reset/wait").await?;
        site.mail("ani@toko.example").await;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_over_the_limit_passes_and_gets_the_mail() -> WebDriverResult<()> {
    let checked = "Check complete. Press Send Link to continue.";
    a_person_passes(Shape::DESKTOP, "Checking your browser… This takes a few seconds.", checked).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_with_a_phone_passes_too() -> WebDriverResult<()> {
    let checked = "Pemeriksaan selesai. Tekan Kirim Tautan untuk melanjutkan.";
    a_person_passes(Shape::PHONE.indonesian().dark(), "Memeriksa browser Anda…", checked).await
}

/// The press is remembered, and the form is sent once the answer is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_that_comes_too_early_counts() -> WebDriverResult<()> {
    let site = site().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        // The page's worker is held back, so that the press comes first.
        let held = "const { postMessage } = Worker.prototype; window.held = [];
            Worker.prototype.postMessage = function (...what) { window.held.push(() => postMessage.apply(this, what)); };";
        let source = serde_json::json!({ "source": held });
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", source).await?;
        challenged(&browser).await?;
        browser.element("[data-checking]").await?;
        browser.look("challenge-checking").await?;
        let posts = site.record.posts();
        browser.press(BUTTON).await?;
        assert_eq!(site.record.posts(), posts, "there is no answer to send yet");
        browser.execute("for (const go of window.held) go();", Vec::new()).await?;
        browser.until_at("/reset/wait").await?;
        site.mail("ani@toko.example").await;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_the_page_says_how_long_to_wait() -> WebDriverResult<()> {
    let site = site().await;
    browse(&site, Shape::PHONE.without_script(), async |browser| {
        challenged(&browser).await?;
        browser.until_says("This check needs JavaScript. Turn it on, or wait 1 minute and try again.").await?;
        assert!(browser.shows("main a[href^='mailto:']").await?, "and whom to ask");
        assert!(!browser.text().await?.contains("Checking"));
        browser.picture("challenge-no-script").await?;
        browser.press(BUTTON).await?;
        browser.until_says("The check was not completed. Try again.").await?;
        browser.picture("challenge-failed").await?;
        Ok(browser)
    })
    .await
}
