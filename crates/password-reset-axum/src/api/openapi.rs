//! `GET /api/openapi.json`: describes this API (OpenAPI 3.1).

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::cookies::SetCookies;
use crate::respond;
use crate::state::SharedState;

/// The server address in the document, replaced by the base URL of the site.
const SERVER: &str = "https://www.example.com/reset";
const DOCUMENT: &str = include_str!("openapi.json");

pub(crate) async fn show(State(state): State<SharedState>) -> Response {
    let document = DOCUMENT.replace(SERVER, state.reset.site().base_url());
    respond::with_type(StatusCode::OK, "application/json", Body::from(document), SetCookies::default())
}
