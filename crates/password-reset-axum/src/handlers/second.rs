//! The second of two proofs: a code that went to another contact, or a factor of the application's own.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{PartialGrant, PartialGrantToken, VerifyError};

use crate::failure::Failure;
use crate::form::Form;
use crate::pages::{SecondPage, SecondProblem};
use crate::second::{Second, bring, copy};
use crate::shared::{Shared, State};
use crate::visit::Visit;

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let mut visit = Visit::of(&web, &parts)?;
    let Some(name) = visit.reset.clone() else { return visit.expired(&web) };
    // It was brought in this browser, perhaps in another tab.
    if visit.jar.has_grant(&name) {
        return visit.go_on(&web, "/new");
    }
    let Some(token) = visit.jar.partial_grant(&name) else { return visit.expired(&web) };
    page(&web, visit, token, StatusCode::OK, None).await
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &["code"]).await?;
    let typed = form.fields.get("code")?;
    let Some(name) = form.visit.reset.clone() else { return form.visit.expired(&web) };
    // The form was sent twice, and the first time it was right.
    if form.visit.jar.has_grant(&name) {
        return form.visit.go_on(&web, "/new");
    }
    let Some(token) = form.visit.jar.partial_grant(&name) else { return form.visit.expired(&web) };
    let Some(partial_grant) = look(&web, copy(&token)?).await? else { return form.visit.over(&web) };
    let problem = match bring(&web, partial_grant, typed).await? {
        Second::Right(grant) => return form.visit.granted(&web, grant),
        Second::Unreadable => SecondProblem::Unreadable,
        Second::Wrong => SecondProblem::Wrong,
    };
    page(&web, form.visit, token, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)).await
}

async fn look(web: &Shared, token: PartialGrantToken) -> Result<Option<PartialGrant>, Failure> {
    match web.reset.partial_grant(token).await {
        Ok(partial_grant) => Ok(Some(partial_grant)),
        Err(VerifyError::Refused) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Shared,
    visit: Visit,
    token: PartialGrantToken,
    status: StatusCode,
    problem: Option<SecondProblem>,
) -> Result<Response, Failure> {
    let Some(partial_grant) = look(web, token).await? else { return visit.over(web) };
    let (wants, attempts_left) = (partial_grant.wants(), partial_grant.attempts_left());
    let seconds_left = web.left(partial_grant.until()).as_secs();
    visit.page(web, status, "/second", |shell| {
        SecondPage { shell, wants, seconds_left, attempts_left, problem }.render()
    })
}
