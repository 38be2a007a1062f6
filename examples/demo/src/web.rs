//! The application's own pages.

mod account;
mod admin;
mod contacts;
mod home;
mod language;
pub(crate) mod page;
mod sign_in;
mod source;
mod texts;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use password_reset::{Locale, PasswordReset};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use self::page::Page;
pub use self::source::Proxies;
pub use self::texts::Texts;
use crate::contacts::ContactChanges;
use crate::dev;
use crate::sessions::Sessions;
use crate::throttle::SignInThrottle;
use crate::users::{Seed, Users};

/// The state of the pages.
#[derive(Clone)]
pub struct App {
    /// The table of users.
    pub users: Users,
    /// The sessions.
    pub sessions: Sessions,
    /// The pending changes of contacts.
    pub contacts: ContactChanges,
    /// The reset service.
    pub reset: PasswordReset,
    /// The quota of sign-in attempts.
    pub throttle: Arc<SignInThrottle>,
    /// The proxies in front.
    pub proxies: Proxies,
    /// The language for browsers that prefer none of the available ones.
    pub language: Locale,
    /// Shown on the front page while mail stays in this program.
    pub seeds: Arc<[Seed]>,
    /// Stand-ins for mail and WhatsApp.
    pub tools: dev::Tools,
}

/// Pages load only this site's own style sheet and scripts, and no site may frame them.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// All pages of the application itself.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/account", get(account::show))
        .route("/account/password", post(account::change_password))
        .route("/account/contact/{way}", get(contacts::show).post(contacts::ask))
        .route("/account/confirm", get(contacts::landing).post(contacts::confirm))
        .route("/account/confirmed", get(contacts::done))
        .route("/admin", get(admin::show))
        .route("/admin/reset", post(admin::reset))
        .route("/admin/contact", post(admin::correct))
        .route("/assets/demo.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route(
            "/assets/confirm.js",
            get(async || ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], CONFIRM)),
        )
        .route("/favicon.ico", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], ICON)))
        .route("/assets/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], ICON)))
        .merge(dev::router(&app.tools))
        .fallback(lost)
        .with_state(app)
        // A page may have set its own policy, as an email in the mailbox does.
        .layer(set(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .layer(set(header::REFERRER_POLICY, "same-origin"))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(CsrfLayer::new())
}

async fn lost(page: Page) -> Result<Response, Failure> {
    if page.path.starts_with(contacts::CONFIRM) { contacts::landing(page).await } else { page::not_found(page).await }
}

const CONFIRM: &str = include_str!("../assets/confirm.js");
const ICON: &str = include_str!("../assets/icon.svg");
const STYLE: &str = include_str!("../assets/demo.css");

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// An error on the server. The user sees one sentence; the terminal shows the reason.
pub struct Failure(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        use axum::http::StatusCode;
        use password_reset::login::SignInError;

        if let Some(SignInError::Busy { retry_after }) = self.0.downcast_ref() {
            let seconds = retry_after.as_secs().to_string();
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds)], "Busy. Try again.")
                .into_response();
        }
        eprintln!("a request failed: {:#}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here. Try again.").into_response()
    }
}
