//! The address that password managers open.

use http::{HeaderValue, Response};
use password_reset::PasswordReset;
use url::Url;

use crate::body::Body;
use crate::error::WebError;
use crate::{headers, paths, respond};

/// What `GET /.well-known/change-password` answers, which password managers open: a redirect to the start page.
pub fn well_known(reset: &PasswordReset) -> impl Fn() -> Response<Body> + Clone + Send + Sync + use<> {
    let base = Url::parse(reset.site().base_url()).ok();
    let path = base.and_then(|url| HeaderValue::from_str(url.path()).ok());
    redirect(path.unwrap_or(HeaderValue::from_static("/")))
}

/// As [`well_known`], but redirects to the page on which signed-in users change their password: a path on this site, or
/// an `https` URL.
///
/// # Errors
/// [`WebError::ChangeUrl`] when it is neither.
pub fn well_known_at(change_url: &str) -> Result<impl Fn() -> Response<Body> + Clone + Send + Sync + use<>, WebError> {
    let target = HeaderValue::from_str(change_url).ok().filter(|_| paths::is_link(change_url));
    target.map(redirect).ok_or(WebError::ChangeUrl)
}

fn redirect(target: HeaderValue) -> impl Fn() -> Response<Body> + Clone + Send + Sync {
    move || {
        let mut response = respond::see_other(target.clone());
        headers::secure(response.headers_mut(), false, false);
        response
    }
}
