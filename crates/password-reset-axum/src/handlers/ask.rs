//! "Forgot password": naming the account.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::BadIdentifier;

use crate::asking;
use crate::cookies::ResetName;
use crate::failure::Failure;
use crate::form::Form;
use crate::pages::{Ask, AskPage, AskProblem};
use crate::shared::{Shared, State};
use crate::visit::{Visit, query};

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let visit = Visit::of(&web, &parts)?;
    let first = web.ways.first().copied().ok_or(Failure::ChannelOff)?;
    let named = query(&parts.uri, "by").as_deref().and_then(Ask::from_code);
    let chosen = named.filter(|way| web.ways.contains(way)).unwrap_or(first);
    page(&web, visit, StatusCode::OK, chosen, "", None)
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &["by", "identifier"]).await?;
    let way = Ask::from_code(form.fields.get("by")?).ok_or(Failure::Malformed)?;
    let typed = form.fields.get("identifier")?;
    let identifier = match asking::identify(&web, way, typed)? {
        Ok(identifier) => identifier,
        Err(wrong) => {
            let problem = if wrong == BadIdentifier::Empty { AskProblem::Empty } else { AskProblem::Unreadable };
            let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
            return page(&web, form.visit, unprocessable, way, typed, Some(problem));
        }
    };
    let visit = &mut form.visit;
    // The form that asks again names its reset; a form that was sent twice does not, and means the newest.
    let again = visit.requester_token().or_else(|| visit.jar.newest_requester_token());
    let asked = asking::ask(&web, way, identifier, visit.source, visit.locale, again).await?;
    visit.cookies.set_requester_token(&visit.jar, &asked.requester_token, web.left(asked.shown_until));
    visit.reset = Some(ResetName::of_requester_token(&asked.requester_token));
    form.visit.go_on(&web, "/wait")
}

fn page(
    web: &Shared,
    mut visit: Visit,
    status: StatusCode,
    chosen: Ask,
    typed: &str,
    problem: Option<AskProblem>,
) -> Result<Response, Failure> {
    visit.reset = None;
    let path = if web.ways.first() == Some(&chosen) { String::new() } else { format!("?by={}", chosen.code()) };
    let ways = &web.ways;
    visit.page(web, status, &path, |shell| AskPage { shell, ways, chosen, typed, problem }.render())
}
