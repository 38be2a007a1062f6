//! "This was not me": a ticked box and a press cancel the request.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::CancelError;
use password_reset::secret::CancelToken;

use super::confirm;
use crate::failure::Failure;
use crate::pages::{CancelPage, CancelledPage, ConfirmProblem, ExpiredPurpose};
use crate::request_context::RequestContext;
use crate::state::{AppState, SharedState};

pub(crate) async fn show(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let context = RequestContext::new(&state, &parts)?;
    let problem = context.problem.as_deref().map(confirm::problem);
    page(&state, context, problem)
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (context, token) = confirm::read(&state, request, "/cancel", CancelToken::parse).await?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return context.again(&state, "/cancel", confirm::code(problem)),
    };
    match state.reset.cancel(&token).await {
        Ok(()) => context.redirect(&state, "/cancelled"),
        // Nothing was cancelled, and the page must not say that it was.
        Err(CancelError::Refused) => context.redirect(&state, ExpiredPurpose::Cancel.path()),
        Err(error) => Err(error.into()),
    }
}

/// The request is cancelled.
pub(crate) async fn cancelled(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    RequestContext::new(&state, &parts)?
        .plain_page(&state, "/cancelled", |templates, layout| templates.cancelled(&CancelledPage { layout }))
}

fn page(state: &AppState, mut context: RequestContext, problem: Option<ConfirmProblem>) -> Result<Response, Failure> {
    context.reset = None;
    // No answer holds a posted secret (R39), so the user must paste or open the link again.
    context
        .page(state, StatusCode::OK, "/cancel", |templates, layout| templates.cancel(&CancelPage { layout, problem }))
}
