//! The settings of a site, and the pages that they build.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use password_reset::ports::PhoneReader;
use password_reset::{Locale, PasswordReset};
use url::Url;

use crate::challenge::{Challenge, Gate};
use crate::cookies::CookieStyle;
use crate::cors::TrustedOrigins;
use crate::device::Place;
use crate::error::WebError;
use crate::limits::{Edge, EdgeLimits};
use crate::mount::{Mount, Pages};
use crate::pages::{Brand, DefaultTemplates, ResetMethod, Templates, Theme};
use crate::source::TrustedProxies;
use crate::start;
use crate::state::AppState;
use crate::step_up::SecondFactor;
use crate::webhook::Webhooks;

/// The settings of one site, which build its pages, API, events and webhooks, mounted by `M`. Applications name it `Web`.
///
/// ```
/// use password_reset::PasswordReset;
/// use password_reset_web::{Brand, Pages, ResetMethod, Web, WebError};
///
/// fn pages(reset: PasswordReset) -> Result<Pages, WebError> {
///     Web::new(reset)
///         .brand(Brand::new().accent("#0a5fb4"))
///         .sign_in_url("/sign-in")
///         .reset_methods([ResetMethod::Email, ResetMethod::Username])
///         .trusted_proxies(["10.0.0.0/8"])
///         .build()
/// }
/// ```
///
/// The server must provide the address of the [`Peer`](crate::Peer). Without it every request is answered with 500, because
/// all clients would share one quota; a Unix domain socket has none, and needs [`trusted_proxies`](Self::trusted_proxies).
#[derive(Debug)]
#[must_use = "`build()` makes the pages"]
pub struct Settings<M> {
    reset: PasswordReset,
    brand: Brand,
    sign_in_url: Option<String>,
    contact_url: Option<String>,
    templates: Box<dyn Templates>,
    methods: Option<Vec<ResetMethod>>,
    factor: Option<Box<dyn SecondFactor>>,
    challenge: Option<Box<dyn Challenge>>,
    phones: Option<Arc<dyn PhoneReader>>,
    place: Option<Place>,
    locale: Option<Locale>,
    proxies: Vec<String>,
    origins: Vec<String>,
    limits: EdgeLimits,
    hsts: bool,
    webhooks: Webhooks,
    mount: PhantomData<fn() -> M>,
}

impl<M: Mount> Settings<M> {
    /// Starts with the default theme and the reset methods that the service can carry out: by email address, and by
    /// WhatsApp number.
    pub fn new(reset: PasswordReset) -> Self {
        Self {
            reset,
            brand: Brand::new(),
            sign_in_url: None,
            contact_url: None,
            templates: Box::new(DefaultTemplates::new()),
            methods: None,
            factor: None,
            challenge: None,
            phones: None,
            place: None,
            locale: None,
            proxies: Vec::new(),
            origins: Vec::new(),
            limits: EdgeLimits::default(),
            hsts: true,
            webhooks: Webhooks::default(),
            mount: PhantomData,
        }
    }

    /// Sets logo and colours. The name of the site is that of the service's [`Site`](password_reset::Site).
    pub fn brand(mut self, brand: Brand) -> Self {
        self.brand = brand;
        self
    }

    /// Sets where users sign in after a reset: a path on this site, or an `https` URL.
    pub fn sign_in_url(mut self, url: impl Into<String>) -> Self {
        self.sign_in_url = Some(url.into());
        self
    }

    /// Sets where users who cannot reset their password get help: a path, an `https` URL, or `mailto:`.
    pub fn contact_url(mut self, url: impl Into<String>) -> Self {
        self.contact_url = Some(url.into());
        self
    }

    /// Replaces whole pages.
    pub fn templates(mut self, templates: impl Templates) -> Self {
        self.templates = Box::new(templates);
        self
    }

    /// Sets the reset methods on offer, in this order; the start page opens with the first.
    pub fn reset_methods(mut self, methods: impl IntoIterator<Item = ResetMethod>) -> Self {
        self.methods = Some(methods.into_iter().collect());
        self
    }

