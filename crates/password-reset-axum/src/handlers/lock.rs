//! "I did not change this password": a ticked box and a press freeze the account.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{LockError, LockToken};

use super::sure;
use crate::failure::Failure;
use crate::pages::{LockPage, LockedPage, SureProblem};
use crate::shared::{Shared, State};
use crate::visit::Visit;

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&web, Visit::of(&web, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (visit, token) = sure::read(&web, request, LockToken::parse).await?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return page(&web, visit, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)),
    };
    match web.reset.lock(&token).await {
        Ok(locked) => {
            let ways = web.ways_by(&locked.channels);
            visit.plain_page(&web, "/lock", |shell| LockedPage { shell, ways: &ways }.render())
        }
        // Nothing was frozen; whoever pressed must not believe that it was.
        Err(LockError::Refused) => visit.expired(&web),
        Err(error) => Err(error.into()),
    }
}

fn page(web: &Shared, mut visit: Visit, status: StatusCode, problem: Option<SureProblem>) -> Result<Response, Failure> {
    visit.reset = None;
    visit.page(web, status, "/lock", |shell| LockPage { shell, problem }.render())
}
