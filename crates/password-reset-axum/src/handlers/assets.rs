//! Style sheet, scripts and logo, under names that change with their content.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::cookies::SetCookies;
use crate::failure::Failure;
use crate::headers::Immutable;
use crate::respond;
use crate::state::SharedState;

pub(crate) async fn file(State(state): State<SharedState>, Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = state.theme.asset(&name).ok_or(Failure::NotFound)?;
    let body = Body::from(asset.bytes().to_vec());
    let mut response = respond::with_type(StatusCode::OK, asset.content_type(), body, SetCookies::default());
    response.extensions_mut().insert(Immutable);
    Ok(response)
}
