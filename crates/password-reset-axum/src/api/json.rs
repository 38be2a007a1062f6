//! Bodies of the API, after everything that must hold before they count.

use axum::extract::Request;
use axum::http::request::Parts;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use crate::body;
use crate::failure::Failure;
use crate::forgery::Sender;
use crate::shared::Shared;
use crate::visit::Visit;

/// A body that was sent to the API.
pub(crate) struct Sent<T> {
    pub(crate) visit: Visit,
    pub(crate) sender: Sender,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> Sent<T> {
    /// Reads the body. No page of another site can send this type without asking first (Fetch §4.8, CORS), and is told
    /// no: that is what protects against forgery here, beside what the browser says of the sender.
    pub(crate) async fn read(web: &Shared, request: Request) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let sender = Sender::of(&parts.headers, &web.origin);
        if sender == Sender::Other {
            return Err(Failure::CrossSite);
        }
        if !body::is_of_type(&parts.headers, "application/json") {
            return Err(Failure::MediaType);
        }
        let visit = Visit::of(web, &parts)?;
        let bytes = body::read(body, body::MAX_BYTES).await?;
        // A derived type would take its fields from an array, too.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(Failure::Malformed);
        }
        let body = serde_json::from_slice(&bytes).map_err(|_malformed| Failure::Malformed)?;
        Ok(Self { visit, sender, body })
    }

    /// As [`read`](Self::read), for what needs no form token: an origin that nobody can tell is refused.
    pub(crate) async fn read_own(web: &Shared, request: Request) -> Result<Self, Failure> {
        let sent = Self::read(web, request).await?;
        if sent.sender == (Sender::Unknown { null: true }) { Err(Failure::CrossSite) } else { Ok(sent) }
    }
}

/// A field that may be left out, and is no `null` (R12).
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
