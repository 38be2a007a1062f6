#![doc = include_str!("../README.md")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{ConnectInfo, OriginalUri, Request};
use axum::http::{self, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use axum::routing::{any, get};
use password_reset::PasswordReset;
#[doc(inline)]
pub use password_reset_web::*;
use tower_service::Service;

/// The settings of a site, which build a [`Router`] at the path of the site's base URL: merge it at the root of the application.
///
/// The server must provide the peer address: serve with [`Server`], or with `into_make_service_with_connect_info::<SocketAddr>()`.
/// Without it every request is answered with 500, because all clients would share one quota. Where the application nests
/// the router below a path of its own, every request is answered with 500 and an error in the log says what to do.
pub type Web = Settings<Axum>;

/// A server with bounds, for a [`Router`]. It provides connect info.
pub type Server = HttpServer<App>;

/// Mounts the pages as a [`Router`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Axum;

impl Mount for Axum {
    type App = Router;

    fn mount(pages: Pages) -> Router {
        let answer = any({
            let pages = pages.clone();
            move |OriginalUri(asked): OriginalUri, request: Request| answer(pages.clone(), asked, request)
        });
        match pages.path() {
            // Each path by itself, so that one which the application has too is noticed at the start.
            "" => pages.paths().fold(Router::new(), |router, path| router.route(path, answer.clone())).fallback(answer),
            path => [path.to_owned(), format!("{path}/"), format!("{path}/{{*below}}")]
                .into_iter()
                .fold(Router::new(), |router, path| router.route(&path, answer.clone())),
        }
    }
}

async fn answer(pages: Pages, asked: Uri, mut request: Request) -> Response {
    if asked.path() != request.uri().path() {
        // An outer router took something off the path, and no link of a message leads here.
        tracing::error!(
            "the pages are nested below another path than the base URL of the site has: merge the router at the root, and \
             give `Site` the path"
        );
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        request.extensions_mut().insert(Peer(peer));
    }
    pages.respond(request).await.into_response()
}

/// Redirects `/.well-known/change-password`, which password managers open, to the start page. Merge it at the root
/// of the application.
pub fn well_known(reset: &PasswordReset) -> Router {
    redirect(password_reset_web::well_known(reset))
}

/// As [`well_known`], but redirects to the page on which signed-in users change their password: a path on this site, or
/// an `https` URL.
///
/// # Errors
/// [`WebError::ChangeUrl`] when it is neither.
pub fn well_known_at(change_url: &str) -> Result<Router, WebError> {
    password_reset_web::well_known_at(change_url).map(redirect)
}

fn redirect(answer: impl Fn() -> http::Response<Body> + Clone + Send + Sync + 'static) -> Router {
    Router::new().route("/.well-known/change-password", get(move || async move { answer() }))
}

/// The files by which applications on phones claim the links of messages. Merge it at the root of the application that serves
/// [`AppLinks::host`], also where the pages have a path of their own.
pub fn app_links(links: &AppLinks) -> Router {
    [AppLinks::ANDROID, AppLinks::APPLE].into_iter().fold(Router::new(), |router, path| {
        let links = links.clone();
        router.route(path, get(move || async move { links.respond(path) }))
    })
}

/// `GET /health`: 200 when resets work, 503 when not, and the words of the [problems](password_reset::operations::HealthProblem) as JSON.
///
/// It says nothing of accounts or addresses, but each call asks the database, without a quota: merge it into a router that only
/// probes reach, such as one on a port of its own.
pub fn health(reset: PasswordReset) -> Router {
    Router::new().route("/health", get(move || async move { password_reset_web::health(&reset).await }))
}

/// A router as [`Server`] serves it: with connect info.
#[derive(Clone, Debug)]
pub struct App(Router);

impl From<Router> for App {
    fn from(router: Router) -> Self {
        Self(router)
    }
}

impl<B> Service<http::Request<B>> for App
where
    Router: Service<http::Request<B>, Response = Response, Error = Infallible, Future = RouteFuture<Infallible>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        if let Some(Peer(peer)) = request.extensions().get().copied() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        self.0.call(request)
    }
}
