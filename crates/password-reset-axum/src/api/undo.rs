//! `POST /api/undo`: "I did not change this password".

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::UndoToken;
use serde::{Deserialize, Serialize};

use super::json::Sent;
use crate::failure::Failure;
use crate::pages::Ask;
use crate::respond;
use crate::shared::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disowned {
    link: String,
}

#[derive(Serialize)]
struct Answer {
    ways: Vec<&'static str>,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let disowned = Sent::<Disowned>::read_own(&web, request).await?.body;
    let undone = web.reset.undo(&UndoToken::parse(&disowned.link)?).await?;
    let ways = web.ways_by(&undone.channels).into_iter().map(Ask::code).collect();
    respond::json(StatusCode::OK, &Answer { ways })
}
