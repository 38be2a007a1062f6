//! A headless Chromium, used as a user uses one.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use super::driver::{Driver, chromium};
use super::{LONGEST, LOOK_AGAIN, Shape};

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Records violations of the content security policy on every page.
const WATCH: &str = "document.addEventListener('securitypolicyviolation', (violation) => console.error('FORBIDDEN', \
                     violation.violatedDirective, violation.blockedURI, violation.sourceFile));";

/// A browser with a profile of its own.
pub struct Browser {
    pub shape: Shape,
    origin: String,
    driver: WebDriver,
    _profile: TempDir,
    _driver: Arc<Driver>,
}

impl std::ops::Deref for Browser {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}

impl Browser {
    pub async fn open(driver: Arc<Driver>, origin: &str, shape: Shape) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&chromium()).unwrap();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        let (width, height) = shape.size();
        wanted.add_arg(&format!("--window-size={width},{height}")).unwrap();
        // 1 keeps cookies, 2 refuses them.
        let cookies = if shape.cookies { 1 } else { 2 };
        let prefs = json!({
            "intl.accept_languages": shape.language.tag(),
            "profile.default_content_setting_values.cookies": cookies,
        });
        wanted.add_experimental_option("prefs", prefs).unwrap();
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        let web = WebDriver::new(driver.url(), wanted).await.expect("Chromium starts");
        // The accessibility rules check every element, which takes a while on a busy machine.
        web.set_script_timeout(6 * LONGEST).await.expect("Chromium takes settings");
        let browser = Self { shape, origin: origin.to_owned(), driver: web, _profile: profile, _driver: driver };
        browser.prepare().await.expect("Chromium can be set up");
        browser
    }

    /// Once for every tab.
    pub async fn prepare(&self) -> WebDriverResult<()> {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await?;
        if self.shape.phone {
            let (width, height) = self.shape.size();
            let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
            self.devtools("Emulation.setDeviceMetricsOverride", screen).await?;
        }
        if self.shape.dark {
            let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
            self.devtools("Emulation.setEmulatedMedia", dark).await?;
        }
        if !self.shape.script {
            self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await?;
        }
        Ok(())
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

    /// Opens another tab of the same browser, and switches to it.
    pub async fn new_tab(&self) -> WebDriverResult<()> {
        let tab = self.driver.new_tab().await?;
        self.switch_to_window(tab).await?;
        self.prepare().await
    }

    /// Shows the current tab, as a press on it does.
    pub async fn bring_to_front(&self) -> WebDriverResult<()> {
        self.devtools("Page.bringToFront", json!({})).await.map(drop)
    }

    /// Errors in this browser since the last call.
    pub async fn complaints(&self) -> WebDriverResult<Vec<String>> {
        let complaint = |message: &str, level: &str, source: &str| {
            // A page with status 4xx is logged as a failed load; a style sheet or script must never fail.
            let of_a_page = source == "network" && !message.contains("/assets/") && message.contains("status of 4");
            let forbidden = message.contains("FORBIDDEN") || message.contains("Content Security Policy");
            // Of Chromium's own pages, such as the empty tab that it begins with.
            let of_its_own = message.starts_with("chrome://");
            !of_its_own && (forbidden || source == "security" || (level == "SEVERE" && !of_a_page))
        };
        let log = self.browser_log().await?;
        let bad = log.into_iter().filter(|it| complaint(&it.message, &it.level, it.source.as_deref().unwrap_or("")));
        Ok(bad.map(|entry| entry.message).collect())
    }

    /// Checks for errors, and ends the browser.
    pub async fn close(self) -> WebDriverResult<()> {
        let complaints = self.complaints().await?;
        self.driver.quit().await?;
        assert!(complaints.is_empty(), "the browser complained: {complaints:#?}");
        Ok(())
    }

    /// A picture of the whole page.
    pub async fn picture(&self, name: &str) -> WebDriverResult<()> {
        // The picture shows the next frame, and a window behind another may never draw one.
        self.devtools("Page.bringToFront", json!({})).await?;
        // From right to left, a picture beyond the window moves what stands in it.
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await?;
        let taller = size["cssContentSize"]["height"].as_f64() > size["cssLayoutViewport"]["clientHeight"].as_f64();
        let whole = json!({ "format": "png", "captureBeyondViewport": taller });
        let picture = self.devtools("Page.captureScreenshot", whole).await?;
        let folder = std::env::var_os("SCREENSHOTS")
            .map_or_else(|| PathBuf::from(concat!(env!("CARGO_TARGET_TMPDIR"), "/../screenshots")), PathBuf::from);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}-{}.png", self.shape.name()));
        std::fs::write(file, decode(picture["data"].as_str().expect("a picture"))).unwrap();
        Ok(())
    }

    /// Opens an address in a tab of its own, and advances the tab's clock, so that its timers fire. Then runs the check `so`,
    /// and closes the tab.
    pub async fn left_alone<F>(&self, address: &str, span: Duration, so: impl FnOnce() -> F) -> WebDriverResult<()>
    where
        F: Future<Output = WebDriverResult<()>>,
    {
        let before = self.window().await?;
        self.new_tab().await?;
        self.visit(address).await?;
        self.let_time_pass(span).await?;
        so().await?;
        self.close_window().await?;
        self.switch_to_window(before).await
    }

    async fn let_time_pass(&self, span: Duration) -> WebDriverResult<()> {
        let ms = span.as_millis();
        let timer = format!("window.passed = false; setTimeout(() => {{ window.passed = true; }}, {ms});");
        self.execute(timer, Vec::new()).await?;
        let budget = json!({ "policy": "advance", "budget": ms as f64 + 1_000.0 });
        self.devtools("Emulation.setVirtualTimePolicy", budget).await?;
        let passed = async || self.execute("return window.passed", Vec::new()).await?.convert();
        self.until("the page's time to pass", passed).await
    }
}

fn decode(base64: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(base64).expect("base64")
}

/// Actions on the application's own pages.
impl Browser {
    pub async fn sign_in(&self, name: &str, password: &str) -> WebDriverResult<()> {
        self.visit("/sign-in").await?;
        self.fill("#name", name).await?;
        self.fill("#password", password).await?;
        self.press("main form button").await
    }

    pub async fn change_password(&self, current: &str, new: &str) -> WebDriverResult<()> {
        self.fill("#current", current).await?;
        self.fill("#new", new).await?;
        self.fill("#again", new).await?;
        self.press("form[action='/account/password'] button").await
    }
}
