//! Requests as a stranger makes them: through the public address, without following anything.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::failure::{Failure, causes};

const WITHIN: Duration = Duration::from_secs(20);
const MAX_BODY: usize = 8 << 20;

pub(super) struct Client(Hyper<HttpsConnector<HttpConnector>, Full<bytes::Bytes>>);

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A text in a JSON object; empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.json().get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    pub(super) fn new() -> Result<Self, Failure> {
        let tls = HttpsConnectorBuilder::new();
        let tls = tls.with_provider_and_webpki_roots(rustls::crypto::ring::default_provider()).map_err(Failure::of)?;
        Ok(Self(Hyper::builder(TokioExecutor::new()).build(tls.https_or_http().enable_http1().build())))
    }

    pub(super) async fn get(&self, url: &str) -> Result<Answer, String> {
        self.send(Request::get(url).header(ACCEPT, "text/html, application/json"), Vec::new()).await
    }

    pub(super) async fn post_json(&self, url: &str, body: &Value, headers: &[(&str, &str)]) -> Result<Answer, String> {
        self.post(url, body.to_string().into_bytes(), headers).await
    }

    pub(super) async fn post(&self, url: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Result<Answer, String> {
        let mut request = Request::builder().method(Method::POST).uri(url).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, body).await
    }

    /// The error is for the operator, and names no URL: a link has a secret.
    async fn send(&self, request: http::request::Builder, body: Vec<u8>) -> Result<Answer, String> {
        let request = request.body(Full::new(body.into())).map_err(|error| error.to_string())?;
        let answering = async {
            let (parts, body) = self.0.request(request).await.map_err(|error| causes(&error))?.into_parts();
            let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| error.to_string())?;
            Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes().to_vec() })
        };
        let answered = tokio::time::timeout(WITHIN, answering).await;
        answered.unwrap_or_else(|_elapsed| Err(format!("no answer within {} seconds", WITHIN.as_secs())))
    }
}
