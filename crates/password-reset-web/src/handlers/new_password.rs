//! "Create New Password".

use password_reset::policy::{RuleKind, Violations};
use password_reset::{Grant, NewPassword, Proof, SetPasswordError, VerifyError};

use crate::failure::Failure;
use crate::pages::{NewPasswordPage, NewPasswordProblem};
use crate::request_context::{Form, Posted, RequestContext};
use crate::respond::{self, Response};
use crate::state::AppState;

pub(crate) async fn show(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    let Some(name) = context.reset.clone() else { return context.expired(state) };
    let Some(token) = context.jar.grant(&name) else { return context.without_cookie(state, "/new") };
    match state.reset.verify(Proof::Grant(token)).await {
        Ok(grant) => {
            let problem = context.problem.take().unwrap_or_default();
            let violations = Violations::from_query(&problem, state.reset.policy());
            page(state, context, &grant, &violations, None)
        }
        Err(VerifyError::Refused) => context.over(state),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let Form { mut context, fields } = Form::read(posted, &["username", "password", "again"])?;
    let password = fields.get("password")?;
    let new = match fields.find("again") {
        Some(again) if state.reset.policy().has(RuleKind::Confirmed) => NewPassword::confirmed(password, again),
        _ => NewPassword::new(password),
    };
    let new = new.from_device(&context.device(state).unwrap_or_default());
    let Some(name) = context.reset.clone() else { return context.expired(state) };
    let Some(token) = context.jar.grant(&name) else { return context.without_cookie(state, "/new") };
    let grant = match state.reset.verify(Proof::Grant(token)).await {
        Ok(grant) => grant,
        Err(VerifyError::Refused) => return context.over(state),
        Err(error) => return Err(error.into()),
    };
    match state.reset.set_password(grant, new).await {
        Ok(_set) => {
            context.cookies.forget(state.cookies, &name);
            context.redirect(state, "/done")
        }
        Err(SetPasswordError::Refused) => context.over(state),
        Err(SetPasswordError::Rejected { violations, .. }) => context.again(state, "/new", &violations.to_query()),
        Err(SetPasswordError::Busy { retry_after, grant }) => {
            let busy = Failure::Busy(retry_after);
            let mut response = page(state, context, &grant, &Violations::default(), Some(NewPasswordProblem::Busy))?;
            *response.status_mut() = busy.status();
            respond::retry_after(&mut response, busy.retry_after().unwrap_or(1));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn page(
    state: &AppState,
    context: RequestContext,
    grant: &Grant,
    violations: &Violations,
    problem: Option<NewPasswordProblem>,
) -> Result<Response, Failure> {
    let (policy, username) = (state.reset.policy(), grant.identifier().as_str());
    let seconds_left = state.left(grant.until()).as_secs();
    context.page(state, "/new", |templates, layout| {
        templates.new_password(&NewPasswordPage { layout, username, policy, violations, problem, seconds_left })
    })
}
