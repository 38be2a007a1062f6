//! Invalid settings.

use crate::pages::ThemeError;

/// An invalid setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The theme.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The site does not have the language for browsers that prefer none.
    #[error("locale: the site has no language `{0}`: add it with `Site::with_languages`")]
    Locale(password_reset::Locale),
    /// The base URL of the site has no origin.
    #[error("site: `base_url` has no origin: write it like https://www.example.com/reset")]
    Site,
    /// The service asks for a challenge that these pages do not have.
    #[error(
        "limits.challenge_from: these pages and this API have no challenge, so a source that must pass one is refused for ever: \
         set one with `.challenge(…)`, or leave the limit out"
    )]
    Challenge,
    /// The pages have a challenge that the service never asks for.
    #[error("challenge: the service never asks for it: set `limits.challenge_from`, or leave the challenge out")]
    UnusedChallenge,
    /// What the page shows of a challenge cannot be used.
    #[error("challenge: the widget's `{part}` cannot be used: see the documentation of `Widget`")]
    Widget {
        /// The part.
        part: &'static str,
    },
    /// No reset method is offered.
    #[error("reset_methods: no reset method is available: configure a notifier or inbound WhatsApp, or list one")]
    NoMethod,
    /// A reset method needs something that the service was not built with.
    #[error("reset_methods: `{method}` needs {needs}")]
    MethodUnavailable {
        /// The code of the method.
        method: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// The text says nothing of proxies, or is a second count or header.
    #[error(
        "trusted_proxies: `{0}` cannot be read: write networks like 10.0.0.0/8, unix, and at most one of count:2 and \
         header:x-real-ip"
    )]
    Proxy(String),
    /// A server on a Unix domain socket does not trust what connects to it.
    #[error(
        "trusted_proxies: over a Unix socket only the proxy knows the clients, and all would count as one: add \"unix\" here and in \
         `Web::trusted_proxies`, and let the proxy send X-Forwarded-For"
    )]
    UnixPeer,
    /// A trusted origin is not written as browsers send it.
    #[error("trusted_origins: `{origin}` {reason}")]
    Origin {
        /// The setting.
        origin: String,
        /// What is wrong with it, and what to write.
        reason: String,
    },
    /// A limit is zero.
    #[error("{setting}: must be greater than zero")]
    Limit {
        /// The setting.
        setting: &'static str,
    },
    /// The path of a webhook cannot be used.
    #[error(
        "webhook: invalid path `{0}`: start with a slash, use no braces, query or fragment, and no path of these pages"
    )]
    WebhookPath(String),
    /// The address of the change-password page cannot be used.
    #[error("well_known_at: must be a path like /account or an https:// URL")]
    ChangeUrl,
    /// An application on a phone, or the address of a page that it would claim.
    #[error("app_links: `{value}` {reason}")]
    AppLinks {
        /// The setting.
        value: String,
        /// What is wrong with it, and what to write.
        reason: &'static str,
    },
}