    /// Sets what checks the application's second factor, for a risk policy that requires it.
    pub fn second_factor(mut self, factor: impl SecondFactor) -> Self {
        self.factor = Some(Box::new(factor));
        self
    }

    /// Sets the challenge that sources must pass which ask often. A service with
    /// [`challenge_from`](password_reset::Limits::challenge_from) needs one, and one without takes none.
    pub fn challenge(mut self, challenge: impl Challenge) -> Self {
        self.challenge = Some(Box::new(challenge));
        self
    }

    /// Sets a reader for typed phone numbers, instead of [`Identifier::phone`](password_reset::Identifier::phone). Either
    /// way a number without a country belongs to the account table's
    /// [home country](password_reset::ports::Accounts::home_country).
    pub fn phones(mut self, reader: impl PhoneReader) -> Self {
        self.phones = Some(Arc::new(reader));
        self
    }

    /// Sets what knows from where a request came: a city, a country. Messages say it behind the browser, so that owners can tell their own
    /// requests from those of strangers; without it they say no place. `find` gets the head of the request and its source, the client
    /// behind [trusted proxies](Self::trusted_proxies), and must not wait for anything.
    ///
    /// ```
    /// use password_reset_web::Web;
    ///
    /// fn with_place(web: Web) -> Web {
    ///     // A header that this site's proxy overwrites.
    ///     web.place(|head, _source| Some(head.headers.get("cf-ipcity")?.to_str().ok()?.to_owned()))
    /// }
    /// ```
    ///
    /// # Security
    /// A stranger reads no place, but the owner believes it: take it from a header only if the proxy overwrites what clients send.
    pub fn place(mut self, find: impl Fn(&Parts, IpAddr) -> Option<String> + Send + Sync + 'static) -> Self {
        self.place = Some(Place(Box::new(find)));
        self
    }

