//! The function itself.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, Response};
use password_reset::PasswordReset;
use password_reset_web::{AppLinks, Pages, Server, WebError};
use tokio::net::TcpListener;
use tower::Layer;
use tower::service_fn;
use tower::util::MapResponseLayer;

use crate::support::Served;

pub(crate) fn pages(pages: Pages) -> Served {
    Served::new(MapResponseLayer::new(as_seen).layer(pages))
}

/// The pages on a real connection.
pub(crate) async fn listening(pages: Pages) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::new(pages).serve(listener, std::future::pending()));
    address
}

pub(crate) fn health(reset: PasswordReset) -> Served {
    Served::new(service_fn(move |_| {
        let reset = reset.clone();
        async move { Ok::<_, Infallible>(as_seen(password_reset_web::health(&reset).await)) }
    }))
}

pub(crate) fn well_known(reset: &PasswordReset) -> Served {
    redirect(password_reset_web::well_known(reset))
}

pub(crate) fn well_known_at(url: &str) -> Result<Served, WebError> {
    password_reset_web::well_known_at(url).map(redirect)
}

pub(crate) fn app_links(links: &AppLinks) -> Served {
    let links = links.clone();
    Served::new(service_fn(move |request: Request<Body>| {
        let answered = as_seen(links.respond(request.uri().path()));
        async move { Ok::<_, Infallible>(answered) }
    }))
}

fn redirect(answer: impl Fn() -> Response<password_reset_web::Body> + Clone + Send + Sync + 'static) -> Served {
    Served::new(service_fn(move |_| {
        let answered = as_seen(answer());
        async move { Ok::<_, Infallible>(answered) }
    }))
}

fn as_seen(response: Response<password_reset_web::Body>) -> Response<Body> {
    response.map(Body::new)
}
