//! "I did not change this password": a ticked box and a press lock the account.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::LockError;
use password_reset::secret::LockToken;

use super::confirm;
use crate::failure::Failure;
use crate::pages::{ConfirmProblem, LockPage, LockedPage};
use crate::request_context::RequestContext;
use crate::start;
use crate::state::{AppState, SharedState};

pub(crate) async fn show(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&state, RequestContext::new(&state, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (context, token) = confirm::read(&state, request, "/lock", LockToken::parse).await?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return page(&state, context, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)),
    };
    match state.reset.lock(&token).await {
        Ok(locked) => {
            let methods = start::methods_by(&state, &locked.channels);
            context.plain_page(&state, "/lock", |templates, layout| {
                templates.locked(&LockedPage { layout, methods: &methods })
            })
        }
        // Nothing was locked, and the page must not say that it was.
        Err(LockError::Refused) => context.expired(&state),
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
    context.page(state, status, "/lock", |templates, layout| templates.lock(&LockPage { layout, problem }))
}
