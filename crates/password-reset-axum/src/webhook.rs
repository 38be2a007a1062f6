//! Webhooks, which message providers call.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{self, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body_util::BodyExt;

use crate::error::WebError;
use crate::failure::Failure;
use crate::paths::PATHS;
use crate::shares::{Share, Shares};
use crate::state::SharedState;

/// The longest body: the largest batch that Meta sends.
const MAX_BODY: usize = 3 * 1024 * 1024;

/// The first part of the memory of a body; most bodies fit.
const MIN_PART: usize = 8 * 1024;

/// A body that takes longer only takes memory away from the others.
const MAX_BODY_TIME: Duration = Duration::from_secs(10);

/// When a provider may try again for which no memory was left: by then the oldest bodies are over.
const FULL: Duration = MAX_BODY_TIME;

type Refuse = dyn Fn(&Parts) -> Option<http::Response<Bytes>> + Send + Sync;
type Answer = Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send>>;
type Handle = dyn Fn(http::Request<Bytes>) -> Answer + Send + Sync;

/// One webhook.
#[derive(Clone)]
struct Webhook {
    path: String,
    refuse: Arc<Refuse>,
    handle: Arc<Handle>,
}

/// The webhooks of a site.
#[derive(Clone, Default)]
pub(crate) struct Webhooks(Vec<Webhook>);

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|webhook| &webhook.path)).finish()
    }
}

impl Webhooks {
    pub(crate) fn add<G, F, R>(&mut self, path: String, refuse: G, handle: F)
    where
        G: Fn(&Parts) -> Option<http::Response<Bytes>> + Send + Sync + 'static,
        F: Fn(http::Request<Bytes>) -> R + Send + Sync + 'static,
        R: Future<Output = http::Response<Bytes>> + Send + 'static,
    {
        let handle = Arc::new(move |request| -> Answer { Box::pin(handle(request)) });
        self.0.push(Webhook { path, refuse: Arc::new(refuse), handle });
    }

    /// Refuses paths that the router cannot take, and paths of this crate.
    pub(crate) fn check(self) -> Result<Self, WebError> {
        for (at, Webhook { path, .. }) in self.0.iter().enumerate() {
            let plain = path.starts_with('/') && !path.contains(['{', '}', '?', '#', '*', ':']) && path.is_ascii();
            let ours = PATHS.iter().any(|(ours, _)| ours == path)
                || path == "/"
                || path.starts_with("/assets/")
                || path.starts_with("/api/");
            let twice = self.0.iter().skip(at.saturating_add(1)).any(|other| other.path == *path);
            if !plain || ours || twice {
                return Err(WebError::WebhookPath(path.clone()));
            }
        }
        Ok(self)
    }

    pub(crate) fn is_for(&self, path: &str) -> bool {
        self.0.iter().any(|webhook| webhook.path == path)
    }

    pub(crate) fn routes(&self, mut router: Router<SharedState>, state: &SharedState) -> Router<SharedState> {
        for webhook in &self.0 {
            let (on_get, on_post) = ((webhook.clone(), Arc::clone(state)), (webhook.clone(), Arc::clone(state)));
            let methods = get(move |request| answer(on_get, request)).post(move |request| answer(on_post, request));
            router = router.route(&webhook.path, methods);
        }
        router
    }
}

async fn answer(mounted: (Webhook, SharedState), request: Request) -> Response {
    let is_post = request.method() == Method::POST;
    let response = handled(mounted, request).await;
    if is_post {
        password_reset::metrics::webhook_post(response.status().as_u16());
    }
    response
}

async fn handled((webhook, state): (Webhook, SharedState), request: Request) -> Response {
    let (head, body) = request.into_parts();
    if let Some(refusal) = (webhook.refuse)(&head) {
        return refusal.map(Body::from);
    }
    // Without an address all callers are one source, which has less than the whole.
    let source = head.extensions.get::<IpAddr>().copied().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let max = if head.method == Method::POST { MAX_BODY } else { 0 };
    let reading = read(body, max, source, &state.edge.webhook_bytes);
    match tokio::time::timeout(MAX_BODY_TIME, reading).await {
        // The shares end with the answer, because the body lives until then.
        Ok(Ok((bytes, _shares))) => (webhook.handle)(http::Request::from_parts(head, bytes)).await.map(Body::from),
        Ok(Err(failure)) => failure.into_response(),
        Err(_elapsed) => Failure::TooSlow.into_response(),
    }
}

/// Reads a body, and takes a share for each part that has arrived: a length that is only announced takes nothing away.
async fn read(mut body: Body, max: usize, source: IpAddr, bytes: &Shares) -> Result<(Bytes, Vec<Share>), Failure> {
    // An announced length that is too long is refused before any of it is read.
    if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(Failure::TooLarge);
    }
    let mut read = Vec::new();
    let mut room: usize = 0;
    let mut shares = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken_off| Failure::Malformed)?;
        let Ok(part) = frame.into_data() else { continue };
        let length = read.len().saturating_add(part.len());
        if length > max {
            return Err(Failure::TooLarge);
        }
        if length > room {
            // Twice as much, so that a body of many small parts is not copied for each.
            let larger = room.saturating_mul(2).max(MIN_PART).max(length).min(max);
            let amount = u32::try_from(larger.saturating_sub(room)).unwrap_or(u32::MAX);
            shares.push(bytes.take(source, amount).ok_or(Failure::Busy(FULL))?);
            read.reserve_exact(larger.saturating_sub(read.len()));
            room = larger;
        }
        read.extend_from_slice(&part);
    }
    Ok((read.into(), shares))
}
