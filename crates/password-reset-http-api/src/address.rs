//! Addresses of APIs.

use url::{Host, Url};

use crate::HttpApiConfigError;

/// Checks the address of an API; returns it without a slash at the end.
///
/// # Errors
/// As [`checked_url`].
pub fn base_url(url: &str) -> Result<String, HttpApiConfigError> {
    Ok(checked_url(url)?.as_str().trim_end_matches('/').to_owned())
}

/// Checks an address that is called, or that a provider calls.
///
/// # Errors
/// Unless it is `https` (`http` for loopback alone), without user, query and fragment.
pub fn checked_url(url: &str) -> Result<Url, HttpApiConfigError> {
    let parsed = Url::parse(url).map_err(|_may_hold_a_secret| HttpApiConfigError::new("not a valid URL"))?;
    if !is_protected(&parsed) {
        return Err(HttpApiConfigError::new("must start with https:// (http:// is allowed on localhost only)"));
    }
    if parsed.query().is_some()
        || parsed.fragment().is_some()
        || !parsed.username().is_empty()
        || parsed.password().is_some()
    {
        return Err(HttpApiConfigError::new("remove user, query and fragment"));
    }
    Ok(parsed)
}

/// Whether the connection is private: TLS or loopback.
fn is_protected(url: &Url) -> bool {
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
