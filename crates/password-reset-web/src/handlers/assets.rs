//! Style sheet, scripts and logo, under names that change with their content.

use http::StatusCode;
use percent_encoding::percent_decode_str;

use crate::failure::Failure;
use crate::headers::Immutable;
use crate::respond::{self, Response};
use crate::state::AppState;

pub(crate) fn file(state: &AppState, name: &str) -> Result<Response, Failure> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let asset = state.theme.asset(&name).ok_or(Failure::NotFound)?;
    let body = asset.bytes.clone().into();
    let mut response = respond::with_type(StatusCode::OK, asset.content_type, body);
    response.extensions_mut().insert(Immutable);
    Ok(response)
}
