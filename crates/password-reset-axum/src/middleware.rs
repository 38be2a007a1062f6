//! Runs around every handler: finds the source, the language and the request quota beforehand; afterwards turns a failure
//! into a page or a problem document, and sets the headers that every response has.

use axum::extract::{OriginalUri, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use password_reset::Locale;

use crate::cookies::{Jar, SetCookies};
use crate::failure::Failure;
use crate::headers::{self, Immutable};
use crate::language;
use crate::pages::{Layout, ProblemPage};
use crate::problem;
use crate::request_context::{ClientInfo, query};
use crate::respond;
use crate::state::{AppState, SharedState};

/// Decides in which form a failure is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    Pages,
    Assets,
    Api,
    Webhooks,
}

impl Area {
    fn of(state: &AppState, path: &str) -> Self {
        if state.webhooks.is_for(path) {
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

/// Refuses requests whose path an outer router took something off: the application nested the pages, and no link of a message
/// leads there.
pub(crate) async fn refuse_nested(OriginalUri(asked): OriginalUri, request: Request, next: Next) -> Response {
    if asked.path() == request.uri().path() {
        return next.run(request).await;
    }
    tracing::error!(
        "the pages are nested below another path than the base URL of the site has: merge the router at the root, and give \
         `Site` the path"
    );
    Failure::Internal.status().into_response()
}

pub(crate) async fn run(State(state): State<SharedState>, mut request: Request, next: Next) -> Response {
    let area = Area::of(&state, request.uri().path());
    let chosen = query(request.uri(), "lang").and_then(|tag| tag.parse().ok());
    let chosen: Option<Locale> = chosen.filter(|_| request.method() == Method::GET && area == Area::Pages);
    let remembered = || Jar::read(state.cookies, request.headers()).locale();
    let locale = chosen.or_else(remembered).or_else(|| language::wanted(request.headers())).unwrap_or(state.locale);
    let mut response = match admit(&state, area, locale, &mut request) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = failure_response(&state, area, locale, &failure);
    }
    if let Some(cookie) = chosen.and_then(|locale| state.cookies.set_language(locale)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    let immutable = response.extensions().get::<Immutable>().is_some();
    headers::secure(response.headers_mut(), immutable, state.hsts);
    response
}

/// Finds the source of the request, and takes a permit from its quota.
fn admit(state: &AppState, area: Area, locale: Locale, request: &mut Request) -> Result<(), Failure> {
    let source = state.proxies.source(request);
    if area == Area::Webhooks {
        // A provider proves itself to the webhook handler, and has no quota here.
        if let Some(source) = source {
            request.extensions_mut().insert(source);
        }
        return Ok(());
    }
    let Some(source) = source else {
        password_reset::log_bounded!(
            error,
            "client address unknown: serve with `into_make_service_with_connect_info::<SocketAddr>()`"
        );
        return Err(Failure::Internal);
    };
    if area != Area::Assets {
        state.edge.requests.take(source).map_err(Failure::TooMany)?;
    }
    request.extensions_mut().insert(ClientInfo { source, locale });
    Ok(())
}

/// The failure as a page or a problem document, in the language of the request.
fn failure_response(state: &AppState, area: Area, locale: Locale, failure: &Failure) -> Response {
    let response = match area {
        Area::Pages | Area::Assets => page(state, locale, failure),
        Area::Api | Area::Webhooks => problem::document(failure, locale),
    };
    let mut response = response.unwrap_or_else(|_not_rendered| {
        let empty = axum::body::Body::empty();
        respond::with_type(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", empty, SetCookies::default())
    });
    if let Some(seconds) = failure.retry_after() {
        respond::retry_after(&mut response, seconds);
    }
    response
}

fn page(state: &AppState, locale: Locale, failure: &Failure) -> Result<Response, Failure> {
    let layout = Layout::new(&state.theme, locale, "");
    let page = ProblemPage { layout, problem: failure.problem(), retry_after: failure.retry_after() };
    Ok(respond::html(failure.status(), state.templates.problem(&page)?, SetCookies::default()))
}
