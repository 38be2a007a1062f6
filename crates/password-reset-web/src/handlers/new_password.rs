//! "Create New Password".

use http::StatusCode;
use password_reset::policy::{RuleKind, Violations};
use password_reset::{NewPassword, Proof, SetPasswordError, VerifyError};

use crate::failure::Failure;
use crate::pages::{NewPasswordPage, NewPasswordProblem};
use crate::request_context::{Form, Posted, RequestContext};
use crate::respond::{self, Response};
use crate::state::AppState;

/// What the page shows of a grant.
struct Shown {
    username: String,
    seconds_left: u64,
}

pub(crate) async fn show(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    let Some(name) = context.reset.clone() else { return context.expired(state) };
    let Some(token) = context.jar.grant(&name) else { return context.without_cookie(state, "/new") };
    match state.reset.verify(Proof::Grant(token)).await {
        Ok(grant) => {
            let shown = shown(state, &grant);
            let problem = context.problem.take().unwrap_or_default();
            let violations = Violations::from_query(&problem, state.reset.policy());
            page(state, context, StatusCode::OK, &shown, &violations, None)
        }
        Err(VerifyError::Refused) => context.over(state),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let mut form = Form::read(posted, &["username", "password", "again"])?;
    let password = form.fields.get("password")?;
    let new = match form.fields.find("again") {
        Some(again) if state.reset.policy().has(RuleKind::Confirmed) => NewPassword::confirmed(password, again),
        _ => NewPassword::new(password),
    };
    let new = new.from_device(&form.context.device(state).unwrap_or_default());
    let Some(name) = form.context.reset.clone() else { return form.context.expired(state) };
    let Some(token) = form.context.jar.grant(&name) else { return form.context.without_cookie(state, "/new") };
    let grant = match state.reset.verify(Proof::Grant(token)).await {
        Ok(grant) => grant,
        Err(VerifyError::Refused) => return form.context.over(state),
        Err(error) => return Err(error.into()),
    };
    let shown = shown(state, &grant);
    let mut context = form.context;
    match state.reset.set_password(grant, new).await {
        Ok(_set) => {
            context.cookies.forget(state.cookies, &name);
            context.redirect(state, "/done")
        }
        Err(SetPasswordError::Refused) => context.over(state),
        Err(SetPasswordError::Rejected { violations, .. }) => context.again(state, "/new", &violations.to_query()),
        Err(SetPasswordError::Busy { retry_after, .. }) => {
            let busy = Failure::Busy(retry_after);
            let problem = Some(NewPasswordProblem::Busy);
            let mut response = page(state, context, busy.status(), &shown, &Violations::default(), problem)?;
            respond::retry_after(&mut response, busy.retry_after().unwrap_or(1));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn shown(state: &AppState, grant: &password_reset::Grant) -> Shown {
    Shown { username: grant.identifier().as_str().to_owned(), seconds_left: state.left(grant.until()).as_secs() }
}

fn page(
    state: &AppState,
    context: RequestContext,
    status: StatusCode,
    shown: &Shown,
    violations: &Violations,
    problem: Option<NewPasswordProblem>,
) -> Result<Response, Failure> {
    let policy = state.reset.policy();
    context.page(state, status, "/new", |templates, layout| {
        let (username, seconds_left) = (shown.username.as_str(), shown.seconds_left);
        templates.new_password(&NewPasswordPage { layout, username, policy, violations, problem, seconds_left })
    })
}
