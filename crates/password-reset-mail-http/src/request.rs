//! What requests have in common.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{Request, request};
use password_reset::PortError;
use password_reset_http_api::sensitive;
use serde_json::Value;

/// A request with a header that carries the key.
pub(crate) fn post(uri: &str, key_in: &HeaderName, key: &str) -> Result<request::Builder, PortError> {
    Ok(Request::post(uri).header(ACCEPT, "application/json").header(key_in, sensitive(key)?))
}

pub(crate) fn bearer(uri: &str, key: &str) -> Result<request::Builder, PortError> {
    post(uri, &AUTHORIZATION, &format!("Bearer {key}"))
}

pub(crate) fn json(request: request::Builder, body: &Value) -> Result<Request<Bytes>, PortError> {
    request.header(CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string())).map_err(not_a_request)
}

pub(crate) fn not_a_request(error: http::Error) -> PortError {
    PortError::permanent("cannot build the request to the mail service: check its settings").because(error)
}
