//! The address and the methods of every page (R64).

use axum::Router;
use axum::routing::{get, post};

use crate::failure::Failure;
use crate::state::SharedState;
use crate::{api, handlers, middleware};

pub(crate) fn router(state: SharedState) -> Router {
    let pages = Router::new()
        .route("/", get(handlers::start::show).post(handlers::start::post))
        .route("/wait", get(handlers::wait::show))
        .route("/code", get(handlers::wait::resume).post(handlers::wait::code))
        .route("/claim", get(handlers::wait::resume).post(handlers::wait::claim))
        .route("/link", get(handlers::link::show).post(handlers::link::post))
        .route("/step-up", get(handlers::step_up::show).post(handlers::step_up::post))
        .route("/new", get(handlers::new_password::show).post(handlers::new_password::post))
        .route("/done", get(handlers::endings::done))
        .route("/events", get(handlers::events::show))
        .route("/expired", get(handlers::endings::expired))
        .route("/cancel", get(handlers::cancel::show).post(handlers::cancel::post))
        .route("/cancelled", get(handlers::cancel::cancelled))
        .route("/locked", get(handlers::lock::locked))
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
    state
        .webhooks
        .routes(pages.merge(api), &state)
        .fallback(handlers::lost::find)
        .method_not_allowed_fallback(|| async { Failure::MethodNotAllowed })
        .layer(axum::middleware::from_fn_with_state(SharedState::clone(&state), middleware::run))
        .with_state(state)
}
