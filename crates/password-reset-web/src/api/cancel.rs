//! `POST /api/cancel`: "this was not me".

use http::StatusCode;
use password_reset::secret::CancelToken;

use super::json::{JsonRequest, LinkRequest};
use crate::failure::Failure;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::state::AppState;

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let cancel = JsonRequest::<LinkRequest>::read_own(posted)?.body;
    state.reset.cancel(&CancelToken::parse(&cancel.link)?).await?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}
