//! Paths that are nearly those of a page: with a slash at the end, or of a link that came back rewritten.

use http::Method;

use super::{cancel, link, lock};
use crate::cookies::SetCookies;
use crate::failure::Failure;
use crate::paths::PATHS;
use crate::request_context::RequestContext;
use crate::respond::{self, Response};
use crate::state::AppState;

/// Mail filters encode the `#` of a link, so that it and the secret stand in the path. Everything below a page with a
/// secret is that page; its script takes the secret out of the address bar.
pub(crate) fn find(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    let path = context.head.uri.path();
    if !matches!(context.head.method, Method::GET | Method::HEAD) || path.starts_with("/api/") {
        return Err(Failure::NotFound);
    }
    let plain = path.trim_end_matches('/');
    let is_page = |(page, methods): &(&str, &str)| *page == plain && methods.starts_with("GET");
    if plain.is_empty() || (plain != path && PATHS.iter().any(is_page)) {
        let query = context.head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return respond::redirect(&format!("{}{query}", state.theme.url(plain)), SetCookies::default());
    }
    let below = |page: &str| path.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page));
    if below("/link") {
        link::show(state, context)
    } else if below("/cancel") {
        cancel::show(state, context)
    } else if below("/lock") {
        lock::show(state, context)
    } else {
        Err(Failure::NotFound)
    }
}
