//! The client.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use password_reset::PortError;

use crate::HttpApiConfigError;

/// These APIs answer with some hundred bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Sends requests, once each, and follows no redirect. A clone shares the connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// An answer, whatever its status.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; empty where it was larger than 64 KiB or broke off after a status of success.
    pub body: Bytes,
    /// The wait that the server asks for.
    pub retry_after: Option<Duration>,
    /// The headers.
    pub headers: HeaderMap,
}

impl HttpClient {
    /// A client without connections.
    ///
    /// # Errors
    /// When TLS cannot be initialised.
    pub fn new() -> Result<Self, HttpApiConfigError> {
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|_has_no_detail| HttpApiConfigError::new("cannot start the HTTP client"))?;
        // The configuration has already refused URLs that need TLS and do not use it.
        let connector = tls.https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Sends the request and reads the answer, within the time.
    ///
    /// # Errors
    /// Transient when there was no whole answer: the server may have carried out the request. A success counts without its body,
    /// too. Permanent outside of a Tokio runtime.
    pub async fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Answer, PortError> {
        // Without a runtime, Tokio would panic.
        if let Err(error) = tokio::runtime::Handle::try_current() {
            return Err(PortError::permanent("no Tokio runtime: spawn the worker on one").because(error));
        }
        let exchange = async {
            let answer = self
                .client
                .request(request.map(Full::new))
                .await
                .map_err(|error| PortError::transient("cannot connect to the provider").because(error))?;
            let (head, body) = answer.into_parts();
            let seconds = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let body = match Limited::new(body, MAX_ANSWER).collect().await {
                Ok(body) => body.to_bytes(),
                // The server has said that it took the request: once more would be a second copy.
                Err(_) if head.status.is_success() => Bytes::new(),
                Err(error) => return Err(PortError::transient("incomplete response from the provider").because(error)),
            };
            Ok(Answer {
                status: head.status,
                body,
                retry_after: seconds.map(Duration::from_secs),
                headers: head.headers,
            })
        };
        tokio::time::timeout(within, exchange)
            .await
            .unwrap_or_else(|_elapsed| Err(PortError::transient("provider timed out")))
    }
}

impl Answer {
    /// An answer for tests.
    #[must_use]
    pub fn new(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into(), retry_after: None, headers: HeaderMap::new() }
    }
}

/// Does not show the body, which may repeat an address.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}
