//! Reads JSON bodies.

use chrono::{DateTime, SecondsFormat, Utc};
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::failure::Failure;
use crate::post::Origin;
use crate::request_context::{Posted, RequestContext};

/// The body of a request that needs the secret of a link and nothing more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    pub(crate) link: String,
}

/// A request to the API with its parsed body.
pub(crate) struct JsonRequest<T> {
    pub(crate) context: RequestContext,
    pub(crate) origin: Origin,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> JsonRequest<T> {
    /// Reads the body.
    pub(crate) fn read(posted: Posted) -> Result<Self, Failure> {
        let Posted { context, origin, body } = posted;
        // A derived type would also deserialize from an array.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(Failure::Malformed);
        }
        let body = serde_json::from_slice(&body).map_err(|_malformed| Failure::Malformed)?;
        Ok(Self { context, origin, body })
    }

    /// As [`read`](Self::read), for routes without a form token: `Origin: null` is refused.
    pub(crate) fn read_own(posted: Posted) -> Result<Self, Failure> {
        let sent = Self::read(posted)?;
        if sent.origin == (Origin::Unknown { null: true }) { Err(Failure::CrossSite) } else { Ok(sent) }
    }
}

/// Deserializes a field that may be absent but not `null`.
pub(crate) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The secret of `Authorization: Bearer …` (RFC 6750 §2.1).
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// RFC 3339, in whole milliseconds.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
