//! "This was not me": a ticked box and a press.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{CancelError, CancelToken};

use super::sure;
use crate::failure::Failure;
use crate::pages::{CancelPage, CancelledPage, SureProblem};
use crate::shared::{Shared, State};
use crate::visit::Visit;

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&web, Visit::of(&web, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (visit, token) = sure::read(&web, request, CancelToken::parse).await?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return page(&web, visit, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)),
    };
    match web.reset.cancel(&token).await {
        Ok(()) => visit.plain_page(&web, "/cancel", |shell| CancelledPage { shell }.render()),
        // Nothing was cancelled; whoever pressed must not believe that it was.
        Err(CancelError::Refused) => visit.expired(&web),
        Err(error) => Err(error.into()),
    }
}

fn page(web: &Shared, mut visit: Visit, status: StatusCode, problem: Option<SureProblem>) -> Result<Response, Failure> {
    visit.reset = None;
    // What was posted is a secret, and no answer holds one (R39): it must be pasted, or the link opened, again.
    visit.page(web, status, "/cancel", |shell| CancelPage { shell, problem }.render())
}
