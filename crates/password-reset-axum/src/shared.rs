//! What every handler needs.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::ports::PhoneReader;
use password_reset::{Channel, Locale, PasswordReset};

use crate::cookies::CookieStyle;
use crate::factor::SecondFactor;
use crate::limits::Edge;
use crate::pages::{Ask, Look};
use crate::source::TrustedProxies;
use crate::ways;
use crate::webhook::Webhooks;

/// The settings of one site, checked, and its service.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) reset: PasswordReset,
    pub(crate) look: Look,
    pub(crate) ways: Vec<Ask>,
    pub(crate) factor: Option<Box<dyn SecondFactor>>,
    pub(crate) phones: Arc<dyn PhoneReader>,
    pub(crate) locale: Locale,
    pub(crate) origin: String,
    pub(crate) cookies: CookieStyle,
    pub(crate) proxies: TrustedProxies,
    pub(crate) edge: Edge,
    pub(crate) hsts: bool,
    pub(crate) webhooks: Webhooks,
}

impl Shared {
    /// The ways of this site that lead through one of these channels.
    pub(crate) fn ways_by(&self, channels: &[Channel]) -> Vec<Ask> {
        let leads = |way: &Ask| ways::channel(&self.reset, *way).is_some_and(|channel| channels.contains(&channel));
        self.ways.iter().copied().filter(leads).collect()
    }

    /// How long it is until then; nothing when it has passed.
    pub(crate) fn left(&self, until: DateTime<Utc>) -> Duration {
        until.signed_duration_since(self.reset.now()).to_std().unwrap_or_default()
    }
}

pub(crate) type State = axum::extract::State<Arc<Shared>>;
