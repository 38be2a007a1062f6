//! `POST /api/password`: sets the password with a grant.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::secret::GrantToken;
use password_reset::{NewPassword, Proof};
use serde::{Deserialize, Serialize};

use super::json::{JsonRequest, given, time};
use crate::failure::Failure;
use crate::respond;
use crate::state::SharedState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasswordRequest {
    grant: String,
    password: String,
    #[serde(default, deserialize_with = "given")]
    again: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    at: String,
}

pub(crate) async fn post(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let typed = JsonRequest::<NewPasswordRequest>::read_own(&state, request).await?.body;
    let token = GrantToken::parse(&typed.grant)?;
    let new = match typed.again {
        Some(again) => NewPassword::confirmed(typed.password, again),
        None => NewPassword::new(typed.password),
    };
    let grant = state.reset.verify(Proof::Grant(token)).await?;
    let set = state.reset.set_password(grant, new).await?;
    respond::json(StatusCode::OK, &Answer { at: time(set.at) })
}
