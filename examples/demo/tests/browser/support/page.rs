//! The page that a tab shows.

use std::future::Future;

use thirtyfour::prelude::*;

use super::{LONGEST, LOOK_AGAIN};

/// What a user sees and does on a page.
pub struct Page {
    driver: WebDriver,
    origin: String,
}

impl std::ops::Deref for Page {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}

impl Page {
    pub fn new(driver: WebDriver, origin: &str) -> Self {
        Self { driver, origin: origin.to_owned() }
    }

    /// Ends the browser.
    pub async fn quit(self) -> WebDriverResult<()> {
        self.driver.quit().await
    }

    pub async fn devtools(&self, method: &str, params: serde_json::Value) -> WebDriverResult<serde_json::Value> {
        self.driver.cdp().send_raw(method, params).await
    }

    /// Opens a page of the site, or a whole address.
    pub async fn visit(&self, address: &str) -> WebDriverResult<()> {
        if address.contains("://") {
            return self.goto(address).await;
        }
        self.goto(format!("{}{address}", self.origin)).await
    }

    /// The path that the address bar shows, with query and fragment.
    pub async fn path(&self) -> WebDriverResult<String> {
        let url = self.current_url().await?.to_string();
        Ok(url.strip_prefix(&self.origin).unwrap_or(&url).to_owned())
    }

    /// Waits until a condition holds.
    ///
    /// # Panics
    /// After 20 seconds, with the condition and the text of the page.
    pub async fn until<F>(&self, what: &str, mut is_so: impl FnMut() -> F) -> WebDriverResult<()>
    where
        F: Future<Output = WebDriverResult<bool>>,
    {
        let waited = tokio::time::timeout(LONGEST, async {
            // Elements of a page that is being replaced cannot be read; the next attempt will tell.
            while !is_so().await.unwrap_or(false) {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
        if waited.await.is_err() {
            let (path, text) = (self.path().await?, self.text().await.unwrap_or_default());
            panic!("this did not come: {what}\nat {path} the page says:\n{text}");
        }
        Ok(())
    }

    /// Waits for a page by its path, without query and fragment.
    pub async fn until_at(&self, path: &str) -> WebDriverResult<()> {
        let at = async || Ok(self.path().await?.split(['?', '#']).next() == Some(path));
        self.until(&format!("the page {path}"), at).await
    }

    /// Waits for a text on the page.
    pub async fn until_says(&self, words: &str) -> WebDriverResult<()> {
        self.until(&format!("the words {words:?}"), async || Ok(self.text().await?.contains(words))).await
    }

    /// The text of the page.
    pub async fn text(&self) -> WebDriverResult<String> {
        self.find(By::Css("body")).await?.text().await
    }

    pub async fn shows(&self, css: &str) -> WebDriverResult<bool> {
        let all = self.find_all(By::Css(css)).await?;
        for element in all {
            if element.is_displayed().await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits for a visible element of this selector.
    pub async fn element(&self, css: &str) -> WebDriverResult<WebElement> {
        self.until(&format!("something that is {css}"), async || self.shows(css).await).await?;
        for element in self.find_all(By::Css(css)).await? {
            if element.is_displayed().await? {
                return Ok(element);
            }
        }
        panic!("{css} went away");
    }

    /// Types into a field, replacing its value.
    pub async fn fill(&self, css: &str, text: &str) -> WebDriverResult<()> {
        let field = self.element(css).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    /// Presses the element of this selector.
    pub async fn press(&self, css: &str) -> WebDriverResult<()> {
        self.element(css).await?.click().await
    }

    /// Types into the focused element.
    pub async fn keys(&self, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        self.active_element().await?.send_keys(keys).await
    }

    /// Presses Tab until the element has the focus.
    ///
    /// # Panics
    /// When it is not reached within the number of presses that a page may need.
    pub async fn tab_to(&self, css: &str) -> WebDriverResult<()> {
        let there = format!("return document.activeElement.matches({css:?})");
        for _ in 0..40 {
            if self.execute(&*there, Vec::new()).await?.convert()? {
                return Ok(());
            }
            self.keys(Key::Tab).await?;
        }
        panic!("the Tab key does not reach {css}");
    }
}
