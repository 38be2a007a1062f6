//! The pages on which a reset ends.

use axum::extract::{Request, State};
use axum::response::Response;

use crate::failure::Failure;
use crate::pages::{DonePage, ExpiredPage, ExpiredPurpose};
use crate::request_context::{RequestContext, query};
use crate::state::SharedState;

pub(crate) async fn done(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    RequestContext::new(&state, &parts)?
        .plain_page(&state, "/done", |templates, layout| templates.done(&DonePage { layout }))
}

pub(crate) async fn expired(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let purpose = ExpiredPurpose::from_query(query(&parts.uri, "of").as_deref());
    RequestContext::new(&state, &parts)?
        .plain_page(&state, purpose.path(), |templates, layout| templates.expired(&ExpiredPage { layout, purpose }))
}
