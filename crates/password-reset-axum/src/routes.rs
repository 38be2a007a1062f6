//! Which page is where, and takes which methods (R64).

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::failure::Failure;
use crate::shared::Shared;
use crate::{api, dress, handlers};

pub(crate) fn router(web: Arc<Shared>) -> Router {
    let pages = Router::new()
        .route("/", get(handlers::ask::show).post(handlers::ask::post))
        .route("/wait", get(handlers::wait::show))
        .route("/code", post(handlers::wait::code))
        .route("/claim", post(handlers::wait::claim))
        .route("/link", get(handlers::link::show).post(handlers::link::post))
        .route("/second", get(handlers::second::show).post(handlers::second::post))
        .route("/new", get(handlers::new_password::show).post(handlers::new_password::post))
        .route("/done", get(handlers::endings::done))
        .route("/events", get(handlers::events::show))
        .route("/expired", get(handlers::endings::expired))
        .route("/cancel", get(handlers::cancel::show).post(handlers::cancel::post))
        .route("/lock", get(handlers::lock::show).post(handlers::lock::post))
        .route("/assets/{name}", get(handlers::assets::file));
    let api = Router::new()
        .route("/api/requests", post(api::requests::post))
        .route("/api/status", get(api::status::show))
        .route("/api/events", get(handlers::events::show))
        .route("/api/verify", post(api::verify::post))
        .route("/api/password", post(api::password::post))
        .route("/api/cancel", post(api::cancel::post))
        .route("/api/lock", post(api::lock::post))
        .route("/api/policy", get(api::policy::show))
        .route("/api/password-check", post(api::password_check::post))
        .route("/api/openapi.json", get(api::openapi::show));
    web.webhooks
        .routes(pages.merge(api))
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::MethodNotAllowed })
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&web), dress::dress))
        .with_state(web)
}
