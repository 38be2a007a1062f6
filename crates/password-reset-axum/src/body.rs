//! Bodies, read with a cap on length and time before anything looks at them (R65).

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::failure::Failure;

/// The longest body of a form or of the API: two entries of the longest password that any policy takes, each byte
/// written as three, and room for the rest.
pub(crate) const MAX_BYTES: usize = 32 * 1024;

/// Who takes longer for so little is holding the connection, not writing to it.
const MAX_TIME: Duration = Duration::from_secs(20);

/// Whether the body is of this media type; parameters do not matter.
pub(crate) fn is_of_type(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media_type)
}

pub(crate) async fn read(body: Body, most: usize) -> Result<Bytes, Failure> {
    // A length that is announced is believed when it is too much.
    if body.size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Err(Failure::TooLarge);
    }
    let reading = Limited::new(body, most).collect();
    match tokio::time::timeout(MAX_TIME, reading).await {
        Err(_elapsed) => Err(Failure::TooSlow),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if is_length(&*error) => Err(Failure::TooLarge),
        Ok(Err(_broken_off)) => Err(Failure::Malformed),
    }
}

fn is_length(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_length)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_the_cap_and_no_further() {
        let chunk = || Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 1024]));
        let chunks = |count| Body::from_stream(stream::iter((0..count).map(move |_| chunk())));
        assert_eq!(read(chunks(4), 4096).await.unwrap().len(), 4096);
        assert_eq!(read(chunks(5), 4096).await.unwrap_err(), Failure::TooLarge);
        assert_eq!(read(Body::from(vec![0; 4097]), 4096).await.unwrap_err(), Failure::TooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_given_up() {
        let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        assert_eq!(read(never, 4096).await.unwrap_err(), Failure::TooSlow);
    }
}
