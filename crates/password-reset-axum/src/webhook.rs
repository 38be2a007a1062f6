//! Webhooks, which message providers call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::error::WebError;
use crate::paths::PATHS;
use crate::post;

/// The longest body: the largest batch that Meta sends.
const MAX_BODY: usize = 3 * 1024 * 1024;

type Answer = Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send>>;
type Handler = Arc<dyn Fn(http::Request<Bytes>) -> Answer + Send + Sync>;

/// Answers a provider's calls: any async function from a request with its raw body to a response.
///
/// The request's extensions hold its source address, an [`IpAddr`](std::net::IpAddr), also behind
/// [trusted proxies](crate::Web::trusted_proxies).
///
/// ```
/// use axum::body::Bytes;
/// use axum::http::{Request, Response, StatusCode};
/// use password_reset::PasswordReset;
/// use password_reset_axum::Web;
///
/// fn with_webhook(state: Web) -> Web {
///     state.webhook("/webhooks/whatsapp", |call: Request<Bytes>| async move {
///         let mut answer = Response::new(Bytes::new());
///         if !call.headers().contains_key("x-hub-signature-256") {
///             *answer.status_mut() = StatusCode::UNAUTHORIZED;
///         }
///         answer
///     })
/// }
/// ```
pub trait Webhook: Send + Sync + 'static {
    /// Answers one call.
    fn call(&self, request: http::Request<Bytes>) -> Answer;
}

impl<F, R> Webhook for F
where
    F: Fn(http::Request<Bytes>) -> R + Send + Sync + 'static,
    R: Future<Output = http::Response<Bytes>> + Send + 'static,
{
    fn call(&self, request: http::Request<Bytes>) -> Answer {
        Box::pin(self(request))
    }
}

/// The webhooks of a site.
#[derive(Clone, Default)]
pub(crate) struct Webhooks(Vec<(String, Handler)>);

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(path, _)| path)).finish()
    }
}

impl Webhooks {
    pub(crate) fn add(&mut self, path: String, handler: impl Webhook) {
        self.0.push((path, Arc::new(move |request| handler.call(request))));
    }

    /// Refuses paths that the router cannot take, and paths of this crate.
    pub(crate) fn check(self) -> Result<Self, WebError> {
        for (at, (path, _)) in self.0.iter().enumerate() {
            let plain = path.starts_with('/') && !path.contains(['{', '}', '?', '#', '*', ':']) && path.is_ascii();
            let ours = PATHS.iter().any(|(ours, _)| ours == path)
                || path == "/"
                || path.starts_with("/assets/")
                || path.starts_with("/api/");
            let twice = self.0.iter().skip(at.saturating_add(1)).any(|(other, _)| other == path);
            if !plain || ours || twice {
                return Err(WebError::WebhookPath(path.clone()));
            }
        }
        Ok(self)
    }

    pub(crate) fn is_for(&self, path: &str) -> bool {
        self.0.iter().any(|(hook, _)| hook == path)
    }

    pub(crate) fn routes<S: Clone + Send + Sync + 'static>(&self, mut router: Router<S>) -> Router<S> {
        for (path, handler) in &self.0 {
            let (on_get, on_post) = (Arc::clone(handler), Arc::clone(handler));
            let methods = get(move |request| answer(on_get, request)).post(move |request| answer(on_post, request));
            router = router.route(path, methods);
        }
        router
    }
}

async fn answer(handler: Handler, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match post::read_body(body, MAX_BODY).await {
        Ok(bytes) => handler(http::Request::from_parts(parts, bytes)).await.map(Body::from),
        Err(failure) => failure.into_response(),
    }
}
