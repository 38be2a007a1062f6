//! "Create new password".

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{NewPassword, Proof, RuleKind, SetPasswordError, VerifyError, Violations};

use crate::failure::Failure;
use crate::form::Form;
use crate::pages::{NewPasswordPage, NewPasswordProblem};
use crate::respond;
use crate::shared::{Shared, State};
use crate::visit::Visit;

/// What a page shows of a grant.
struct Shown {
    username: String,
    seconds_left: u64,
}

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let mut visit = Visit::of(&web, &parts)?;
    let Some(name) = visit.reset.clone() else { return visit.expired(&web) };
    let Some(token) = visit.jar.grant(&name) else { return visit.expired(&web) };
    match web.reset.verify(Proof::Grant(token)).await {
        Ok(grant) => {
            let shown = shown(&web, &grant);
            page(&web, visit, StatusCode::OK, &shown, &Violations::default(), None)
        }
        Err(VerifyError::Refused) => visit.over(&web),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &["username", "password", "again"]).await?;
    let password = form.fields.get("password")?;
    let new = match form.fields.find("again") {
        Some(again) if web.reset.policy().has(RuleKind::Confirmed) => NewPassword::confirmed(password, again),
        _ => NewPassword::new(password),
    };
    let Some(name) = form.visit.reset.clone() else { return form.visit.expired(&web) };
    let Some(token) = form.visit.jar.grant(&name) else { return form.visit.expired(&web) };
    let grant = match web.reset.verify(Proof::Grant(token)).await {
        Ok(grant) => grant,
        Err(VerifyError::Refused) => return form.visit.over(&web),
        Err(error) => return Err(error.into()),
    };
    let shown = shown(&web, &grant);
    let mut visit = form.visit;
    match web.reset.set_password(grant, new).await {
        Ok(_set) => {
            visit.cookies.forget(web.cookies, &name);
            visit.go(&web, "/done")
        }
        Err(SetPasswordError::Refused) => visit.over(&web),
        Err(SetPasswordError::Rejected { violations, .. }) => {
            page(&web, visit, StatusCode::UNPROCESSABLE_ENTITY, &shown, &violations, None)
        }
        Err(SetPasswordError::Busy { retry_after, .. }) => {
            let busy = Failure::Busy(retry_after);
            let problem = Some(NewPasswordProblem::Busy);
            let mut response = page(&web, visit, busy.status(), &shown, &Violations::default(), problem)?;
            respond::retry_after(&mut response, busy.retry_after().unwrap_or(1));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn shown(web: &Shared, grant: &password_reset::Grant) -> Shown {
    Shown { username: grant.identifier().as_str().to_owned(), seconds_left: web.left(grant.until()).as_secs() }
}

fn page(
    web: &Shared,
    visit: Visit,
    status: StatusCode,
    shown: &Shown,
    violations: &Violations,
    problem: Option<NewPasswordProblem>,
) -> Result<Response, Failure> {
    let policy = web.reset.policy();
    visit.page(web, status, "/new", |shell| {
        let (username, seconds_left) = (shown.username.as_str(), shown.seconds_left);
        NewPasswordPage { shell, username, policy, violations, problem, seconds_left }.render()
    })
}
