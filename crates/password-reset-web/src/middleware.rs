//! What is done for every request: beforehand the source, the language and the request quota; afterwards a failure becomes a
//! page or a problem document, and every response gets its headers.

use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body::Body as _;
use password_reset::Locale;

use crate::body::Body;
use crate::challenge::Csp;
use crate::cookies::{Jar, SetCookies};
use crate::failure::Failure;
use crate::headers::{self, Immutable};
use crate::pages::{Layout, ProblemPage};
use crate::paths::GET_OR_POST;
use crate::post::Incoming;
use crate::request_context::{RequestContext, is_of_api, query};
use crate::respond::{self, Response};
use crate::state::{AppState, SharedState};
use crate::{cors, language, problem, routes};

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
        if state.webhooks.at(path).is_some() {
            Self::Webhooks
        } else if is_of_api(path) {
            Self::Api
        } else if path.starts_with("/assets/") {
            Self::Assets
        } else {
            Self::Pages
        }
    }
}

/// Answers a request whose path begins with the mount path.
pub(crate) async fn run<B: Incoming>(state: &SharedState, request: Request<B>) -> Response {
    let (mut head, body) = request.into_parts();
    let elsewhere = match below(&state.mount, &head.uri) {
        Some(uri) => {
            head.uri = uri;
            false
        }
        None => true,
    };
    let is_head = head.method == Method::HEAD;
    let area = Area::of(state, head.uri.path());
    let chosen = query(&head.uri, "lang").and_then(|tag| state.languages().parse(&tag));
    let chosen = chosen.filter(|_| head.method == Method::GET && area == Area::Pages);
    let remembered = || Jar::read(state.cookies, &head.headers).locale().filter(|it| state.languages().has(*it));
    let locale = chosen
        .or_else(remembered)
        .or_else(|| language::wanted(&head.headers, state.languages()))
        .unwrap_or(state.locale);
    let of_api = area == Area::Api && !elsewhere;
    let trusted = state.origins.of(&head.headers).filter(|_| of_api);
    let answered = match trusted.as_ref().and_then(|_trusted| cors::preflight(&head)) {
        Some(response) => Ok(response),
        None if elsewhere => Err(Failure::NotFound),
        None => answer(state, area, locale, head, body).await,
    };
    let mut response = answered.unwrap_or_else(|failure| failure_response(state, area, locale, &failure));
    if let Some(cookie) = chosen.and_then(|locale| state.cookies.set_language(locale)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    if of_api {
        state.origins.share(trusted, response.headers_mut());
    }
    let immutable = response.extensions().get::<Immutable>().is_some();
    headers::secure(response.headers_mut(), immutable, state.hsts);
    // Only the page with a challenge has a policy of its own.
    if let Some(Csp(policy)) = response.extensions_mut().remove() {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    if is_head { without_body(response) } else { response }
}

/// The address as seen from the mount path; `None` for one that is not below it.
fn below(mount: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix(mount)?;
    if mount.is_empty() {
        return Some(uri.clone());
    }
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    // A slash too many behind the mount path changes nothing.
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let slash = if rest.starts_with('/') { "" } else { "/" };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{slash}{rest}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Finds the source of the request, takes a permit from its quota, and lets the path's handler answer.
async fn answer<B: Incoming>(
    state: &SharedState,
    area: Area,
    locale: Locale,
    mut head: Parts,
    body: B,
) -> Result<Response, Failure> {
    let source = state.proxies.source(&head);
    if let Some(webhook) = state.webhooks.at(head.uri.path()) {
        routes::allow(GET_OR_POST, &head.method)?;
        // A provider proves itself to the webhook handler, and has no quota here.
        if let Some(source) = source {
            head.extensions.insert(source);
        }
        return webhook.answer(&state.edge.webhook_bytes, head, body).await;
    }
    let Some(source) = source else {
        password_reset::log_bounded!(
            error,
            "client address unknown: insert a `Peer` into each request; with axum, serve with \
             `into_make_service_with_connect_info::<SocketAddr>()`; behind a proxy that connects to a Unix socket, trust it \
             with `trusted_proxies([\"unix\"])`"
        );
        return Err(Failure::Internal);
    };
    if area != Area::Assets {
        state.edge.requests.take(source).map_err(Failure::TooMany)?;
    }
    routes::answer(state, RequestContext::new(state, head, source, locale), body).await
}

/// The failure as a page or a problem document, in the language of the request.
fn failure_response(state: &AppState, area: Area, locale: Locale, failure: &Failure) -> Response {
    let response = match area {
        Area::Pages | Area::Assets => page(state, locale, failure),
        Area::Api | Area::Webhooks => problem::document(failure, state.languages().get(locale)),
    };
    let mut response = response.unwrap_or_else(|_not_rendered| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        respond::with_type(status, "text/plain; charset=utf-8", Body::empty())
    });
    if let Some(seconds) = failure.retry_after() {
        respond::retry_after(&mut response, seconds);
    }
    if let Failure::MethodNotAllowed(allowed) = failure {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}

fn page(state: &AppState, locale: Locale, failure: &Failure) -> Result<Response, Failure> {
    let layout = Layout::new(&state.theme, locale, "");
    let page = ProblemPage { layout, problem: failure.problem(), retry_after: failure.retry_after() };
    Ok(respond::html(failure.status(), state.templates.problem(&page)?, SetCookies::default()))
}

/// What HEAD gets: the headers of a GET, with the length of the body that it would have (RFC 9110 §9.3.2).
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(head, body.omitted())
}
