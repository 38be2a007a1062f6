//! `GET /api/openapi.json`: describes this API (OpenAPI 3.1).

use http::StatusCode;

use crate::respond::{self, Response};
use crate::state::AppState;

/// The server address in the document, replaced by the base URL of the site.
const SERVER: &str = "https://www.example.com/reset";
const DOCUMENT: &str = include_str!("openapi.json");

pub(crate) fn show(state: &AppState) -> Response {
    let document = DOCUMENT.replace(SERVER, state.reset.site().base_url());
    respond::with_type(StatusCode::OK, "application/json", document.into())
}
