//! Everything that can be set, and the router that comes of it.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use password_reset::ports::PhoneReader;
use password_reset::{CallingCode, Locale, PasswordReset};
use url::Url;

use crate::cookies::CookieStyle;
use crate::error::WebError;
use crate::factor::SecondFactor;
use crate::failure::Failure;
use crate::limits::{Edge, EdgeLimits};
use crate::pages::{Ask, Brand, Look, Templates, Texts};
use crate::respond;
use crate::shared::Shared;
use crate::source::TrustedProxies;
use crate::ways;
use crate::webhook::{Webhook, Webhooks};

/// The pages, the API, the events and the webhooks of one site, ready to be set up.
///
/// ```
/// use axum::Router;
/// use password_reset::PasswordReset;
/// use password_reset_axum::{Ask, Brand, Web, WebError};
///
/// fn app(reset: PasswordReset) -> Result<Router, WebError> {
///     let pages = Web::new(reset)
///         .brand(Brand::new().accent("#0a5fb4"))
///         .sign_in_url("/sign-in")
///         .ask_for([Ask::Email, Ask::Username])
///         .trusted_proxies(["10.0.0.0/8"])
///         .build()?;
///     Ok(Router::new().nest("/reset", pages))
/// }
/// ```
///
/// The server must say who the peer is: serve the application with
/// `into_make_service_with_connect_info::<SocketAddr>()`. Without it every request is answered with 500, for there
/// would be one limit for everybody (R10).
#[derive(Debug)]
#[must_use = "nothing is built before `build()`"]
pub struct Web {
    reset: PasswordReset,
    brand: Brand,
    sign_in_url: Option<String>,
    contact_url: Option<String>,
    texts: Vec<(Locale, Texts)>,
    templates: Option<Arc<dyn Templates>>,
    ways: Option<Vec<Ask>>,
    factor: Option<Box<dyn SecondFactor>>,
    phones: Arc<dyn PhoneReader>,
    locale: Locale,
    proxies: Vec<String>,
    limits: EdgeLimits,
    hsts: bool,
    webhooks: Webhooks,
}

impl Web {
    /// The default looks, and the ways of asking that the service is set up for: by mail address, and by WhatsApp
    /// number.
    pub fn new(reset: PasswordReset) -> Self {
        Self {
            reset,
            brand: Brand::new(),
            sign_in_url: None,
            contact_url: None,
            texts: Vec::new(),
            templates: None,
            ways: None,
            factor: None,
            phones: Arc::new(CallingCode::INDONESIA),
            locale: Locale::default(),
            proxies: Vec::new(),
            limits: EdgeLimits::default(),
            hsts: true,
            webhooks: Webhooks::default(),
        }
    }

    /// Sets logo and colours. The name is that of the service's [`Site`](password_reset::Site).
    pub fn brand(mut self, brand: Brand) -> Self {
        self.brand = brand;
        self
    }

    /// Sets where people sign in once the password is set: a path on this site, or an `https` URL.
    pub fn sign_in_url(mut self, url: impl Into<String>) -> Self {
        self.sign_in_url = Some(url.into());
        self
    }

    /// Sets where people get help who cannot get in otherwise: a path, an `https` URL, or `mailto:`.
    pub fn contact_url(mut self, url: impl Into<String>) -> Self {
        self.contact_url = Some(url.into());
        self
    }

    /// Replaces the sentences of a language.
    pub fn texts(mut self, locale: Locale, texts: Texts) -> Self {
        self.texts.push((locale, texts));
        self
    }

    /// Replaces whole pages.
    pub fn templates(mut self, templates: impl Templates) -> Self {
        self.templates = Some(Arc::new(templates));
        self
    }

    /// Sets which ways of asking the ask page offers, and in which order; the first is the one that it opens with.
    pub fn ask_for(mut self, ways: impl IntoIterator<Item = Ask>) -> Self {
        self.ways = Some(ways.into_iter().collect());
        self
    }

    /// Sets what checks a factor of the application's own, for a gate that wants one beside the first proof.
    pub fn second_factor(mut self, factor: impl SecondFactor) -> Self {
        self.factor = Some(Box::new(factor));
        self
    }

    /// Sets the country of phone numbers that are typed without one; Indonesia unless said.
    pub fn home(self, country: CallingCode) -> Self {
        self.phones(country)
    }

    /// Sets how phone numbers are read that people type, instead of by one country's habits.
    pub fn phones(mut self, reader: impl PhoneReader) -> Self {
        self.phones = Arc::new(reader);
        self
    }

