//! `GET /api/openapi.json`: what this API is (OpenAPI 3.1).

use axum::body::Body;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use axum::response::Response;

use crate::cookies::SetCookies;
use crate::respond;
use crate::shared::State;

/// Where the document says that the server is.
const SERVER: &str = "https://www.example.com/reset";
const DOCUMENT: &str = include_str!("openapi.json");

pub(crate) async fn show(FromState(web): State) -> Response {
    let document = DOCUMENT.replace(SERVER, web.reset.site().base_url());
    respond::with_type(StatusCode::OK, "application/json", Body::from(document), SetCookies::default())
}
