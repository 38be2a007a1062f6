//! Where the link of a message lands. The secret is in the fragment: only the form brings it here (R50–R53).

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{LinkToken, Proof, VerifyError};

use super::secret_of;
use crate::failure::Failure;
use crate::form::Form;
use crate::pages::{LinkPage, LinkProblem};
use crate::shared::{Shared, State};
use crate::visit::Visit;

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&web, Visit::of(&web, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let form = Form::read(&web, request, &["link"]).await?;
    let Ok(link) = LinkToken::parse(secret_of(form.fields.get("link")?)) else {
        return page(&web, form.visit, StatusCode::UNPROCESSABLE_ENTITY, Some(LinkProblem::Unreadable));
    };
    match web.reset.verify(Proof::Link(link)).await {
        Ok(grant) => form.visit.granted(&web, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.visit.partially_proved(&web, *partial_grant),
        Err(VerifyError::Refused) => form.visit.expired(&web),
        Err(error) => Err(error.into()),
    }
}

fn page(web: &Shared, mut visit: Visit, status: StatusCode, problem: Option<LinkProblem>) -> Result<Response, Failure> {
    visit.reset = None;
    visit.page(web, status, "/link", |shell| LinkPage { shell, problem }.render())
}
