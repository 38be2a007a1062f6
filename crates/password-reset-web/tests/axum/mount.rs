//! The router.

use axum::Router;
use password_reset::PasswordReset;
use password_reset_axum::{App, Axum};
use password_reset_web::{Mount, Pages, WebError};

use crate::support::Served;

pub(crate) fn pages(pages: Pages) -> Served {
    served(Axum::mount(pages))
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
