//! `POST /api/password`: setting the password with a grant.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{GrantToken, NewPassword, Proof};
use serde::{Deserialize, Serialize};

use super::json::{Sent, given, time};
use crate::failure::Failure;
use crate::respond;
use crate::shared::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    grant: String,
    password: String,
    #[serde(default, deserialize_with = "given")]
    again: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    at: String,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let typed = Sent::<Typed>::read_own(&web, request).await?.body;
    let token = GrantToken::parse(&typed.grant)?;
    let new = match typed.again {
        Some(again) => NewPassword::confirmed(typed.password, again),
        None => NewPassword::new(typed.password),
    };
    let grant = web.reset.verify(Proof::Grant(token)).await?;
    let set = web.reset.set_password(grant, new).await?;
    respond::json(StatusCode::OK, &Answer { at: time(set.at) })
}
