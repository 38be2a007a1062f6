//! `POST /api/lock`: "I did not change this password".

use http::StatusCode;
use password_reset::secret::LockToken;
use serde_json::json;

use super::json::{JsonRequest, LinkRequest};
use crate::failure::Failure;
use crate::pages::ResetMethod;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::start;
use crate::state::AppState;

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let lock = JsonRequest::<LinkRequest>::read_own(posted)?.body;
    let locked = state.reset.lock(&LockToken::parse(&lock.link)?).await?;
    let methods: Vec<_> = start::methods_by(state, &locked.channels).into_iter().map(ResetMethod::code).collect();
    respond::json(StatusCode::OK, &json!({ "methods": methods }))
}
