//! `POST /api/lock`: "I did not change this password".

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::secret::LockToken;
use serde::{Deserialize, Serialize};

use super::json::JsonRequest;
use crate::failure::Failure;
use crate::pages::ResetMethod;
use crate::respond;
use crate::start;
use crate::state::SharedState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockRequest {
    link: String,
}

#[derive(Serialize)]
struct Answer {
    methods: Vec<&'static str>,
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let lock = JsonRequest::<LockRequest>::read_own(&state, request).await?.body;
    let locked = state.reset.lock(&LockToken::parse(&lock.link)?).await?;
    let methods = start::methods_by(&state, &locked.channels).into_iter().map(ResetMethod::code).collect();
    respond::json(StatusCode::OK, &Answer { methods })
}
