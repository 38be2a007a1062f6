//! `POST /api/cancel`: "this was not me".

use http::StatusCode;
use password_reset::secret::CancelToken;
use serde::Deserialize;

use super::json::JsonRequest;
use crate::failure::Failure;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelRequest {
    link: String,
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let cancel = JsonRequest::<CancelRequest>::read_own(posted)?.body;
    state.reset.cancel(&CancelToken::parse(&cancel.link)?).await?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}