    /// Sets the language for browsers that prefer none of those of the [`Site`](password_reset::Site::with_languages); the default
    /// is the first of these.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = Some(locale);
        self
    }

    /// Sets the proxies in front of the server. The source of a request is the client that they name; without proxies, and
    /// where a peer is none of them, it is the peer of the connection, and headers are ignored.
    ///
    /// | you know | write | the source is |
    /// | --- | --- | --- |
    /// | their addresses | `["10.0.0.0/8", "192.0.2.1"]` | the last address in `X-Forwarded-For` that is none of theirs |
    /// | how many they are | `["count:2"]` | in `X-Forwarded-For`, the second address from the right |
    /// | the platform's own header | `["header:fly-client-ip"]` | its only value |
    ///
    /// With a count or a header, networks beside it say from which peers it is believed. `"unix"` stands beside them for a proxy that
    /// connects to a Unix domain socket, whose peer has no address: `["unix"]`, `["unix", "10.0.0.0/8"]`, `["unix", "count:2"]`.
    /// Such a request is refused unless it is trusted so, or by a count or a header alone.
    ///
    /// # Security
    /// With a count or a header and no networks, nothing but the proxies may reach the server, since a client that connects
    /// to it directly could name any address. With `"unix"` this holds for requests whose [`Peer`](crate::Peer) is unknown: over TCP
    /// the server must provide it. A platform's header is safe if the outermost proxy overwrites what clients send.
    pub fn trusted_proxies<S: Into<String>>(mut self, networks: impl IntoIterator<Item = S>) -> Self {
        self.proxies = networks.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the origins of front ends elsewhere, which may use the JSON API: scheme, host and port as browsers send them, such as
    /// `https://app.toko.example`, `http://localhost:5173` or `capacitor://localhost`. Their browsers get the headers of the CORS
    /// protocol, so put no other CORS layer around these pages. None is trusted by default; an application on a phone without
    /// a web view sends no origin, and needs none.
    ///
    /// # Security
    /// Every page and script of such an origin may then ask the API, with a link, code or token that it has: none is sent by
    /// itself, because no answer lets a browser send cookies. Forms of the pages are never accepted from elsewhere.
    pub fn trusted_origins<S: Into<String>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the quotas of one source on this node.
    pub fn limits(mut self, limits: EdgeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Leaves `Strict-Transport-Security` to the application. By default an https site sends it, for a year and for
    /// the host alone.
    pub fn without_hsts(mut self) -> Self {
        self.hsts = false;
        self
    }

    /// Mounts a webhook below the mount path, for GET and POST. `refuse` sees the head of a request, and answers what needs
    /// no body to be refused; `handle` gets all others with their raw body, up to 3 MiB.
    ///
    /// The request's extensions have its source address, an [`IpAddr`](std::net::IpAddr), also behind
    /// [trusted proxies](Self::trusted_proxies).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response, StatusCode};
    /// use password_reset_web::Web;
    ///
    /// fn with_webhook(web: Web) -> Web {
    ///     web.webhook(
    ///         "/webhooks/whatsapp",
    ///         |head| {
    ///             let mut refusal = Response::new(Bytes::new());
    ///             *refusal.status_mut() = StatusCode::UNAUTHORIZED;
    ///             (!head.headers.contains_key("x-hub-signature-256")).then_some(refusal)
    ///         },
    ///         |call: Request<Bytes>| async move { Response::new(Bytes::new()) }, // after checking the signature
    ///     )
    /// }
    /// ```
    ///
    /// # Security
    /// No cookie, form token or quota protects it: `handle` must authenticate the caller, by a signature. All bodies that
    /// are being read or handled have 32 MiB together, those of one source 8 MiB, and each has ten seconds to arrive; what
    /// is beyond is answered 503 with `Retry-After`.
    pub fn webhook<G, F, R>(mut self, path: impl Into<String>, refuse: G, handle: F) -> Self
    where
        G: Fn(&Parts) -> Option<Response<Bytes>> + Send + Sync + 'static,
        F: Fn(Request<Bytes>) -> R + Send + Sync + 'static,
        R: Future<Output = Response<Bytes>> + Send + 'static,
    {
        self.webhooks.add(path.into(), refuse, handle);
        self
    }

    /// Checks the settings and builds the pages, at the path of the site's base URL: mount them at the root of the
    /// application. `/reset/` works as `/reset`.
    ///
    /// Links in messages go to the base URL, so the pages are nowhere else: where the application nests them below a path of its
    /// own, no request is answered with a page. A proxy must leave the path in front of a request as it is.
    ///
    /// # Errors
    /// [`WebError`] names the first invalid setting.
    pub fn build(self) -> Result<M::App, WebError> {
        let url = Url::parse(self.reset.site().base_url()).map_err(|_not_a_url| WebError::Site)?;
        let challenge = match (self.challenge, self.reset.without_challenge_after().is_some()) {
            (Some(challenge), true) => Some(Gate::new(challenge)?),
            (None, false) => None,
            (None, true) => return Err(WebError::Challenge),
            (Some(_), false) => return Err(WebError::UnusedChallenge),
        };
        let https = url.scheme() == "https";
        let languages = self.reset.site().languages();
        let locale = self.locale.unwrap_or(languages.first().locale());
        if !languages.has(locale) {
            return Err(WebError::Locale(locale));
        }
        let mut theme = Theme::new(self.reset.site(), url.path(), &self.brand)?;
        if let Some(url) = &self.sign_in_url {
            theme = theme.with_sign_in_url(url)?;
        }
        if let Some(url) = &self.contact_url {
            theme = theme.with_contact_url(url)?;
        }
        let state = AppState {
            mount: url.path().trim_end_matches('/').to_owned(),
            methods: start::methods(&self.reset, self.methods)?,
            theme,
            templates: self.templates,
            factor: self.factor,
            challenge,
            phones: self.phones,
            place: self.place,
            locale,
            origin: url.origin().ascii_serialization(),
            cookies: CookieStyle::new(https),
            proxies: TrustedProxies::parse(&self.proxies).map_err(WebError::Proxy)?,
            origins: TrustedOrigins::parse(self.origins)?,
            edge: Edge::new(&self.limits)?,
            hsts: https && self.hsts,
            webhooks: self.webhooks.check()?,
            reset: self.reset,
        };
        Ok(M::mount(Pages(Arc::new(state))))
    }
}
