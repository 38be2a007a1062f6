//! The state that every handler shares.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::ports::PhoneReader;
use password_reset::{Languages, Locale, PasswordReset};

use crate::challenge::Gate;
use crate::cookies::CookieStyle;
use crate::cors::TrustedOrigins;
use crate::device::Place;
use crate::limits::Edge;
use crate::pages::{ResetMethod, Templates, Theme};
use crate::source::TrustedProxies;
use crate::step_up::SecondFactor;
use crate::webhook::Webhooks;

/// The checked settings of one site, and its service.
#[derive(Debug)]
pub(crate) struct AppState {
    /// The path of the base URL, without a slash at its end.
    pub(crate) mount: String,
    pub(crate) reset: PasswordReset,
    pub(crate) theme: Theme,
    pub(crate) templates: Box<dyn Templates>,
    pub(crate) methods: Vec<ResetMethod>,
    pub(crate) factor: Option<Box<dyn SecondFactor>>,
    pub(crate) challenge: Option<Gate>,
    pub(crate) phones: Option<Arc<dyn PhoneReader>>,
    pub(crate) place: Option<Place>,
    pub(crate) locale: Locale,
    pub(crate) origin: String,
    pub(crate) cookies: CookieStyle,
    pub(crate) proxies: TrustedProxies,
    pub(crate) origins: TrustedOrigins,
    pub(crate) edge: Edge,
    pub(crate) hsts: bool,
    pub(crate) webhooks: Webhooks,
}

impl AppState {
    /// The languages of the pages.
    pub(crate) fn languages(&self) -> &Languages {
        self.reset.site().languages()
    }

    /// The time from now until `until`; zero when that has passed.
    pub(crate) fn left(&self, until: DateTime<Utc>) -> Duration {
        until.signed_duration_since(self.reset.now()).to_std().unwrap_or_default()
    }

    /// How links of messages to a page look, for [`secret_in_link`](crate::secret_in_link).
    pub(crate) fn links_to(&self, page: &str) -> String {
        let before = self.reset.site().before_secret(page);
        before.split_once("://").map_or(&*before, |(_scheme, rest)| rest).to_owned()
    }
}

pub(crate) type SharedState = Arc<AppState>;
