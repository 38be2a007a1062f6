//! Paths that are nearly those of a page: with a slash at the end, or of a link that came back rewritten.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use super::{cancel, link, lock};
use crate::cookies::SetCookies;
use crate::failure::Failure;
use crate::paths::PATHS;
use crate::respond;
use crate::state::SharedState;

/// Mail filters encode the `#` of a link, so that it and the secret stand in the path. Everything below a page with a
/// secret is that page; its script takes the secret out of the address bar.
pub(crate) async fn find(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) || path.starts_with("/api/") {
        return Err(Failure::NotFound);
    }
    let plain = path.trim_end_matches('/');
    let is_page = |(page, methods): &(&str, &str)| *page == plain && methods.starts_with("GET");
    if plain.is_empty() || (plain != path && PATHS.iter().any(is_page)) {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        return respond::redirect(&format!("{}{query}", state.theme.url(plain)), SetCookies::default());
    }
    let below = |page: &str| path.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page));
    if below("/link") {
        link::show(State(state), request).await
    } else if below("/cancel") {
        cancel::show(State(state), request).await
    } else if below("/lock") {
        lock::show(State(state), request).await
    } else {
        Err(Failure::NotFound)
    }
}
