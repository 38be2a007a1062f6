//! The HTTPS client for the providers' APIs.
//!
//! hyper's client with rustls, its ring provider and Mozilla's certificate authorities, as in `password-reset-smtp`.
//! Neither process-wide settings nor the environment change it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use password_reset::PortError;
use url::{Host, Url};

use crate::error::WhatsAppConfigError;

/// These APIs answer with some hundred bytes.
const MAX_ANSWER: usize = 64 * 1024;

#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// The wait that the server asks for.
    pub(crate) retry_after: Option<Duration>,
}

impl HttpClient {
    pub(crate) fn new() -> Result<Self, WhatsAppConfigError> {
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|_has_no_detail| WhatsAppConfigError::new("TLS", "cannot start the HTTP client"))?;
        // The configuration has already refused URLs that need TLS and do not use it.
        let connector = tls.https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Sends the request and reads the answer, within the time.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>, within: Duration) -> Result<Answer, PortError> {
        // Without a runtime, Tokio would panic.
        if let Err(error) = tokio::runtime::Handle::try_current() {
            return Err(PortError::permanent("no Tokio runtime: spawn the worker on one").because(error));
        }
        let exchange = async {
            let answer = self
                .client
                .request(request)
                .await
                .map_err(|error| PortError::transient("cannot connect to the provider").because(error))?;
            let status = answer.status();
            let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let body = Limited::new(answer.into_body(), MAX_ANSWER)
                .collect()
                .await
                .map_err(|error| PortError::transient("incomplete response from the provider").because(error))?;
            Ok(Answer { status, body: body.to_bytes(), retry_after: seconds.map(Duration::from_secs) })
        };
        tokio::time::timeout(within, exchange)
            .await
            .unwrap_or_else(|_elapsed| Err(PortError::transient("provider timed out")))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

/// Whether the connection is private: TLS or loopback.
pub(crate) fn is_protected(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        _ => false,
    }
}

/// Checks the address of an API; returns it without a slash at the end.
pub(crate) fn base_url(url: &str) -> Result<String, WhatsAppConfigError> {
    let error = |why| WhatsAppConfigError::new("base URL", why);
    let parsed = Url::parse(url).map_err(|_may_hold_a_secret| error("not a valid URL"))?;
    if !is_protected(&parsed) {
        return Err(error("must start with https:// (http:// is allowed on localhost only)"));
    }
    if parsed.query().is_some()
        || parsed.fragment().is_some()
        || !parsed.username().is_empty()
        || parsed.password().is_some()
    {
        return Err(error("remove user, query and fragment"));
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn only_loopback_is_allowed_without_tls() {
        for url in [
            "https://graph.facebook.com",
            "https://graph.facebook.com/",
            "http://127.0.0.1:80",
            "http://[::1]",
            "http://localhost:1/x",
        ] {
            assert!(base_url(url).is_ok_and(|base| !base.ends_with('/')), "{url}");
        }
        for url in [
            "",
            "graph.facebook.com",
            "http://graph.facebook.com",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "ftp://localhost",
            "https://x@graph.facebook.com",
            "https://graph.facebook.com?x",
            "https://graph.facebook.com#x",
        ] {
            assert!(base_url(url).is_err(), "{url}");
        }
    }
}
