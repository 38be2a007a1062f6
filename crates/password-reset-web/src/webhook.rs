//! Webhooks, which message providers call.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};
use http_body_util::BodyExt;

use crate::error::WebError;
use crate::failure::Failure;
use crate::paths::PATHS;
use crate::post::Incoming;
use crate::respond::Response;
use crate::shares::{Share, Shares};

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
type Handle = dyn Fn(Request<Bytes>) -> Answer + Send + Sync;

/// One webhook.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) path: String,
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
        F: Fn(Request<Bytes>) -> R + Send + Sync + 'static,
        R: Future<Output = http::Response<Bytes>> + Send + 'static,
    {
        let handle = Arc::new(move |request| -> Answer { Box::pin(handle(request)) });
        self.0.push(Webhook { path, refuse: Arc::new(refuse), handle });
    }

    /// Refuses paths that the router cannot take, and paths of this crate.
    pub(crate) fn check(self) -> Result<Self, WebError> {
        for (at, Webhook { path, .. }) in self.0.iter().enumerate() {
            let plain = path.starts_with('/') && !path.contains(['{', '}', '?', '#', '*', ':']) && path.is_ascii();
            let ours =
                PATHS.iter().any(|(ours, _)| ours == path) || path.starts_with("/assets/") || path.starts_with("/api/");
            let twice = self.0.iter().skip(at.saturating_add(1)).any(|other| other.path == *path);
            if !plain || ours || twice {
                return Err(WebError::WebhookPath(path.clone()));
            }
        }
        Ok(self)
    }

    pub(crate) fn at(&self, path: &str) -> Option<&Webhook> {
        self.0.iter().find(|webhook| webhook.path == path)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|webhook| webhook.path.as_str())
    }
}

impl Webhook {
    /// Answers a call, whose path is below the mount path; its body takes from the bytes that all webhooks share.
    pub(crate) async fn answer<B: Incoming>(&self, bytes: &Shares, head: Parts, body: B) -> Result<Response, Failure> {
        let is_post = head.method == Method::POST;
        let answered = self.handled(bytes, head, body).await;
        if is_post {
            let status = answered.as_ref().map_or_else(Failure::status, Response::status);
            password_reset::metrics::webhook_post(status.as_u16());
        }
        answered
    }

    async fn handled<B: Incoming>(&self, bytes: &Shares, head: Parts, body: B) -> Result<Response, Failure> {
        if let Some(refusal) = (self.refuse)(&head) {
            return Ok(refusal.map(Into::into));
        }
        // Without an address all callers are one source, which has less than the whole.
        let source = head.extensions.get::<IpAddr>().copied().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        let max = if head.method == Method::POST { MAX_BODY } else { 0 };
        let reading = read(body, max, source, bytes);
        let read = tokio::time::timeout(MAX_BODY_TIME, reading).await.map_err(|_elapsed| Failure::TooSlow)?;
        // The shares end with the answer, because the body lives until then.
        let (bytes, _shares) = read?;
        Ok((self.handle)(Request::from_parts(head, bytes)).await.map(Into::into))
    }
}

/// Reads a body, and takes a share for each part that has arrived: a length that is only announced takes nothing away.
async fn read<B: Incoming>(
    body: B,
    max: usize,
    source: IpAddr,
    bytes: &Shares,
) -> Result<(Bytes, Vec<Share>), Failure> {
    // An announced length that is too long is refused before any of it is read.
    if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(Failure::TooLarge);
    }
    let mut body = pin!(body);
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
