//! The step-up page: the second proof, a code that was sent to another contact, or a factor of the application's own.

use password_reset::secret::PartialGrantToken;
use password_reset::{PartialGrant, VerifyError};

use crate::failure::Failure;
use crate::pages::{StepUpPage, StepUpProblem};
use crate::request_context::{Form, Posted, RequestContext};
use crate::respond::Response;
use crate::state::AppState;
use crate::step_up::{StepUpResult, verify};

pub(crate) async fn show(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    let Some(name) = context.reset.clone() else { return context.expired(state) };
    // This browser has proved it already, perhaps in another tab.
    if context.jar.grant(&name).is_some() {
        return context.redirect_within_reset(state, "/new");
    }
    let Some(token) = context.jar.partial_grant(&name) else { return context.without_cookie(state, "/step-up") };
    let problem = match context.problem.as_deref() {
        Some("unreadable") => Some(StepUpProblem::Unreadable),
        Some("wrong") => Some(StepUpProblem::Wrong),
        _ => None,
    };
    let Some(partial_grant) = load(state, token).await? else { return context.over(state) };
    let (wants, attempts_left) = (partial_grant.wants(), partial_grant.attempts_left());
    let seconds_left = state.left(partial_grant.until()).as_secs();
    context.page(state, "/step-up", |templates, layout| {
        templates.step_up(&StepUpPage { layout, wants, seconds_left, attempts_left, problem })
    })
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let form = Form::read(posted, &["code"])?;
    let typed = form.fields.get("code")?;
    let Some(name) = form.context.reset.clone() else { return form.context.expired(state) };
    // The browser sent the form twice, and the first one was right.
    if form.context.jar.grant(&name).is_some() {
        return form.context.redirect_within_reset(state, "/new");
    }
    let Some(token) = form.context.jar.partial_grant(&name) else {
        return form.context.without_cookie(state, "/step-up");
    };
    let Some(partial_grant) = load(state, token).await? else { return form.context.over(state) };
    let problem = match verify(&state.reset, state.factor.as_deref(), partial_grant, typed).await? {
        StepUpResult::Granted(grant) => return form.context.granted(state, grant),
        StepUpResult::Unreadable => "unreadable",
        StepUpResult::Wrong => "wrong",
    };
    form.context.again(state, "/step-up", problem)
}

async fn load(state: &AppState, token: PartialGrantToken) -> Result<Option<PartialGrant>, Failure> {
    match state.reset.partial_grant(token).await {
        Ok(partial_grant) => Ok(Some(partial_grant)),
        Err(VerifyError::Refused) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
