//! The address that password managers open.

use http::{HeaderValue, Response};
use password_reset::PasswordReset;
use url::Url;

use crate::body::Body;
use crate::error::WebError;
use crate::failure::Failure;
use crate::{headers, respond};

/// What `GET /.well-known/change-password` answers, which password managers open: a redirect to the start page.
pub fn well_known(reset: &PasswordReset) -> impl Fn() -> Response<Body> + Clone + Send + Sync + use<> {
    let base = Url::parse(reset.site().base_url()).ok();
    redirect(base.and_then(|url| HeaderValue::from_str(url.path()).ok()))
}

/// As [`well_known`], but redirects to the page on which signed-in users change their password: a path on this site, or
/// an `https` URL.
///
/// # Errors
/// [`WebError::ChangeUrl`] when it is neither.
pub fn well_known_at(change_url: &str) -> Result<impl Fn() -> Response<Body> + Clone + Send + Sync + use<>, WebError> {
    let here = change_url.starts_with('/') && !change_url.starts_with("//") && !change_url.starts_with("/\\");
    let elsewhere = Url::parse(change_url).is_ok_and(|url| url.scheme() == "https");
    let target = HeaderValue::from_str(change_url).ok().filter(|_| here || elsewhere);
    target.map(|target| redirect(Some(target))).ok_or(WebError::ChangeUrl)
}

fn redirect(target: Option<HeaderValue>) -> impl Fn() -> Response<Body> + Clone + Send + Sync {
    move || {
        let mut response = match &target {
            Some(target) => respond::see_other(target.clone()),
            None => respond::empty(Failure::NotFound.status()),
        };
        headers::secure(response.headers_mut(), false, false);
        response
    }
}
