//! The webhook: HTTP in, HTTP out.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use ipnet::IpNet;
use password_reset::ports::{Clock, SystemClock};
use password_reset::{Inbound, InboundMessage, PasswordReset, PortError, Received};

use crate::error::WhatsAppConfigError;
use crate::provider::{Event, Own, Post, Provider, TextMessage};

/// The largest body that is taken: 3 MiB, as large as Meta's become. A framework's own limit must not be below it.
pub const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;

/// Takes the posts of a provider to a [`PasswordReset`].
///
/// Free of any web framework: give [`handle`](Self::handle) every GET and POST of the address that the provider calls,
/// with the raw body, at most [`MAX_BODY_BYTES`] of it.
///
/// | request | answer |
/// | --- | --- |
/// | GET with the right verify token | 200 and the challenge, as plain text |
/// | POST that the provider did not sign | 401; nothing is parsed |
/// | POST that it signed, of whatever use | 200, empty |
/// | POST that could not be dealt with for a fault of ours | 503; the provider brings it again, and nothing was half done |
/// | a body over the limit | 413 |
/// | any other GET, another method | 403, 405 |
/// | anything from elsewhere than [`only_from`](Self::only_from) says | 403; nothing is looked at |
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Webhook {
    service: PasswordReset,
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    networks: Option<Arc<[IpNet]>>,
}

impl Webhook {
    /// Takes what `provider` posts to `service`.
    ///
    /// A service that is not set up for inbound messages still learns what became of those it sent, and when somebody
    /// says that they did not ask.
    ///
    /// # Errors
    /// When the provider's assurance is below what the service's [`Inbound`] asks for
    /// ([`Inbound::trusting`]).
    pub fn new(service: PasswordReset, provider: impl Provider) -> Result<Self, WhatsAppConfigError> {
        let least = service.inbound().map(Inbound::least_assurance);
        if least.is_some_and(|least| provider.assurance() < least) {
            return Err(WhatsAppConfigError::new(
                "provider",
                "anybody could pretend to be anybody through it: take one that signs its posts, or say \
                 Inbound::trusting and accept that",
            ));
        }
        Ok(Self { service, provider: Arc::new(provider), clock: Arc::new(SystemClock), networks: None })
    }

    /// Takes requests from these networks (`203.0.113.0/24`) and addresses alone, beside all else that is asked of them:
    /// for gateways that sign nothing (R135).
    ///
    /// Whoever calls [`handle`](Self::handle) says where a request comes from, by an [`IpAddr`] among its extensions, as
    /// `password-reset-axum` does. One that does not say is refused.
    ///
    /// # Errors
    /// When one is neither a network nor an address, or there is none.
    pub fn only_from(mut self, networks: &[&str]) -> Result<Self, WhatsAppConfigError> {
        let network = |text: &&str| text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
        let error =
            WhatsAppConfigError::new("networks", "write each as 203.0.113.0/24 or 203.0.113.7, and at least one");
        let networks: Arc<[IpNet]> = networks.iter().map(network).collect::<Option<_>>().ok_or(error)?;
        if networks.is_empty() {
            return Err(error);
        }
        self.networks = Some(networks);
        Ok(self)
    }

    /// Takes the time of arrival from another clock than the operating system's: the one of the service.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Answers one request. Never fails; what goes wrong is in the answer's status and in the log.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        if !self.is_from_there(&request) {
            tracing::warn!("a request to the webhook came from elsewhere than it may");
            return empty(StatusCode::FORBIDDEN);
        }
        match *request.method() {
            Method::GET => self.handshake(request.uri().query().unwrap_or_default()),
            Method::POST => self.post(&request).await,
            _ => {
                let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
                response
            }
        }
    }

    fn is_from_there(&self, request: &Request<Bytes>) -> bool {
        let Some(networks) = &self.networks else { return true };
        let from = request.extensions().get::<IpAddr>().map(IpAddr::to_canonical);
        from.is_some_and(|from| networks.iter().any(|network| network.contains(&from)))
    }

    fn handshake(&self, query: &str) -> Response<Bytes> {
        let Some(challenge) = self.provider.handshake(query) else {
            tracing::warn!("a handshake with the webhook was refused");
            return empty(StatusCode::FORBIDDEN);
        };
        let mut response = Response::new(challenge.into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }

    async fn post(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if request.body().len() > MAX_BODY_BYTES {
            return empty(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let post = Post::new(request.headers(), request.uri().query(), request.body());
        if !self.provider.authenticates(&post) {
            tracing::warn!("a post to the webhook was not signed, or not by the provider");
            return empty(StatusCode::UNAUTHORIZED);
        }
        let own = Own::new(self.service.inbound().map(Inbound::number), self.clock.now());
        let mut answer = StatusCode::OK;
        for event in self.provider.events(&post, &own) {
            if let Err(error) = self.hear(event).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a post to the webhook could not be dealt with; the provider brings it again"
                );
                answer = StatusCode::SERVICE_UNAVAILABLE;
                // One message that cannot be dealt with does not hold up those behind it; a store that is away does.
                if error.is_transient() {
                    break;
                }
            }
        }
        empty(answer)
    }

    async fn hear(&self, event: Event) -> Result<(), PortError> {
        match event {
            Event::Text(text) => self.receive(text).await,
            Event::LockRequested(who, at) => match who.sender() {
                Ok(sender) => {
                    tracing::info!("somebody says that they did not ask for a reset, or has given their number up");
                    self.service.report(&sender, at).await
                }
                Err(_nobody) => ignored("nobody says that they did not ask"),
            },
            Event::Delivery(reset, report) => self.service.report_delivery(reset, report).await,
            Event::Ignored(why) => ignored(why),
        }
    }

    async fn receive(&self, text: TextMessage) -> Result<(), PortError> {
        let Ok(sender) = text.from.sender() else { return ignored("a sender without a number or a name") };
        let mut message = InboundMessage::new(self.provider.assurance(), sender, text.sent_at, text.text);
        if text.forwarded {
            message = message.forwarded();
        }
        if let Some(hash) = text.identity {
            message = message.with_identity(hash);
        }
        match self.service.receive(message).await? {
            Received::Proved => tracing::info!("a message proved a reset"),
            Received::MessageReceived => tracing::info!("a message was heard, and is answered"),
            Received::Ignored(why) => tracing::info!(why, "a message with a code changed nothing"),
            _ => tracing::trace!("ordinary chat"),
        }
        Ok(())
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("provider", &self.provider).finish_non_exhaustive()
    }
}

fn ignored(why: &'static str) -> Result<(), PortError> {
    tracing::debug!(why, "nothing for us in what was posted");
    Ok(())
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
