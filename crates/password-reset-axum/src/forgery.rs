//! Who made the browser send this: a page of this site, or somebody else's (R55, R61).
//!
//! Pages here say `Referrer-Policy: no-referrer`, with which browsers send `Origin: null` for forms of this very site.
//! So `null` is never enough, and never a reason to refuse: fetch metadata decides (W3C Fetch Metadata §2.3), then an
//! origin that is the configured one, then a form token that is bound to a cookie. Nothing is taken from `Host` (R47).

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the browser's own headers say about who made it send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A page of this site, or the person.
    Own,
    /// They do not say; a form token must. `null` when there was an origin that nobody can tell.
    Unknown {
        /// The browser said `Origin: null`.
        null: bool,
    },
    /// Another site.
    Other,
}

impl Sender {
    pub(crate) fn of(headers: &HeaderMap, own_origin: &str) -> Self {
        match only(headers, &SEC_FETCH_SITE) {
            Only::One("same-origin" | "none") => return Self::Own,
            Only::One(_) | Only::Several => return Self::Other,
            Only::Nothing => {}
        }
        match only(headers, &ORIGIN) {
            Only::One("null") => Self::Unknown { null: true },
            Only::One(origin) if origin == own_origin => Self::Own,
            Only::One(_) | Only::Several => Self::Other,
            Only::Nothing => Self::Unknown { null: false },
        }
    }
}

enum Only<'a> {
    Nothing,
    One(&'a str),
    Several,
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Only<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Only::Nothing,
        (Some(value), None) => value.to_str().map_or(Only::Several, Only::One),
        (Some(_), Some(_)) => Only::Several,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn every_pair_of_headers() {
        const OWN: &str = "https://toko.example";
        let sites = [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site"), Some("")];
        let origins =
            [None, Some("null"), Some(OWN), Some("https://toko.example.evil.example"), Some("http://toko.example")];
        for site in sites {
            for origin in origins {
                let mut headers = HeaderMap::new();
                site.map(|site| headers.append(SEC_FETCH_SITE, HeaderValue::from_static(site)));
                origin.map(|origin| headers.append(ORIGIN, HeaderValue::from_static(origin)));
                let expected = match (site, origin) {
                    (Some("same-origin" | "none"), _) | (None, Some(OWN)) => Sender::Own,
                    (Some(_), _) => Sender::Other,
                    (None, None) => Sender::Unknown { null: false },
                    (None, Some("null")) => Sender::Unknown { null: true },
                    (None, Some(_)) => Sender::Other,
                };
                assert_eq!(Sender::of(&headers, OWN), expected, "{site:?} {origin:?}");
            }
        }
    }

    #[test]
    fn two_values_are_none_to_trust() {
        let mut headers = HeaderMap::new();
        for site in ["same-origin", "cross-site"] {
            headers.append(SEC_FETCH_SITE, HeaderValue::from_static(site));
        }
        assert_eq!(Sender::of(&headers, "https://toko.example"), Sender::Other);
    }
}
