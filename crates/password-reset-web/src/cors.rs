//! Front ends on other origins: which may use the API, and what their browsers are told (the CORS protocol, Fetch §3.3).
//!
//! No answer allows credentials: such a front end holds its tokens itself, so that no cookie of these pages says who it is.

use std::net::IpAddr;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::{Host, Url};

use crate::error::WebError;
use crate::paths;
use crate::post::{Single, single};
use crate::respond::{self, Response};

/// The headers of requests to the API that browsers ask about.
const REQUEST_HEADERS: &str = "authorization, content-type";

/// The header of responses that scripts may read beside those that they always may.
const RESPONSE_HEADERS: &str = "retry-after";

/// Seconds for which browsers keep the answer to a preflight; none keeps it longer than its own bound.
const KEPT: &str = "7200";

/// The origins of front ends elsewhere, as browsers write them.
#[derive(Debug, Default)]
pub(crate) struct TrustedOrigins(Vec<String>);

impl TrustedOrigins {
    /// Checks that each is written exactly as browsers write it, because they are compared as texts.
    pub(crate) fn parse(origins: Vec<String>) -> Result<Self, WebError> {
        for origin in &origins {
            if let Err(reason) = check(origin) {
                return Err(WebError::Origin { origin: origin.clone(), reason });
            }
        }
        Ok(Self(origins))
    }

    /// Whether the page that sent a request is one of these.
    pub(crate) fn sent(&self, headers: &HeaderMap) -> bool {
        matches!(single(headers, &ORIGIN), Single::One(origin) if self.0.iter().any(|trusted| trusted == origin))
    }

    /// The origin of a request, if it is one of these.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        headers.get(ORIGIN).filter(|_| self.sent(headers)).cloned()
    }

    /// Lets the page at `origin` read an answer of the API, if it is one of these. Where there are any, answers differ by origin.
    pub(crate) fn share(&self, origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        if !self.0.is_empty() {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(RESPONSE_HEADERS));
        }
    }
}

/// The answer to the browser of a trusted origin, when it asks whether it may send a request to the API. It needs no quota, so
/// that the answer to the request itself, also a 429, can be read.
pub(crate) fn preflight(head: &Parts) -> Option<Response> {
    let asks = head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let methods = paths::methods(head.uri.path()).filter(|_| asks)?;
    let mut response = respond::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    let allowed = [
        (ACCESS_CONTROL_ALLOW_METHODS, methods),
        (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (ACCESS_CONTROL_MAX_AGE, KEPT),
    ];
    for (name, value) in allowed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

/// What must be written instead, where the text is not an origin as browsers write it (HTML §7.1.1).
fn check(origin: &str) -> Result<(), String> {
    if origin == "null" || origin.contains('*') {
        return Err("stands for pages of anyone: name each front end, like https://app.toko.example".to_owned());
    }
    let Some((scheme, host)) = origin.split_once("://") else {
        return Err("has no scheme: write it like https://app.toko.example or capacitor://localhost".to_owned());
    };
    if matches!(scheme, "http" | "https") {
        return check_web(origin);
    }
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_lowercase())
        && scheme.bytes().all(|byte| lower(byte) || matches!(byte, b'+' | b'-' | b'.'));
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_host = !name.is_empty() && name.bytes().all(|byte| lower(byte) || matches!(byte, b'-' | b'.'));
    let is_origin = is_scheme && is_host && is_port;
    // Pages of these have no origin of their own: browsers send `null`, or the origin of the page that made them.
    if !is_origin || matches!(scheme, "file" | "data" | "blob" | "about" | "javascript") {
        return Err(
            "is no origin: write scheme and host in lower case and nothing more, like capacitor://localhost".to_owned()
        );
    }
    Ok(())
}

/// An origin of the web: anyone on the way can write into a page that comes without TLS.
fn check_web(origin: &str) -> Result<(), String> {
    let Ok(url) = Url::parse(origin) else {
        return Err("is not a valid URL: write it like https://app.toko.example".to_owned());
    };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    let written = url.origin().ascii_serialization();
    if url.scheme() == "http" && !here {
        let secure = written.replacen("http://", "https://", 1);
        return Err(format!(
            "is not encrypted: serve the front end at {secure} (http:// is allowed on localhost only)"
        ));
    }
    if written == origin { Ok(()) } else { Err(format!("is not what browsers send: write {written}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_those_that_browsers_write() {
        let good = [
            "https://app.toko.example",
            "https://app.toko.example:8443",
            "https://xn--mnchen-3ya.example",
            "https://192.0.2.7",
            "https://[2001:db8::7]:8443",
            "http://localhost",
            "http://localhost:5173",
            "http://tauri.localhost",
            "http://127.0.0.1:3001",
            "http://[::1]:3001",
            "capacitor://localhost",
            "ionic://localhost",
            "tauri://localhost",
            "app.toko+1://toko.example:81",
        ];
        for origin in good {
            assert_eq!(check(origin), Ok(()), "{origin}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_what_to_write() {
        for (wrong, says) in [
            ("*", "name each front end"),
            ("null", "name each front end"),
            ("", "has no scheme"),
            ("app.toko.example", "has no scheme"),
            ("https:app.toko.example", "has no scheme"),
            ("https://", "is not a valid URL"),
            ("https://*.toko.example", "name each front end"),
            ("https://app.toko.example/", "write https://app.toko.example"),
            ("https://app.toko.example/reset", "write https://app.toko.example"),
            ("https://app.toko.example?x", "write https://app.toko.example"),
            ("https://app.toko.example#x", "write https://app.toko.example"),
            ("https://App.Toko.example", "write https://app.toko.example"),
            ("https://app.toko.example:443", "write https://app.toko.example"),
            ("https://ani@app.toko.example", "write https://app.toko.example"),
            ("https://münchen.example", "write https://xn--mnchen-3ya.example"),
            (" https://app.toko.example", "is no origin"),
            ("https://app.toko.example ", "write https://app.toko.example"),
            ("http://app.toko.example", "serve the front end at https://app.toko.example"),
            ("http://localhost.evil.example", "serve the front end at https://localhost.evil.example"),
            ("http://localhost:80", "write http://localhost"),
            ("capacitor://", "is no origin"),
            ("capacitor://localhost/", "is no origin"),
            ("capacitor://localhost/app", "is no origin"),
            ("Capacitor://localhost", "is no origin"),
            ("capacitor://*", "name each front end"),
            ("capacitor://localhost:x", "is no origin"),
            ("capacitor://localhost:+80", "is no origin"),
            ("1://localhost", "is no origin"),
            ("file://", "is no origin"),
            ("file://localhost", "is no origin"),
        ] {
            let reason = check(wrong).expect_err(wrong);
            assert!(reason.contains(says), "{wrong}: {reason}");
        }
    }
}
