//! Style sheet, scripts and logo, under names that change with their content.

use axum::body::Body;
use axum::extract::{Path, State as FromState};
use axum::response::Response;

use crate::cookies::SetCookies;
use crate::failure::Failure;
use crate::headers::Immutable;
use crate::respond;
use crate::shared::State;

pub(crate) async fn file(FromState(web): State, Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = web.look.asset(&name).ok_or(Failure::NotFound)?;
    let body = Body::from(asset.bytes().to_vec());
    let mut response =
        respond::with_type(axum::http::StatusCode::OK, asset.content_type(), body, SetCookies::default());
    response.extensions_mut().insert(Immutable);
    Ok(response)
}
