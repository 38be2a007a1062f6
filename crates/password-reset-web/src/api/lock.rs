//! `POST /api/lock`: "I did not change this password".

use http::StatusCode;
use password_reset::secret::LockToken;
use serde::{Deserialize, Serialize};

use super::json::JsonRequest;
use crate::failure::Failure;
use crate::pages::ResetMethod;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::start;
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockRequest {
    link: String,
}

#[derive(Serialize)]
struct Answer {
    methods: Vec<&'static str>,
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let lock = JsonRequest::<LockRequest>::read_own(posted)?.body;
    let locked = state.reset.lock(&LockToken::parse(&lock.link)?).await?;
    let methods = start::methods_by(state, &locked.channels).into_iter().map(ResetMethod::code).collect();
    respond::json(StatusCode::OK, &Answer { methods })
}
