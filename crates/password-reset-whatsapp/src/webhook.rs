//! The webhook: HTTP requests of the provider in, responses out.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use ipnet::IpNet;
use password_reset::inbound::{InboundMessage, Received};
use password_reset::ports::{Clock, SystemClock};
use password_reset::{Inbound, InboundMode, PasswordReset, PortError};

use crate::error::WhatsAppConfigError;
use crate::provider::{Event, Fact, Provider, ReceiveContext, TextMessage, WebhookRequest};

/// The largest accepted body: 3 MiB, the size that Meta documents. A framework's own limit must not be lower.
pub const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;

/// Hands a provider's requests to a [`PasswordReset`].
///
/// Needs no web framework: show the head of every GET and POST of the address that the provider calls to
/// [`refuse`](Self::refuse); unless that answers, read the raw body, up to [`MAX_BODY_BYTES`], and pass the request to
/// [`handle`](Self::handle).
///
/// | request | answer |
/// | --- | --- |
/// | GET with the right verify token | 200 and the challenge, as plain text |
/// | POST that the provider did not sign | 401; nothing is parsed |
/// | signed POST, whether or not it changes anything | 200, empty |
/// | signed POST, but the service failed | 503; the provider retries, and no step is left half done |
/// | POST without the provider's signature header or secret | 401; the body is not read |
/// | a body over the provider's limit | 413; not read, where the length is announced |
/// | any other GET, another method | 403, 405 |
/// | request from outside the networks of [`only_from`](Self::only_from) | 403; the body is not read |
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
    /// Hands the requests of `provider` to `service`.
    ///
    /// A service without inbound messages still receives delivery statuses, and reports of users who did not ask for a
    /// reset.
    ///
    /// # Errors
    /// When the provider's assurance is below the one that the service's [`Inbound`] requires
    /// ([`Inbound::trusting`]); and when the provider cannot say whether a message was forwarded, and a message alone proves a
    /// reset ([`Inbound::page_advances`]), unless the service accepts that ([`Inbound::with_unmarked_forwards`]). The risk of
    /// everything else that the provider cannot say is logged here.
    pub fn new(service: PasswordReset, provider: impl Provider) -> Result<Self, WhatsAppConfigError> {
        let least = service.inbound().map(Inbound::least_assurance);
        if least.is_some_and(|least| provider.assurance() < least) {
            return Err(WhatsAppConfigError::new(
                "provider",
                "does not sign its requests, so senders can be forged: use a signing provider, or accept it \
                 with `Inbound::trusting`",
            ));
        }
        if let Some(inbound) = service.inbound() {
            let cannot_say = provider.cannot_say();
            let advances = inbound.mode() == InboundMode::PageAdvances;
            if advances && cannot_say.contains(&Fact::Forwarded) && !inbound.takes_unmarked_forwards() {
                return Err(WhatsAppConfigError::new(
                    "provider",
                    "does not mark forwarded messages, so an owner who forwards an attacker's text hands over \
                 the account: use `Inbound::type_back` or `continue_on_phone`, another provider, or accept it \
                 with `Inbound::with_unmarked_forwards`",
                ));
            }
            for fact in cannot_say {
                tracing::warn!(fact = fact.words(), "{}", fact.risk());
            }
        }
        Ok(Self { service, provider: Arc::new(provider), clock: Arc::new(SystemClock), networks: None })
    }

    /// Accepts requests only from these networks (`203.0.113.0/24`) and addresses, in addition to all other checks: for
    /// gateways that do not sign their requests.
    ///
    /// The caller of [`handle`](Self::handle) states the client's address as an [`IpAddr`] in the request's extensions,
    /// as `password-reset-web` does. A request without it is refused.
    ///
    /// # Errors
    /// When the list is empty, or an entry is neither a network nor an address.
    pub fn only_from(mut self, networks: &[&str]) -> Result<Self, WhatsAppConfigError> {
        let network = |text: &&str| text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
        let error = WhatsAppConfigError::new(
            "networks",
            "list at least one address or network, each like 203.0.113.7 or 203.0.113.0/24",
        );
        let networks: Arc<[IpNet]> = networks.iter().map(network).collect::<Option<_>>().ok_or(error)?;
        if networks.is_empty() {
            return Err(error);
        }
        self.networks = Some(networks);
        Ok(self)
    }

    /// Replaces the clock that gives the time of arrival; the default is the operating system's. Use the service's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The refusal of a request that needs no body to be refused; `None` for one whose body is to be read.
    ///
    /// # Security
    /// An attacker can send many large bodies and finish none. Ask here before reading one.
    #[must_use]
    pub fn refuse(&self, head: &Parts) -> Option<Response<Bytes>> {
        if !self.is_allowed_client(head) {
            password_reset::log_bounded!(
                warn,
                "webhook request refused: source address is outside the allowed networks"
            );
            return Some(empty(StatusCode::FORBIDDEN));
        }
        match head.method {
            Method::GET => None,
            Method::POST => self.refuse_post(head),
            _ => {
                let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
                Some(response)
            }
        }
    }

    fn refuse_post(&self, head: &Parts) -> Option<Response<Bytes>> {
        if !self.provider.may_have_sent(&WebhookRequest::new(&head.headers, head.uri.query(), &[])) {
            return Some(unauthenticated());
        }
        let length = head.headers.get(CONTENT_LENGTH)?.to_str().ok()?;
        // A length that is no number, or that no memory has, is not the provider's.
        let fits = length.parse().is_ok_and(|length: usize| length <= self.provider.max_body());
        (!fits).then(|| empty(StatusCode::PAYLOAD_TOO_LARGE))
    }

    /// Answers one request, after [`refuse`](Self::refuse). Failures are in the status and in the log.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        if let Some(refusal) = self.refuse(&head) {
            return refusal;
        }
        match head.method {
            Method::GET => self.handshake(head.uri.query().unwrap_or_default()),
            _ => self.post(&head, &body).await,
        }
    }

    fn is_allowed_client(&self, head: &Parts) -> bool {
        let Some(networks) = &self.networks else { return true };
        let from = head.extensions.get::<IpAddr>().map(IpAddr::to_canonical);
        from.is_some_and(|from| networks.iter().any(|network| network.contains(&from)))
    }

    fn handshake(&self, query: &str) -> Response<Bytes> {
        let Some(challenge) = self.provider.handshake(query) else {
            password_reset::log_bounded!(warn, "webhook verification refused: check the verify token in the dashboard");
            return empty(StatusCode::FORBIDDEN);
        };
        let mut response = Response::new(challenge.into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }

    async fn post(&self, head: &Parts, body: &[u8]) -> Response<Bytes> {
        if body.len() > self.provider.max_body().min(MAX_BODY_BYTES) {
            return empty(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let call = WebhookRequest::new(&head.headers, head.uri.query(), body);
        if !self.provider.authenticates(&call) {
            return unauthenticated();
        }
        let context = ReceiveContext::new(self.service.inbound().map(Inbound::number), self.clock.now());
        let mut answer = StatusCode::OK;
        for event in self.provider.events(&call, &context) {
            if let Err(error) = self.handle_event(event).await {
                password_reset::log_bounded!(
                    error,
                    error = &error as &dyn std::error::Error,
                    "webhook event failed, answered 503 so that the provider retries"
                );
                answer = StatusCode::SERVICE_UNAVAILABLE;
                // A message that always fails must not block the ones behind it; an unreachable store fails them all.
                if error.is_transient() {
                    break;
                }
            }
        }
        let mut answer = empty(answer);
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        answer
    }

    async fn handle_event(&self, event: Event) -> Result<(), PortError> {
        match event {
            Event::Text(text) => self.receive(text).await,
            Event::Reported(from, at) => match from.sender() {
                Ok(sender) => {
                    password_reset::log_bounded!(
                        info,
                        "sender reported a reset they did not request, or the number changed owner"
                    );
                    self.service.reports().unrequested(&sender, at).await
                }
                Err(_no_sender) => ignored("a report without a sender"),
            },
            Event::Delivery(reset, report) => self.service.reports().delivery(reset, report).await,
            Event::DeliveryOf(reset, message, report) => self.service.reports().bounce(reset, message, report).await,
            Event::Ignored(why) => ignored(why),
        }
    }

    async fn receive(&self, text: TextMessage) -> Result<(), PortError> {
        let Ok(sender) = text.from.sender() else { return ignored("a sender without a number or user id") };
        let mut message = InboundMessage::new(self.provider.assurance(), sender, text.sent_at, text.text);
        if text.forwarded {
            message = message.forwarded();
        }
        if let Some(hash) = text.identity {
            message = message.with_identity(hash);
        }
        match self.service.receive(message).await? {
            Received::Proved => tracing::debug!("message proved a reset"),
            Received::MessageReceived => tracing::debug!("message received, replying"),
            Received::Ignored(why) => tracing::debug!(why, "message with a code ignored"),
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
    tracing::debug!(why, "webhook event ignored");
    Ok(())
}

fn unauthenticated() -> Response<Bytes> {
    password_reset::log_bounded!(warn, "webhook request refused: signature missing or wrong, check the app secret");
    empty(StatusCode::UNAUTHORIZED)
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
