//! `POST /api/lock`: "I did not change this password".

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::LockToken;
use serde::{Deserialize, Serialize};

use super::json::Sent;
use crate::failure::Failure;
use crate::pages::Ask;
use crate::respond;
use crate::shared::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockRequested {
    link: String,
}

#[derive(Serialize)]
struct Answer {
    ways: Vec<&'static str>,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let lock_requested = Sent::<LockRequested>::read_own(&web, request).await?.body;
    let locked = web.reset.lock(&LockToken::parse(&lock_requested.link)?).await?;
    let ways = web.ways_by(&locked.channels).into_iter().map(Ask::code).collect();
    respond::json(StatusCode::OK, &Answer { ways })
}
