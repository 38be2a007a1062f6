//! Where the ways through the pages end.

use axum::extract::{Request, State as FromState};
use axum::response::Response;

use crate::failure::Failure;
use crate::pages::{DonePage, ExpiredPage};
use crate::shared::State;
use crate::visit::Visit;

pub(crate) async fn done(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    Visit::of(&web, &parts)?.plain_page(&web, "/done", |shell| DonePage { shell }.render())
}

pub(crate) async fn expired(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    Visit::of(&web, &parts)?.plain_page(&web, "/expired", |shell| ExpiredPage { shell }.render())
}
