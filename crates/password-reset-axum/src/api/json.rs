//! Reads JSON bodies, after the checks that every request of the API must pass.

use axum::extract::Request;
use axum::http::request::Parts;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use crate::failure::Failure;
use crate::post::{self, Origin};
use crate::request_context::RequestContext;
use crate::state::AppState;

/// A request to the API with its parsed body.
pub(crate) struct JsonRequest<T> {
    pub(crate) context: RequestContext,
    pub(crate) origin: Origin,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> JsonRequest<T> {
    /// Reads the body. A page of another site cannot send this media type without a CORS preflight (Fetch §4.8), which
    /// is refused here: that protects against forgery, beside the headers that name the origin.
    pub(crate) async fn read(state: &AppState, request: Request) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let origin = Origin::of(&parts.headers, &state.origin);
        if origin == Origin::Foreign {
            return Err(Failure::CrossSite);
        }
        if !post::is_of_type(&parts.headers, "application/json") {
            return Err(Failure::MediaType);
        }
        let context = RequestContext::new(state, &parts)?;
        let bytes = post::read_body(body, post::MAX_BODY).await?;
        // A derived type would also deserialize from an array.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(Failure::Malformed);
        }
        let body = serde_json::from_slice(&bytes).map_err(|_malformed| Failure::Malformed)?;
        Ok(Self { context, origin, body })
    }

    /// As [`read`](Self::read), for routes without a form token: `Origin: null` is refused.
    pub(crate) async fn read_own(state: &AppState, request: Request) -> Result<Self, Failure> {
        let sent = Self::read(state, request).await?;
        if sent.origin == (Origin::Unknown { null: true }) { Err(Failure::CrossSite) } else { Ok(sent) }
    }
}

/// Deserializes a field that may be absent but not `null` (R12).
pub(crate) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The secret of `Authorization: Bearer …` (RFC 6750 §2.1).
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(axum::http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// RFC 3339, in whole milliseconds.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
