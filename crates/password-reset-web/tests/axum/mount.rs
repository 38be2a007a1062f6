//! The router.

use std::net::SocketAddr;

use axum::Router;
use password_reset::PasswordReset;
use password_reset_axum::{App, Axum, Server};
use password_reset_web::{AppLinks, Mount, Pages, WebError};
use tokio::net::TcpListener;

use crate::support::Served;

pub(crate) fn pages(pages: Pages) -> Served {
    served(Axum::mount(pages))
}

/// The pages on a real connection.
pub(crate) async fn listening(pages: Pages) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::new(Axum::mount(pages)).serve(listener, std::future::pending()));
    address
}

/// As the server serves it: with connect info.
pub(crate) fn served(router: Router) -> Served {
    Served::new(App::from(router))
}

pub(crate) fn health(reset: PasswordReset) -> Served {
    served(password_reset_axum::health(reset))
}

pub(crate) fn well_known(reset: &PasswordReset) -> Served {
    served(password_reset_axum::well_known(reset))
}

pub(crate) fn well_known_at(url: &str) -> Result<Served, WebError> {
    password_reset_axum::well_known_at(url).map(served)
}

pub(crate) fn app_links(links: &AppLinks) -> Served {
    served(password_reset_axum::app_links(links))
}
