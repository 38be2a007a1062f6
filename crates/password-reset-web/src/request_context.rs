//! One request, and the form that it posts, as the handlers see them.

use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, Uri};
use password_reset::secret::RequesterToken;
use password_reset::{Grant, Locale, PartialGrant};
use url::form_urlencoded;

use crate::cookies::{FormToken, Jar, ResetName, SetCookies};
use crate::device;
use crate::failure::Failure;
use crate::pages::{ExpiredPurpose, Layout, RenderError, Templates};
use crate::post::{self, Fields, Incoming, Origin};
use crate::respond::{self, Response};
use crate::state::AppState;

const FORM_TOKEN: &str = "form_token";
const RESET: &str = "reset";
/// The name in the query of why a page is shown again.
pub(crate) const PROBLEM: &str = "problem";
const TRIED: &str = "cookies";

/// The first value of a name in the query. It only selects what a page shows: a GET changes nothing.
pub(crate) fn query(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query()?;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// One request, and the cookies that its response sets.
pub(crate) struct RequestContext {
    /// The path in it is below the mount path.
    pub(crate) head: Parts,
    pub(crate) source: IpAddr,
    pub(crate) locale: Locale,
    pub(crate) jar: Jar,
    /// The reset that the form or the address names.
    pub(crate) reset: Option<ResetName>,
    pub(crate) cookies: SetCookies,
    /// Why the page is shown again, as the address says.
    pub(crate) problem: Option<String>,
    /// Whether this request follows a redirect that set a cookie.
    tried_cookies: bool,
}

impl RequestContext {
    pub(crate) fn new(state: &AppState, head: Parts, source: IpAddr, locale: Locale) -> Self {
        Self {
            source,
            locale,
            jar: Jar::read(state.cookies, &head.headers),
            reset: query(&head.uri, RESET).as_deref().and_then(ResetName::parse),
            cookies: SetCookies::default(),
            problem: query(&head.uri, PROBLEM),
            tried_cookies: query(&head.uri, TRIED).is_some(),
            head,
        }
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        query(&self.head.uri, name)
    }

    /// The device of this request, as far as it is known.
    pub(crate) fn device(&self, state: &AppState) -> Option<String> {
        device::of(&self.head, self.source, state.place.as_ref())
    }

    /// The requester token of the reset that this request names.
    pub(crate) fn requester_token(&self) -> Option<RequesterToken> {
        self.jar.requester_token(self.reset.as_ref()?)
    }

    /// A page with forms. Sets a form token where the browser has none.
    pub(crate) fn page(
        mut self,
        state: &AppState,
        path: &str,
        render: impl FnOnce(&dyn Templates, Layout<'_>) -> Result<String, RenderError>,
    ) -> Result<Response, Failure> {
        let token = match self.jar.form_token() {
            Some(token) => token.clone(),
            None => {
                let token = FormToken::random()?;
                self.cookies.set_form_token(state.cookies, &token);
                token
            }
        };
        let reset = self.reset.as_ref().map(ResetName::as_str);
        let layout = Layout::new(&state.theme, self.locale, path).with_form(token.as_str(), reset);
        let html = render(&*state.templates, layout)?;
        Ok(respond::html(StatusCode::OK, html, self.cookies))
    }

    /// A page without a form, the same for every reset.
    pub(crate) fn plain_page(
        self,
        state: &AppState,
        path: &str,
        render: impl FnOnce(&dyn Templates, Layout<'_>) -> Result<String, RenderError>,
    ) -> Result<Response, Failure> {
        let html = render(&*state.templates, Layout::new(&state.theme, self.locale, path))?;
        Ok(respond::html(StatusCode::OK, html, self.cookies))
    }

    /// Redirects to another page of this site, by GET.
    pub(crate) fn redirect(self, state: &AppState, path: &str) -> Result<Response, Failure> {
        respond::redirect(&state.theme.url(path), self.cookies)
    }

    /// Redirects to another page of the same reset.
    pub(crate) fn redirect_within_reset(self, state: &AppState, path: &str) -> Result<Response, Failure> {
        match self.reset.clone() {
            Some(reset) => self.redirect(state, &format!("{path}?reset={}", reset.as_str())),
            None => self.expired(state),
        }
    }

    /// Stores the grant of a right proof in a cookie of its own, and redirects to the new-password form.
    pub(crate) fn granted(mut self, state: &AppState, grant: Grant) -> Result<Response, Failure> {
        let lives = state.left(grant.until());
        let token = grant.into_token();
        self.cookies.set_grant(&self.jar, &token, lives);
        self.reset = Some(ResetName::of(token.expose()));
        self.redirect_within_reset(state, "/new")
    }

    /// Stores the partial grant of the first proof in a cookie, and redirects to the step-up page.
    pub(crate) fn partially_proved(
        mut self,
        state: &AppState,
        partial_grant: PartialGrant,
    ) -> Result<Response, Failure> {
        let lives = state.left(partial_grant.until());
        let token = partial_grant.into_token();
        self.cookies.set_partial_grant(&self.jar, &token, lives);
        self.reset = Some(ResetName::of(token.expose()));
        self.redirect_within_reset(state, "/step-up")
    }

    /// Leads back to a page by GET, with the reason why it is shown again, so that a reload sends nothing twice.
    pub(crate) fn again(self, state: &AppState, path: &str, problem: &str) -> Result<Response, Failure> {
        let and = if path.contains('?') { '&' } else { '?' };
        let reset = self.reset.as_ref().map(|reset| format!("&{RESET}={}", reset.as_str())).unwrap_or_default();
        self.redirect(state, &format!("{path}{and}{PROBLEM}={problem}{reset}"))
    }

    /// This browser lacks the cookie of the reset that it names. Where it keeps no cookie at all, the page says so, because
    /// no new start would help; otherwise the answer is that of every other secret.
    pub(crate) fn without_cookie(mut self, state: &AppState, path: &str) -> Result<Response, Failure> {
        if self.jar.is_used() {
            return self.expired(state);
        }
        if self.tried_cookies {
            return Err(Failure::NoCookies);
        }
        self.cookies.set_form_token(state.cookies, &FormToken::random()?);
        let reset = self.reset.as_ref().map(|reset| format!("&{RESET}={}", reset.as_str())).unwrap_or_default();
        self.redirect(state, &format!("{path}?{TRIED}=1{reset}"))
    }

    /// The grant of this reset no longer works: deletes its cookies, and answers as to every other secret.
    pub(crate) fn over(mut self, state: &AppState) -> Result<Response, Failure> {
        if let Some(name) = self.reset.take() {
            self.cookies.forget(state.cookies, &name);
        }
        self.expired(state)
    }

    /// The one answer to every secret that proves nothing.
    pub(crate) fn expired(self, state: &AppState) -> Result<Response, Failure> {
        self.redirect(state, ExpiredPurpose::Reset.path())
    }
}

/// The body of a POST whose head shows no forgery.
pub(crate) struct Posted {
    pub(crate) context: RequestContext,
    pub(crate) origin: Origin,
    pub(crate) body: Bytes,
}

impl Posted {
    /// Reads the body, after what needs no body to be refused. A page of another site can send a form, but not JSON without
    /// a CORS preflight (Fetch §4.8), which is granted to trusted origins alone: that protects the API, beside the headers
    /// that name the origin.
    pub(crate) async fn read<B: Incoming>(
        state: &AppState,
        context: RequestContext,
        body: B,
        media_type: &str,
    ) -> Result<Self, Failure> {
        let headers = &context.head.headers;
        let origin = match Origin::of(headers, &state.origin) {
            Origin::Foreign if is_of_api(context.head.uri.path()) && state.origins.sent(headers) => Origin::Trusted,
            Origin::Foreign => return Err(Failure::CrossSite),
            origin => origin,
        };
        if !post::is_of_type(&context.head.headers, media_type) {
            return Err(Failure::MediaType);
        }
        let body = post::read_body(body, post::MAX_BODY).await?;
        Ok(Self { context, origin, body })
    }
}

/// Whether a path below the mount path is of the API.
pub(crate) fn is_of_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// A form that a page of this site posted.
pub(crate) struct Form {
    pub(crate) context: RequestContext,
    pub(crate) fields: Fields,
}

impl Form {
    /// Reads a form whose own fields are `known`; every form may also have the form token and the reset.
    pub(crate) fn read(posted: Posted, known: &[&str]) -> Result<Self, Failure> {
        let Posted { mut context, origin, body } = posted;
        let all: Vec<&str> = known.iter().copied().chain([FORM_TOKEN, RESET]).collect();
        let fields = Fields::parse(&body, &all)?;
        if origin != Origin::Own {
            let token = fields.find(FORM_TOKEN).unwrap_or_default();
            if !context.jar.form_token().is_some_and(|own| own.is(token)) {
                // A form of this site has a token, and a browser that keeps cookies has its cookie.
                let refuses = !context.jar.is_used() && !token.is_empty();
                return Err(if refuses { Failure::NoCookies } else { Failure::CrossSite });
            }
        }
        // The form names its reset; the address of a POST does not count.
        context.reset = fields.find(RESET).and_then(ResetName::parse);
        Ok(Self { context, fields })
    }
}
