//! `POST /api/cancel`: "this was not me".

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use password_reset::CancelToken;
use serde::Deserialize;

use super::json::Sent;
use crate::failure::Failure;
use crate::shared::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unwanted {
    link: String,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let unwanted = Sent::<Unwanted>::read_own(&web, request).await?.body;
    web.reset.cancel(&CancelToken::parse(&unwanted.link)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
