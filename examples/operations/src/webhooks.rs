//! An observer that posts each audit row as a signed webhook, and what its receiver checks.
//!
//! The form is that of Standard Webhooks (standardwebhooks.com): the headers `webhook-id`, `webhook-timestamp` and
//! `webhook-signature`, which is `v1,` and the HMAC-SHA256 of `id.timestamp.body` in Base64. Both halves stand here so that they can be
//! read together; a receiver takes [`Receiver`] alone, or any library for Standard Webhooks.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use password_reset::PortError;
use password_reset::async_trait;
use password_reset::ports::{AuditEntry, Clock, Observer, SystemClock};
use sha2::Sha256;

/// How long one post may take: the worker waits 20 seconds for a call.
const POST_WITHIN: Duration = Duration::from_secs(10);
/// How far the clocks of sender and receiver may be apart: older posts may be copies that were kept.
const TOLERANCE: i64 = 5 * 60;
/// How many ids a receiver keeps: more than come in twice the tolerance.
const KEPT: usize = 10_000;

/// The secret that sender and receiver share: 32 random bytes, which no one else has.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(mac)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Posts rows to one URL, one after the other, so that they arrive in order.
#[derive(Debug)]
pub struct Webhooks {
    url: String,
    secret: Secret,
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

impl Webhooks {
    pub fn new(url: impl Into<String>, secret: Secret) -> anyhow::Result<Self> {
        let tls = HttpsConnectorBuilder::new();
        let tls = tls.with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?;
        let client = Client::builder(TokioExecutor::new()).build(tls.https_or_http().enable_http1().build());
        Ok(Self { url: url.into(), secret, client })
    }

    async fn post(&self, entry: &AuditEntry) -> Result<(), PortError> {
        let row = &entry.row;
        // Digests of contacts and sources mean nothing elsewhere, so they stay here.
        let body = serde_json::json!({
            "type": format!("password_reset.{}", row.event),
            "timestamp": row.at,
            "data": {
                "reset": row.reset,
                "account": row.account,
                "actor": row.actor,
                "channel": row.channel,
                "detail": row.detail,
            },
        });
        let body = body.to_string();
        // The same row has the same id when it comes again.
        let (id, timestamp) = (format!("evt_{}", entry.cursor), SystemClock.now().timestamp().to_string());
        let mac =
            self.secret.mac(&id, &timestamp, body.as_bytes()).ok_or(PortError::permanent("the secret is no key"))?;
        let request = Request::post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
            .body(Body::from(body))
            .map_err(|error| PortError::permanent("the webhook's URL is none").because(error))?;
        let answered = tokio::time::timeout(POST_WITHIN, self.client.request(request)).await;
        let answer = answered.map_err(|_elapsed| PortError::transient("the webhook did not answer in time"))?;
        let status =
            answer.map_err(|error| PortError::transient("cannot connect to the webhook").because(error))?.status();
        match status.is_success() {
            true => Ok(()),
            false => Err(PortError::transient("the webhook refused an event").with_code(status.as_str())),
        }
    }
}

#[async_trait]
impl Observer for Webhooks {
    async fn observe(&self, rows: &[AuditEntry]) -> Result<(), PortError> {
        for entry in rows {
            self.post(entry).await?;
        }
        Ok(())
    }
}

/// What the receiver does with a post.
#[derive(Debug, PartialEq, Eq)]
pub enum Checked {
    /// New, and from the sender.
    New,
    /// It was here before: answer as before, and do nothing.
    Again,
    /// Not from the sender, or too old: refuse it.
    Refused,
}

/// Checks posts before their body is read as anything.
#[derive(Debug)]
pub struct Receiver {
    secret: Secret,
    seen: VecDeque<String>,
}

impl Receiver {
    pub fn new(secret: Secret) -> Self {
        Self { secret, seen: VecDeque::new() }
    }

    /// Checks the body as it came, byte for byte. `now` is in seconds since 1970.
    pub fn check(&mut self, headers: &HeaderMap, body: &Bytes, now: i64) -> Checked {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(id), Some(timestamp), Some(signatures)) =
            (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"))
        else {
            return Checked::Refused;
        };
        let is_recent = timestamp.parse::<i64>().is_ok_and(|sent| now.abs_diff(sent) <= TOLERANCE.unsigned_abs());
        // Several, while the secret is changed. Compared in constant time.
        let is_signed = signatures
            .split(' ')
            .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
            .any(|one| self.secret.mac(id, timestamp, body).is_some_and(|mac| mac.verify_slice(&one).is_ok()));
        if !is_recent || !is_signed {
            return Checked::Refused;
        }
        if self.seen.iter().any(|seen| seen == id) {
            return Checked::Again;
        }
        self.seen.truncate(KEPT);
        self.seen.push_front(id.to_owned());
        Checked::New
    }
}
