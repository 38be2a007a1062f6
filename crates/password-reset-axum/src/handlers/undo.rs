//! "I did not change this password": a ticked box and a press freeze the account.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{UndoError, UndoToken};

use super::sure;
use crate::failure::Failure;
use crate::pages::{SureProblem, UndoPage, UndonePage};
use crate::shared::{Shared, State};
use crate::visit::Visit;

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    page(&web, Visit::of(&web, &parts)?, StatusCode::OK, None)
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (visit, token) = sure::read(&web, request, UndoToken::parse).await?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return page(&web, visit, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)),
    };
    match web.reset.undo(&token).await {
        Ok(undone) => {
            let ways = web.ways_by(&undone.channels);
            visit.plain_page(&web, "/undo", |shell| UndonePage { shell, ways: &ways }.render())
        }
        // Nothing was frozen; whoever pressed must not believe that it was.
        Err(UndoError::Refused) => visit.expired(&web),
        Err(error) => Err(error.into()),
    }
}

fn page(web: &Shared, mut visit: Visit, status: StatusCode, problem: Option<SureProblem>) -> Result<Response, Failure> {
    visit.reset = None;
    visit.page(web, status, "/undo", |shell| UndoPage { shell, problem }.render())
}
