//! Settings that cannot be used.

use crate::pages::LookError;

/// A setting cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// How the pages look.
    #[error(transparent)]
    Look(#[from] LookError),
    /// The base URL of the site has no origin.
    #[error("site: the base URL has no origin; write it as https://www.example.com/reset")]
    Site,
    /// No way of asking is offered.
    #[error("ask_for: name at least one way of asking")]
    NoWay,
    /// A way of asking needs what the service was not built with.
    #[error("ask_for: `{way}` needs {needs}")]
    WayOff {
        /// The way.
        way: &'static str,
        /// What is missing.
        needs: &'static str,
    },
    /// Neither a network nor an address.
    #[error("trusted_proxies: `{0}` is neither a network such as 10.0.0.0/8 nor an address")]
    Proxy(String),
    /// A limit of nothing.
    #[error("{setting}: must be more than nothing")]
    Limit {
        /// Which.
        setting: &'static str,
    },
    /// A webhook's path.
    #[error("webhook: `{0}` must begin with a slash, have no braces, query or fragment, and be no page of this crate")]
    WebhookPath(String),
    /// The address of the page on which a password is changed.
    #[error("well_known_at: must be a path that starts with one slash, or an https URL")]
    ChangeUrl,
}
