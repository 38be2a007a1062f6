//! The pages on which a reset ends.

use crate::failure::Failure;
use crate::pages::{DonePage, ExpiredPage, ExpiredPurpose};
use crate::request_context::RequestContext;
use crate::respond::Response;
use crate::state::AppState;

pub(crate) fn done(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    context.plain_page(state, "/done", |templates, layout| templates.done(&DonePage { layout }))
}

pub(crate) fn expired(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    let purpose = ExpiredPurpose::from_query(context.query("of").as_deref());
    context.plain_page(state, purpose.path(), |templates, layout| templates.expired(&ExpiredPage { layout, purpose }))
}
