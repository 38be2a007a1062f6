//! "This was not me": a ticked box and a press cancel the request.

use password_reset::CancelError;
use password_reset::secret::CancelToken;

use super::confirm;
use crate::failure::Failure;
use crate::pages::{CancelPage, CancelledPage, ExpiredPurpose};
use crate::request_context::{Posted, RequestContext};
use crate::respond::Response;
use crate::state::AppState;

pub(crate) fn show(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    let problem = context.problem.as_deref().map(confirm::problem);
    context.reset = None;
    // No answer holds a posted secret, so the user must paste or open the link again.
    context.page(state, "/cancel", |templates, layout| templates.cancel(&CancelPage { layout, problem }))
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let (context, token) = confirm::read(state, posted, "cancel", CancelToken::parse)?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return context.again(state, "/cancel", confirm::code(problem)),
    };
    match state.reset.cancel(&token).await {
        Ok(()) => context.redirect(state, "/cancelled"),
        // Nothing was cancelled, and the page must not say that it was.
        Err(CancelError::Refused) => context.redirect(state, ExpiredPurpose::Cancel.path()),
        Err(error) => Err(error.into()),
    }
}

/// The request is cancelled.
pub(crate) fn cancelled(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    context.plain_page(state, "/cancelled", |templates, layout| templates.cancelled(&CancelledPage { layout }))
}