    /// Sets the language for browsers that ask for none that exists; English unless said.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Names the proxies in front of the server, as networks (`10.0.0.0/8`) or addresses. When the peer of a
    /// connection is one of them, the source is the last address in `X-Forwarded-For` that is not; else it is the peer,
    /// and the header counts for nothing (R10). No other header is read: a proxy that writes `Forwarded` must be told
    /// to write this one.
    pub fn trusted_proxies<S: Into<String>>(mut self, networks: impl IntoIterator<Item = S>) -> Self {
        self.proxies = networks.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how often one source may ask for what is cheap.
    pub fn limits(mut self, limits: EdgeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Leaves `Strict-Transport-Security` to the application. On an https site it is sent otherwise, for a year and for
    /// the host alone (R58).
    pub fn without_hsts(mut self) -> Self {
        self.hsts = false;
        self
    }

    /// Mounts a webhook below the mount path: the handler gets the raw body of a GET or POST, up to 3 MiB. No cookie,
    /// form token or source limit stands before it; whoever calls must prove itself to the handler, by a signature.
    pub fn webhook(mut self, path: impl Into<String>, handler: impl Webhook) -> Self {
        self.webhooks.add(path.into(), handler);
        self
    }

    /// Checks everything and puts it together: a router to nest at the path of the site's base URL. Where that URL has
    /// no path, merge it instead.
    ///
    /// # Errors
    /// [`WebError`] names the first setting that cannot be used.
    pub fn build(self) -> Result<Router, WebError> {
        let url = Url::parse(self.reset.site().base_url()).map_err(|_not_a_url| WebError::Site)?;
        let origin = url.origin();
        if !origin.is_tuple() {
            return Err(WebError::Site);
        }
        let https = url.scheme() == "https";
        let mut look = Look::new(self.reset.site().name(), url.path(), &self.brand)?;
        if let Some(url) = &self.sign_in_url {
            look = look.with_sign_in_url(url)?;
        }
        if let Some(url) = &self.contact_url {
            look = look.with_contact_url(url)?;
        }
        for (locale, texts) in self.texts {
            look = look.with_texts(locale, texts)?;
        }
        if let Some(templates) = self.templates {
            look = look.with_templates(templates);
        }
        let shared = Shared {
            ways: ways::check(&self.reset, self.ways)?,
            look,
            factor: self.factor,
            phones: self.phones,
            locale: self.locale,
            origin: origin.ascii_serialization(),
            cookies: CookieStyle::new(https),
            proxies: TrustedProxies::parse(&self.proxies).map_err(WebError::Proxy)?,
            edge: Edge::new(&self.limits)?,
            hsts: https && self.hsts,
            webhooks: self.webhooks.check()?,
            reset: self.reset,
        };
        Ok(crate::routes::router(Arc::new(shared)))
    }
}

/// The router with everything as it comes; [`Web`] has what can be set.
///
/// # Errors
/// As [`Web::build`].
pub fn router(reset: PasswordReset) -> Result<Router, WebError> {
    Web::new(reset).build()
}

/// `/.well-known/change-password`, which password managers open, leading to the page that asks for a reset (R68). Merge
/// it at the root of the application.
pub fn well_known(reset: &PasswordReset) -> Router {
    let base = Url::parse(reset.site().base_url()).ok();
    well_known_to(base.and_then(|url| HeaderValue::from_str(url.path()).ok()))
}

/// As [`well_known`], leading to the page on which people who are signed in change their password: a path on this site,
/// or an `https` URL.
///
/// # Errors
/// [`WebError::ChangeUrl`] when it is neither.
pub fn well_known_at(change_url: &str) -> Result<Router, WebError> {
    let here = change_url.starts_with('/') && !change_url.starts_with("//") && !change_url.starts_with("/\\");
    let elsewhere = Url::parse(change_url).is_ok_and(|url| url.scheme() == "https");
    let target = HeaderValue::from_str(change_url).ok().filter(|_| here || elsewhere);
    target.map(|target| well_known_to(Some(target))).ok_or(WebError::ChangeUrl)
}

fn well_known_to(target: Option<HeaderValue>) -> Router {
    let answer = move || async move {
        let mut response: Response = match target {
            Some(target) => respond::see_other(target),
            None => Failure::NotFound.into_response(),
        };
        crate::headers::secure(response.headers_mut(), false, false);
        response
    };
    Router::new().route("/.well-known/change-password", get(answer))
}
