//! A headless Chromium, used as a user uses one.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use super::driver::{Driver, chromium, headless_shell};
use super::page::Page;
use super::{LONGEST, Shape};

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
    page: Page,
    _driver: Arc<Driver>,
}

impl std::ops::Deref for Browser {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl Browser {
    pub async fn open(driver: Arc<Driver>, origin: &str, shape: Shape) -> Self {
        let mut wanted = DesiredCapabilities::chrome();
        // The one without windows reads no preferences, and hides no tab.
        let whole = !shape.cookies || shape.hides_tabs;
        wanted.set_binary(&if whole { chromium() } else { headless_shell() }).unwrap();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--accept-lang={}", shape.language.tag())).unwrap();
        let (width, height) = shape.size();
        wanted.add_arg(&format!("--window-size={width},{height}")).unwrap();
        // 1 keeps cookies, 2 refuses them.
        let cookies = if shape.cookies { 1 } else { 2 };
        let prefs = json!({ "profile.default_content_setting_values.cookies": cookies });
        wanted.add_experimental_option("prefs", prefs).unwrap();
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        let web = WebDriver::new(driver.url(), wanted).await.expect("Chromium starts");
        // The accessibility rules check every element, which takes a while on a busy machine.
        web.set_script_timeout(6 * LONGEST).await.expect("Chromium takes settings");
        let browser = Self { shape, page: Page::new(web, origin), _driver: driver };
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

    /// Opens another tab of the same browser, and switches to it.
    pub async fn new_tab(&self) -> WebDriverResult<()> {
        let tab = self.page.new_tab().await?;
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
        self.page.quit().await?;
        assert!(complaints.is_empty(), "the browser complained: {complaints:#?}");
        Ok(())
    }

    /// A picture of the whole page, in the folder that `SCREENSHOTS` names. Without it there is none, because drawing them all takes
    /// a fifth of the time of the tests.
    pub async fn picture(&self, name: &str) -> WebDriverResult<()> {
        let Some(folder) = std::env::var_os("SCREENSHOTS").map(PathBuf::from) else { return Ok(()) };
        // The picture shows the next frame, and a window behind another may never draw one.
        self.devtools("Page.bringToFront", json!({})).await?;
        // From right to left, a picture beyond the window moves what stands in it.
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await?;
        let taller = size["cssContentSize"]["height"].as_f64() > size["cssLayoutViewport"]["clientHeight"].as_f64();
        let whole = json!({ "format": "png", "captureBeyondViewport": taller });
        let picture = self.devtools("Page.captureScreenshot", whole).await?;
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
