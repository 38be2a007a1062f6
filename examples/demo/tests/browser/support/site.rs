//! A running application with a database of its own, on a port of its own.

use std::future::Future;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use demo::clock::DemoClock;
use demo::dev::Tools;
use demo::{Demo, Settings};
use password_reset::KeyRing;
use tempfile::TempDir;
use thirtyfour::prelude::WebDriverResult;

use super::driver::Driver;
use super::record::Record;
use super::{Browser, Shape};

/// The application, and actions on it from outside the browser.
pub struct Site {
    pub origin: String,
    pub clock: DemoClock,
    pub tools: Tools,
    pub record: Record,
    driver: Arc<Driver>,
    _folder: TempDir,
}

impl Site {
    /// With the default settings of the demo.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(set: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::parse(&random_keys()).unwrap();
        let mut settings = Settings::new(format!("sqlite:{}/demo.db", folder.path().display()), keys);
        set(&mut settings);
        let mut demo = Demo::start(settings).await.unwrap();
        let record = Record::default();
        demo.router = record.around(demo.router);
        let origin = demo.origin.clone();
        let (clock, tools) = (demo.clock.clone(), demo.tools.clone());
        tokio::spawn(demo.serve());
        Self { origin, clock, tools, record, driver: Driver::shared(), _folder: folder }
    }

    /// A new browser without cookies.
    pub async fn browser(&self, shape: Shape) -> Browser {
        Browser::open(Arc::clone(&self.driver), &self.origin, shape).await
    }
}

/// Keys, as an operator writes them into the environment.
pub fn random_keys() -> String {
    let [issuing, counters] = [(); 2].map(|()| STANDARD.encode(rand::random::<[u8; 32]>()));
    format!("test:{issuing},counters:{counters}")
}

/// Runs a test in one browser, and checks its log at the end.
pub async fn browse<F>(site: &Site, shape: Shape, test: impl FnOnce(Browser) -> F) -> WebDriverResult<()>
where
    F: Future<Output = WebDriverResult<Browser>>,
{
    let browser = test(site.browser(shape).await).await?;
    browser.close().await
}
