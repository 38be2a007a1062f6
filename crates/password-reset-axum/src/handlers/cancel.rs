//! "This was not me": a ticked box and a press.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{CancelError, CancelToken};

use super::secret_of;
use crate::failure::Failure;
use crate::form::Form;
use crate::pages::{CancelPage, CancelProblem, CancelledPage};
use crate::visit::Visit;
use crate::web::{Shared, State};

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&web, Visit::of(&web, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let form = Form::read(&web, request, &["link", "sure"]).await?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(token) = CancelToken::parse(secret_of(form.fields.get("link")?)) else {
        return page(&web, form.visit, unprocessable, Some(CancelProblem::Unreadable));
    };
    if form.fields.find("sure") != Some("yes") {
        return page(&web, form.visit, unprocessable, Some(CancelProblem::NotTicked));
    }
    match web.reset.cancel(&token).await {
        Ok(()) => form.visit.plain_page(&web, "/cancel", |shell| CancelledPage { shell }.render()),
        // Nothing was cancelled; whoever pressed must not believe that it was.
        Err(CancelError::Refused) => form.visit.expired(&web),
        Err(error) => Err(error.into()),
    }
}

fn page(
    web: &Shared,
    mut visit: Visit,
    status: StatusCode,
    problem: Option<CancelProblem>,
) -> Result<Response, Failure> {
    visit.reset = None;
    // What was posted is a secret, and no answer holds one (R39): it must be pasted, or the link opened, again.
    visit.page(web, status, "/cancel", |shell| CancelPage { shell, problem }.render())
}
