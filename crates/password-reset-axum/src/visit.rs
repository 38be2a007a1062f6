//! One request, as handlers of pages see it.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use password_reset::{Grant, Locale, PartialGrant, RequesterToken};
use url::form_urlencoded;

use crate::cookies::{FormToken, Jar, ResetName, SetCookies};
use crate::failure::Failure;
use crate::pages::{RenderError, Shell};
use crate::respond;
use crate::shared::Shared;

/// What is known of every request before a handler sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) source: IpAddr,
    pub(crate) locale: Locale,
}

/// The first value of a name in the query. Read for addresses within the pages alone: nothing is done by a GET (R64).
pub(crate) fn query(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query()?;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// One request, and the cookies that its answer sets.
pub(crate) struct Visit {
    pub(crate) source: IpAddr,
    pub(crate) locale: Locale,
    pub(crate) jar: Jar,
    /// Which reset it is of, by the form or the address.
    pub(crate) reset: Option<ResetName>,
    pub(crate) cookies: SetCookies,
}

impl Visit {
    pub(crate) fn of(web: &Shared, parts: &Parts) -> Result<Self, Failure> {
        // Put there for every request before the handlers; see `dress`.
        let known = parts.extensions.get::<Known>().ok_or(Failure::Internal)?;
        Ok(Self {
            source: known.source,
            locale: known.locale,
            jar: Jar::read(web.cookies, &parts.headers),
            reset: query(&parts.uri, "reset").as_deref().and_then(ResetName::parse),
            cookies: SetCookies::default(),
        })
    }

    /// The handle of the reset that this request is of.
    pub(crate) fn requester_token(&mut self) -> Option<RequesterToken> {
        let name = self.reset.as_ref()?;
        self.jar.requester_token(name)
    }

    /// A page with forms. The browser gets a form token if it has none.
    pub(crate) fn page(
        mut self,
        web: &Shared,
        status: StatusCode,
        path: &str,
        render: impl FnOnce(Shell<'_>) -> Result<String, RenderError>,
    ) -> Result<Response, Failure> {
        let token = match self.jar.form_token() {
            Some(token) => token.clone(),
            None => {
                let token = FormToken::random()?;
                self.cookies.set_form_token(web.cookies, &token);
                token
            }
        };
        let reset = self.reset.as_ref().map(ResetName::as_str);
        let shell = Shell::new(&web.look, self.locale, path).with_form(token.as_str(), reset);
        let html = render(shell)?;
        Ok(respond::html(status, html, self.cookies))
    }

    /// A page that is the same for everybody: no form, no reset.
    pub(crate) fn plain_page(
        self,
        web: &Shared,
        path: &str,
        render: impl FnOnce(Shell<'_>) -> Result<String, RenderError>,
    ) -> Result<Response, Failure> {
        let html = render(Shell::new(&web.look, self.locale, path))?;
        Ok(respond::html(StatusCode::OK, html, self.cookies))
    }

    /// Leads to another page of this site, by GET.
    pub(crate) fn go(self, web: &Shared, path: &str) -> Result<Response, Failure> {
        respond::redirect(&web.look.url(path), self.cookies)
    }

    /// Leads to another page of the same reset.
    pub(crate) fn go_on(self, web: &Shared, path: &str) -> Result<Response, Failure> {
        match self.reset.clone() {
            Some(reset) => self.go(web, &format!("{path}?reset={}", reset.as_str())),
            None => self.expired(web),
        }
    }

    /// A proof was right: its grant goes into a cookie of its own (R63), and the person on to the new password.
    pub(crate) fn granted(mut self, web: &Shared, grant: Grant) -> Result<Response, Failure> {
        let lives = web.left(grant.until());
        let token = grant.into_token();
        self.cookies.set_grant(&self.jar, &token, lives);
        self.reset = Some(ResetName::of_grant(&token));
        self.go_on(web, "/new")
    }

    /// The first of two proofs was right: what it yielded goes into a cookie, and the person on to the second.
    pub(crate) fn partially_proved(mut self, web: &Shared, partial_grant: PartialGrant) -> Result<Response, Failure> {
        let lives = web.left(partial_grant.until());
        let token = partial_grant.into_token();
        self.cookies.set_partial_grant(&self.jar, &token, lives);
        self.reset = Some(ResetName::of_partial_grant(&token));
        self.go_on(web, "/second")
    }

    /// What a page of this reset needed is worth nothing any more: the same answer as for every other secret, and the
    /// cookies go.
    pub(crate) fn over(mut self, web: &Shared) -> Result<Response, Failure> {
        if let Some(name) = self.reset.take() {
            self.cookies.forget(web.cookies, &name);
        }
        self.expired(web)
    }

    /// The one answer to every secret that proves nothing (R67).
    pub(crate) fn expired(self, web: &Shared) -> Result<Response, Failure> {
        self.go(web, "/expired")
    }
}
