//! `POST /api/cancel`: "this was not me".

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use password_reset::secret::CancelToken;
use serde::Deserialize;

use super::json::JsonRequest;
use crate::failure::Failure;
use crate::state::SharedState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelRequest {
    link: String,
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let cancel = JsonRequest::<CancelRequest>::read_own(&state, request).await?.body;
    state.reset.cancel(&CancelToken::parse(&cancel.link)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
