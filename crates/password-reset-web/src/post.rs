//! What a POST brings: who made the browser send it, its body, and the fields of a form.
//!
//! Pages here send `Referrer-Policy: no-referrer`, with which browsers send `Origin: null` for forms of this very site.
//! So `null` alone neither allows nor refuses a request: fetch metadata decides (W3C Fetch Metadata §2.3), then an origin
//! that equals the configured one, then a form token that is bound to a cookie. `Host` decides nothing.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderName};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The longest body of a form or of the API: two entries of the longest password that any policy takes, each byte
/// percent-encoded as three, and room for the rest.
pub(crate) const MAX_BODY: usize = 32 * 1024;

/// A client that takes longer for so small a body is only holding the connection open.
const MAX_BODY_TIME: Duration = Duration::from_secs(20);

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the browser's own headers say about the page that made it send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A page of this site, or the browser's own controls.
    Own,
    /// A front end on another origin that may use the API, and nothing else.
    Trusted,
    /// The headers do not tell, so a form token must.
    Unknown {
        /// Whether the browser sent `Origin: null`.
        null: bool,
    },
    /// Another site.
    Foreign,
}

impl Origin {
    pub(crate) fn of(headers: &HeaderMap, own_origin: &str) -> Self {
        match single(headers, &SEC_FETCH_SITE) {
            Single::One("same-origin" | "none") => return Self::Own,
            Single::One(_) | Single::Unusable => return Self::Foreign,
            Single::Absent => {}
        }
        match single(headers, &ORIGIN) {
            Single::One("null") => Self::Unknown { null: true },
            Single::One(origin) if origin == own_origin => Self::Own,
            Single::One(_) | Single::Unusable => Self::Foreign,
            Single::Absent => Self::Unknown { null: false },
        }
    }
}

pub(crate) enum Single<'a> {
    Absent,
    One(&'a str),
    /// Several values, or one that is not text.
    Unusable,
}

/// The value of a header that must have one at most.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Single<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Single::Absent,
        (Some(value), None) => value.to_str().map_or(Single::Unusable, Single::One),
        (Some(_), Some(_)) => Single::Unusable,
    }
}

/// Whether the body is of this media type; parameters do not matter.
pub(crate) fn is_of_type(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media_type)
}

/// The body of a request, as servers pass it.
pub(crate) trait Incoming: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> {}

impl<B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>> Incoming for B {}

/// Reads a body of at most `max` bytes, within [`MAX_BODY_TIME`].
pub(crate) async fn read_body<B: Incoming>(body: B, max: usize) -> Result<Bytes, Failure> {
    // An announced length that is too long is refused before any of it is read.
    if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(Failure::TooLarge);
    }
    let reading = Limited::new(body, max).collect();
    match tokio::time::timeout(MAX_BODY_TIME, reading).await {
        Err(_elapsed) => Err(Failure::TooSlow),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if is_length_limit(&*error) => Err(Failure::TooLarge),
        Ok(Err(_broken_off)) => Err(Failure::Malformed),
    }
}

fn is_length_limit(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_length_limit)
}

/// The fields of one form: every name once, every value one text.
pub(crate) struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads a body of the type `application/x-www-form-urlencoded` (WHATWG URL §5.1): a form of these pages, with no field
    /// twice and none that is unknown. Unlike the standard's parser it refuses broken bytes instead of replacing them, which
    /// would change a password.
    pub(crate) fn parse(body: &[u8], known: &[&str]) -> Result<Self, Failure> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(at).ok_or(Failure::Malformed)?;
            let name = decode(name)?.to_string();
            let value = decode(value.strip_prefix(b"=").unwrap_or_default())?;
            let twice = fields.iter().any(|(earlier, _)| *earlier == name);
            if twice || !known.contains(&name.as_str()) {
                return Err(Failure::Malformed);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// The value of a field that the form must have.
    pub(crate) fn get(&self, name: &str) -> Result<&str, Failure> {
        self.find(name).ok_or(Failure::Malformed)
    }

    /// The value of a field that the form may have.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &[u8]) -> Result<Zeroizing<String>, Failure> {
    let spaced: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect());
    percent_decode(&spaced)
        .decode_utf8()
        .map(|text: Cow<'_, str>| Zeroizing::new(text.into_owned()))
        .map_err(|_not_utf8| Failure::Malformed)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http::HeaderValue;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;

    #[test]
    fn a_header_with_two_values_is_foreign() {
        let mut headers = HeaderMap::new();
        for site in ["same-origin", "cross-site"] {
            headers.append(SEC_FETCH_SITE, HeaderValue::from_static(site));
        }
        assert_eq!(Origin::of(&headers, "https://toko.example"), Origin::Foreign);
    }

    #[tokio::test]
    async fn a_body_longer_than_the_cap_is_refused() {
        let chunk = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b'x'; 1024])));
        let chunks = |count| StreamBody::new(stream::iter((0..count).map(move |_| chunk())));
        assert_eq!(read_body(chunks(4), 4096).await.unwrap().len(), 4096);
        assert_eq!(read_body(chunks(5), 4096).await.unwrap_err(), Failure::TooLarge);
        assert_eq!(read_body(Full::from(vec![0; 4097]), 4096).await.unwrap_err(), Failure::TooLarge);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_not_too_large() {
        let parts = [Ok(Frame::data(Bytes::from_static(b"a="))), Err(std::io::Error::other("connection reset"))];
        let broken = StreamBody::new(stream::iter(parts));
        assert_eq!(read_body(broken, 4096).await.unwrap_err(), Failure::Malformed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_times_out() {
        let never = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        assert_eq!(read_body(never, 4096).await.unwrap_err(), Failure::TooSlow);
    }
}
