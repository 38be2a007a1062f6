//! A route for probes: whether resets work.

use http::StatusCode;
use password_reset::PasswordReset;
use password_reset::operations::HealthProblem;
use serde::Serialize;

use crate::body::Body;
use crate::{headers, respond};

#[derive(Serialize)]
struct Shown {
    status: &'static str,
    problems: Vec<&'static str>,
}

/// What `GET /health` answers: 200 when resets work, 503 when not, and the words of the
/// [problems](password_reset::operations::HealthProblem) as JSON.
///
/// It says nothing of accounts or addresses, but each call asks the database, without a quota: answer so only where nothing
/// but probes can ask, such as on a port of its own.
pub async fn health(reset: &PasswordReset) -> http::Response<Body> {
    let problems: Vec<_> = reset.operations().health().await.problems().into_iter().map(HealthProblem::code).collect();
    let (code, status) = match problems.is_empty() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
    };
    let shown = respond::json(code, &Shown { status, problems });
    let mut response = shown.unwrap_or_else(|failure| respond::empty(failure.status()));
    headers::secure(response.headers_mut(), false, false);
    response
}
