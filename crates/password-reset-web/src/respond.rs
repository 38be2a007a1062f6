//! Builds responses.

use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::body::Body;
use crate::cookies::SetCookies;
use crate::failure::Failure;

pub(crate) type Response = http::Response<Body>;

pub(crate) fn html(status: StatusCode, html: String, cookies: SetCookies) -> Response {
    let mut response = with_type(status, "text/html; charset=utf-8", html.into());
    set_cookies(&mut response, cookies);
    response
}

pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Response, Failure> {
    typed_json(status, "application/json", value)
}

pub(crate) fn typed_json<T: Serialize>(
    status: StatusCode,
    media_type: &'static str,
    value: &T,
) -> Result<Response, Failure> {
    let text = serde_json::to_vec(value).map_err(|error| {
        password_reset::log_bounded!(error, %error, "response could not be serialized");
        Failure::Internal
    })?;
    Ok(with_type(status, media_type, text.into()))
}

/// Redirects to a path of this site or a configured address, never to one from a request.
pub(crate) fn redirect(target: &str, cookies: SetCookies) -> Result<Response, Failure> {
    let target = HeaderValue::from_str(target).map_err(|_not_a_header| Failure::Internal)?;
    let mut response = see_other(target);
    set_cookies(&mut response, cookies);
    Ok(response)
}

pub(crate) fn see_other(target: HeaderValue) -> Response {
    let mut response = empty(StatusCode::SEE_OTHER);
    response.headers_mut().insert(LOCATION, target);
    response
}

pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(crate) fn with_type(status: StatusCode, media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

pub(crate) fn retry_after(response: &mut Response, seconds: u64) {
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
}

fn set_cookies(response: &mut Response, cookies: SetCookies) {
    for cookie in cookies.into_headers() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
