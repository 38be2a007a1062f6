//! What happens around every request: who asks, in which language, how often; and, on the way out, the page or document
//! of a failure and the headers that everything has.

use axum::extract::Request;
use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use password_reset::Locale;

use crate::cookies::{Jar, SetCookies};
use crate::failure::Failure;
use crate::headers::{self, Immutable};
use crate::language;
use crate::pages::{ProblemPage, Shell};
use crate::problem;
use crate::respond;
use crate::shared::{Shared, State};
use crate::visit::{Known, query};

/// How failures are said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    Pages,
    Assets,
    Api,
    Webhooks,
}

impl Area {
    fn of(web: &Shared, path: &str) -> Self {
        if web.webhooks.is_for(path) {
            Self::Webhooks
        } else if path == "/api" || path.starts_with("/api/") {
            Self::Api
        } else if path.starts_with("/assets/") {
            Self::Assets
        } else {
            Self::Pages
        }
    }
}

pub(crate) async fn dress(axum::extract::State(web): State, mut request: Request, next: Next) -> Response {
    let area = Area::of(&web, request.uri().path());
    let chosen = query(request.uri(), "lang").and_then(|tag| tag.parse().ok());
    let chosen: Option<Locale> = chosen.filter(|_| request.method() == Method::GET && area == Area::Pages);
    let held = || Jar::read(web.cookies, request.headers()).locale();
    let locale = chosen.or_else(held).or_else(|| language::wanted(request.headers())).unwrap_or(web.locale);
    let mut response = match authorize_admin(&web, area, locale, &mut request) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = say(&web, area, locale, &failure);
    }
    if let Some(cookie) = chosen.and_then(|locale| web.cookies.set_language(locale)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    let immutable = response.extensions().get::<Immutable>().is_some();
    headers::secure(response.headers_mut(), immutable, web.hsts);
    response
}

/// Finds out where the request comes from, and whether that source may ask now.
fn authorize_admin(web: &Shared, area: Area, locale: Locale, request: &mut Request) -> Result<(), Failure> {
    let source = web.proxies.source(request);
    if area == Area::Webhooks {
        // For the handler; whoever calls proves itself to that, and has no limit here.
        if let Some(source) = source {
            request.extensions_mut().insert(source);
        }
        return Ok(());
    }
    let Some(source) = source else {
        tracing::error!(
            "the server does not say who the peer is; serve with into_make_service_with_connect_info::<SocketAddr>()"
        );
        return Err(Failure::Internal);
    };
    if area != Area::Assets {
        web.edge.requests.take(source).map_err(Failure::TooMany)?;
    }
    request.extensions_mut().insert(Known { source, locale });
    Ok(())
}

/// The failure as a page or as a document, in the person's language.
fn say(web: &Shared, area: Area, locale: Locale, failure: &Failure) -> Response {
    let said = match area {
        Area::Pages | Area::Assets => page(web, locale, failure),
        Area::Api | Area::Webhooks => problem::document(failure, locale),
    };
    let mut response = said.unwrap_or_else(|_unsayable| {
        let empty = axum::body::Body::empty();
        respond::with_type(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", empty, SetCookies::default())
    });
    if let Some(seconds) = failure.retry_after() {
        respond::retry_after(&mut response, seconds);
    }
    response
}

fn page(web: &Shared, locale: Locale, failure: &Failure) -> Result<Response, Failure> {
    let shell = Shell::new(&web.look, locale, "");
    let page = ProblemPage { shell, problem: failure.problem(), retry_after: failure.retry_after() };
    Ok(respond::html(failure.status(), page.render()?, SetCookies::default()))
}
