//! "This was not me": a ticked box and a press cancel the request.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::CancelError;
use password_reset::secret::CancelToken;

use super::confirm;
use crate::failure::Failure;
use crate::pages::{CancelPage, CancelledPage, ConfirmProblem};
use crate::request_context::RequestContext;
use crate::state::{AppState, SharedState};

pub(crate) async fn show(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&state, RequestContext::new(&state, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (context, token) = confirm::read(&state, request, "/cancel", CancelToken::parse).await?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return page(&state, context, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)),
    };
    match state.reset.cancel(&token).await {
        Ok(()) => {
            context.plain_page(&state, "/cancel", |templates, layout| templates.cancelled(&CancelledPage { layout }))
        }
        // Nothing was cancelled, and the page must not say that it was.
        Err(CancelError::Refused) => context.expired(&state),
        Err(error) => Err(error.into()),
    }
}

fn page(
    state: &AppState,
    mut context: RequestContext,
    status: StatusCode,
    problem: Option<ConfirmProblem>,
) -> Result<Response, Failure> {
    context.reset = None;
    // No answer holds a posted secret (R39), so the user must paste or open the link again.
    context.page(state, status, "/cancel", |templates, layout| templates.cancel(&CancelPage { layout, problem }))
}
