//! A route for probes: whether resets work.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use password_reset::{HealthProblem, PasswordReset};
use serde::Serialize;

use crate::{headers, respond};

#[derive(Serialize)]
struct Shown {
    status: &'static str,
    problems: Vec<&'static str>,
}

/// `GET /health`: 200 when resets work, 503 when not, and the words of the [problems](password_reset::HealthProblem) as JSON.
///
/// It says nothing of accounts or addresses, but each call asks the database, without a quota: merge it into a router that only
/// probes reach, such as one on a port of its own.
pub fn health(reset: PasswordReset) -> Router {
    Router::new().route("/health", get(show)).with_state(reset)
}

async fn show(State(reset): State<PasswordReset>) -> Response {
    let problems: Vec<_> = reset.health().await.problems().into_iter().map(HealthProblem::code).collect();
    let (code, status) = match problems.is_empty() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
    };
    let mut response = respond::json(code, &Shown { status, problems }).into_response();
    headers::secure(response.headers_mut(), false, false);
    response
}
