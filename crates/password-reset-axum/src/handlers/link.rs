//! The page that the link of a message opens. The secret is in the fragment, so only the form posts it here (R50–R53).

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::secret::LinkToken;
use password_reset::{Proof, VerifyError};

use crate::failure::Failure;
use crate::pages::{LinkPage, LinkProblem};
use crate::pasted::secret_in_link;
use crate::request_context::{Form, RequestContext};
use crate::state::{AppState, SharedState};

pub(crate) async fn show(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&state, RequestContext::new(&state, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let form = Form::read(&state, request, &["link"]).await?;
    let secret = secret_in_link(form.fields.get("link")?, "/link", |secret| LinkToken::parse(secret).ok());
    let Some(link) = secret else {
        return page(&state, form.context, StatusCode::UNPROCESSABLE_ENTITY, Some(LinkProblem::Unreadable));
    };
    match state.reset.verify(Proof::Link(link)).await {
        Ok(grant) => form.context.granted(&state, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.context.partially_proved(&state, *partial_grant),
        Err(VerifyError::Refused) => form.context.expired(&state),
        Err(error) => Err(error.into()),
    }
}

fn page(
    state: &AppState,
    mut context: RequestContext,
    status: StatusCode,
    problem: Option<LinkProblem>,
) -> Result<Response, Failure> {
    context.reset = None;
    context.page(state, status, "/link", |templates, layout| templates.link(&LinkPage { layout, problem }))
}
